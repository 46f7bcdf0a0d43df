// The cures that are none, measured: TCP_NODELAY, sleeping between sends, a bigger buffer. Each is tried
// on a receiver that does nothing else, and on one that works a little on what it received.
// Run it with `npx tsx examples/sticky/cures.ts`, with `--lang zh` in Chinese.

import type { Trial } from './cures/trial.ts';
import { Claims } from '../support/claims.ts';
import { compare, endsOf } from './stage/ends.ts';
import { pad, paint } from '../support/ink.ts';
import { conduct } from '../support/processes.ts';
import { Program } from './stage/programs.ts';
import { chooseWords } from './stage/words.ts';

const MESSAGES = 300;
const plain: Omit<Trial, 'work'> = {
  messages: MESSAGES,
  length: 100,
  noDelay: false,
  sleep: 0,
  recv: 1024,
};
const BIG = 1024 * 1024;
/** What the busy receiver does with what it received, in ms. */
const WORK_MS = 3;

const { cures: words } = chooseWords(process.argv.slice(2), process.env);
const cures: readonly [name: string, trial: Omit<Trial, 'work'>][] = [
  [words.nothing, plain],
  ['TCP_NODELAY', { ...plain, noDelay: true }],
  [words.sleep, { ...plain, sleep: 1 }],
  ['recv(1048576)', { ...plain, recv: BIG }],
  [words.allThree, { ...plain, noDelay: true, sleep: 1, recv: BIG }],
  ['unstick', { ...plain, recv: 0 }],
];

interface Result {
  readonly name: string;
  readonly isUnstick: boolean;
  /** What an idle, and what a busy receiver took for messages. */
  readonly idle: readonly number[];
  readonly busy: readonly number[];
}

async function measure(): Promise<Result[]> {
  const trials = cures.flatMap(([, trial]) => [
    { ...trial, work: 0 },
    { ...trial, work: WORK_MS },
  ]);
  const args = trials.map((trial) => JSON.stringify(trial));
  const receiver = new Program('cures/receiver.ts', args);
  const { port } = await receiver.next('ready');
  const sender = new Program('cures/sender.ts', [port, ...args]);
  const results: Result[] = [];
  for (const [name, { recv }] of cures) {
    const { lengths: idle } = await receiver.next('taken');
    const { lengths: busy } = await receiver.next('taken');
    results.push({ name, isUnstick: recv === 0, idle, busy });
  }
  await Promise.all([sender.end(), receiver.end()]);
  return results;
}

/** How many were exactly one message. */
function right(lengths: readonly number[]): number {
  return compare(endsOf(lengths), endsOf(Array(MESSAGES).fill(plain.length))).exact;
}

function cell(lengths: readonly number[]): string {
  const all = right(lengths) === MESSAGES && lengths.length === MESSAGES;
  const text = `${String(lengths.length).padStart(6)} ${String(right(lengths)).padStart(8)}`;
  return paint(all ? 'green' : 'red', text.padEnd(COLUMN));
}

const NAME = 26;
const COLUMN = 28;

function show(results: readonly Result[]): void {
  console.log(`${pad('', NAME)}${pad(words.idle, COLUMN)}${words.busy(WORK_MS)}`);
  const head = pad(` ${words.taken} ${words.right}`, COLUMN);
  console.log(paint('dim', `${pad(words.cure, NAME)}${head}${head}`));
  for (const { name, idle, busy } of results) {
    console.log(`${pad(name, NAME)}${cell(idle)}${cell(busy)}`);
  }
  console.log();
}

const claims = new Claims(cures.length, (line) => console.log(line));
await conduct(async () => {
  console.log(paint('bold', words.headline(MESSAGES, plain.length)));
  const results = await measure();
  show(results);
  for (const { name, isUnstick, idle, busy } of results) {
    if (isUnstick) claims.check(words.isCure(name), right(idle) + right(busy) === 2 * MESSAGES);
    else claims.check(words.isNone(name, right(busy), MESSAGES), right(busy) < MESSAGES);
  }
});
process.exitCode = claims.exitCode;
