// Measures cures for sticky packets: three that do not work (TCP_NODELAY, sleeping between sends, a bigger
// buffer), one that works only on one Linux machine (waiting until the receiver has read), and unstick. It
// tries each on a receiver that only receives, and on a receiver that works a little after each recv. Run it
// with `npx tsx examples/sticky/cures.ts`; `--lang zh` is in Chinese, `--messages 1000` sends more.

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Claims } from '../support/claims.ts';
import { pad, paint } from '../support/ink.ts';
import { conduct, startProcess } from '../support/processes.ts';
import { countOf, readArgs, runProgram } from '../support/program.ts';
import { hasPython } from '../support/python.ts';
import type { Trial } from './cures/trial.ts';
import { compare, endsOf } from './stage/ends.ts';
import { Program } from './stage/programs.ts';
import { chooseWords } from './stage/choose-words.ts';

const { messages: MESSAGES, words } = await runProgram(() => {
  const { values } = readArgs('Measures what the usual cures for sticky packets do.', {
    options: { messages: { type: 'string', default: '300' }, lang: { type: 'string' } },
  });
  const { cures: ofCures } = chooseWords(values.lang, process.env);
  return { messages: countOf('messages', values.messages), words: ofCures };
});
const plain: Omit<Trial, 'work'> = {
  messages: MESSAGES,
  length: 100,
  noDelay: false,
  sleep: 0,
  gate: false,
  recv: 1024,
};
const BIG = 1024 * 1024;
/** Time in ms that the busy receiver works after each recv. */
const WORK_MS = 3;

interface Cure {
  readonly name: string;
  readonly trial: Omit<Trial, 'work'>;
  /**
   * What the trial shows: `none`: this is no cure; `here`: it works on this machine only; `cure`: it works.
   */
  readonly kind: 'none' | 'here' | 'cure';
  readonly by: 'node' | 'python';
}

function cure(name: string, trial: Partial<Trial>, kind: Cure['kind'] = 'none'): Cure {
  return { name, trial: { ...plain, ...trial }, kind, by: 'node' };
}

/** The trials whose sender is a program in Python. */
const byPython: readonly Cure[] = [
  { ...cure(words.python, {}), by: 'python' },
  { ...cure(words.pythonNoDelay, { noDelay: true }), by: 'python' },
];
const onLinux = [cure(words.gate, { noDelay: true, gate: true }, 'here')];
const cures: readonly Cure[] = [
  cure(words.oneTick, { sleep: null }),
  cure(words.nothing, {}),
  cure('TCP_NODELAY', { noDelay: true }),
  cure(words.sleep, { sleep: 1 }),
  cure('recv(1048576)', { recv: BIG }),
  cure(words.allThree, { noDelay: true, sleep: 1, recv: BIG }),
  ...(process.platform === 'linux' ? onLinux : []),
  cure('unstick', { recv: 0 }, 'cure'),
  ...(hasPython ? byPython : []),
];

interface Result {
  readonly cure: Cure;
  /** Lengths of what the idle and the busy receiver took for messages. */
  readonly idle: readonly number[];
  readonly busy: readonly number[];
}

/** Tries all cures whose sender is in the language `by`, one connection after the other. */
async function measure(by: Cure['by']): Promise<Result[]> {
  const tried = cures.filter((one) => one.by === by);
  const trials = tried.flatMap(({ trial }) => [
    { ...trial, work: 0 },
    { ...trial, work: WORK_MS },
  ]);
  const texts = trials.map((trial) => JSON.stringify(trial));
  const receiver = new Program('cures/receiver.ts', texts);
  const { port } = await receiver.next('ready');
  const sent = by === 'node' ? sendByNode(port, texts) : sendByPython(port, texts);
  const [results] = await Promise.all([collect(receiver, tried), sent]);
  await receiver.end();
  return results;
}

async function collect(receiver: Program, tried: readonly Cure[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of tried) {
    const { lengths: idle } = await receiver.next('taken');
    const { lengths: busy } = await receiver.next('taken');
    results.push({ cure: one, idle, busy });
  }
  return results;
}

async function sendByNode(port: number, trials: readonly string[]): Promise<void> {
  await new Program('cures/sender.ts', [port, ...trials]).ended;
}

async function sendByPython(port: number, trials: readonly string[]): Promise<void> {
  const file = fileURLToPath(new URL('cures/sender.py', import.meta.url));
  const sender = startProcess('python3', [file, String(port), ...trials], { stdio: 'inherit' });
  const [code] = await once(sender, 'exit');
  if (code !== 0) {
    throw new Error(`cures/sender.py ended with ${code}`);
  }
}

/** Number of lengths that were exactly one message. */
function right(lengths: readonly number[]): number {
  return compare(endsOf(lengths), endsOf(Array(MESSAGES).fill(plain.length))).exact;
}

function cell(lengths: readonly number[]): string {
  const all = right(lengths) === MESSAGES && lengths.length === MESSAGES;
  const text = `${String(lengths.length).padStart(6)} ${String(right(lengths)).padStart(8)}`;
  return paint(all ? 'green' : 'red', text.padEnd(COLUMN));
}

const NAME = 36;
const COLUMN = 28;

function show(results: readonly Result[]): void {
  console.log(`${pad('', NAME)}${pad(words.idle, COLUMN)}${words.busy(WORK_MS)}`);
  const head = pad(` ${words.taken} ${words.right}`, COLUMN);
  console.log(paint('dim', `${pad(words.cure, NAME)}${head}${head}`));
  for (const { cure: one, idle, busy } of results) {
    console.log(`${pad(one.name, NAME)}${cell(idle)}${cell(busy)}`);
  }
  console.log();
}

/** Checks the claim of one cure. A cure that does not work shows it on the busy receiver. */
function judge(claims: Claims, { cure: { name, kind }, idle, busy }: Result): void {
  const all = right(idle) + right(busy) === 2 * MESSAGES;
  if (kind === 'none') {
    claims.check(words.isNone(name, right(busy), MESSAGES), right(busy) < MESSAGES);
  } else {
    claims.check(kind === 'here' ? words.isHere(name) : words.isCure(name), all);
  }
}

const claims = new Claims(cures.length, (line) => console.log(line));
await conduct(async () => {
  console.log(paint('bold', words.headline(MESSAGES, plain.length)));
  const results = [...(await measure('node')), ...(hasPython ? await measure('python') : [])];
  show(results);
  for (const result of results) {
    judge(claims, result);
  }
});
process.exitCode = claims.exitCode;
