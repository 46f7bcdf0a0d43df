// The command `unstick record`: makes a dialogue file, for `unstick prove --dialogue`, of a live connection
// through the proxy.

import { once } from 'node:events';
import type { Command } from 'commander';
import type { Passed } from '../chop/chop-options.ts';
import { chop } from '../chop/proxy.ts';
import { formatAddress } from '../deliver/address.ts';
import { follow } from '../prove/dialogue/follow.ts';
import type { Followed, Following } from '../prove/dialogue/follow.ts';
import { formatDialogue } from '../prove/dialogue/parse.ts';
import { printable, quantity } from '../text.ts';
import { MAX_SPOTS } from '../prove/dialogue/spots.ts';
import { dialogueOf } from '../prove/dialogue/transcript.ts';
import type { Seen } from '../prove/dialogue/transcript.ts';
import { checkServer, connecting } from './connecting.ts';
import { COMMAND_EXITS, EXITS } from './exit-codes.ts';
import { helpText } from './help.ts';
import { checkWritable, writeText } from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';
import { addOptions } from './option-table.ts';
import type { OptionRow } from './option-table.ts';
import { printRaw } from './print.ts';

interface RecordFlags {
  readonly listen: string;
  readonly to: string;
  readonly out: string;
  readonly twice?: boolean;
}

/** The options. --help and the table in docs/dialogues.md are made of these rows. */
export const RECORD_OPTIONS: Readonly<Record<keyof RecordFlags, OptionRow>> = {
  listen: {
    flags: '--listen <host:port>',
    does: 'address where the client connects; port 0 takes a free one, which is printed',
    preset: 'required',
  },
  to: { flags: '--to <host:port>', does: 'address of the server', preset: 'required' },
  out: { flags: '--out <file>', does: 'file for the dialogue', preset: 'required' },
  twice: {
    flags: '--twice',
    does: 'record the next connection, too: what differs from the first is captured, and the file follows it',
    preset: 'off',
  },
};

/**
 * Maximum length of the recording of one connection in bytes. What comes behind it is dropped, because no
 * useful script is so long.
 */
const MAX_RECORDED = 16 * 1024 * 1024;

/** The bytes and ends that passed on one connection. */
class Tape {
  readonly seen: Seen[] = [];
  #length = 0;

  get isFull(): boolean {
    return this.#length > MAX_RECORDED;
  }

  add({ direction, bytes }: Passed): void {
    if (this.isFull) {
      return;
    }
    const from = direction === 'to-server' ? 'client' : 'server';
    if (bytes === undefined) {
      this.seen.push({ from, fin: true });
      return;
    }
    this.#length += bytes.length;
    if (!this.isFull) {
      this.seen.push({ from, bytes: bytes.slice() });
    }
  }
}

async function record({ listen, to, out, twice = false }: RecordFlags): Promise<void> {
  checkServer(to);
  checkWritable(out);
  const tapes = Array.from({ length: twice ? 2 : 1 }, () => new Tape());
  const interrupts = watchInterrupts();
  const over = new AbortController();
  const closed = new Set<number>();
  const proxy = await chop({
    listen,
    to,
    onPass: (passed) => tapes[passed.connection]?.add(passed),
    onClose: ({ connection, end }) => {
      if (end === 'refused') {
        printRaw(`the server ${printable(to, { quotes: false })} cannot be reached\n`);
      }
      closed.add(connection);
      if (tapes.every((_, index) => closed.has(index))) {
        over.abort();
      } else if (connection === 0) {
        printRaw('the first connection is recorded; run the client again\n');
      }
    },
  });
  try {
    const { host, port } = proxy;
    const which = twice ? 'the first two connections' : 'the first connection';
    printRaw(`recording ${which} to ${formatAddress({ host, port })}; Ctrl-C ends it\n`);
    const ended = AbortSignal.any([over.signal, interrupts.signal]);
    if (!ended.aborted) {
      await once(ended, 'abort');
    }
  } finally {
    await proxy.close();
    interrupts.stop();
  }
  keep(tapes, out);
}

function keep(tapes: readonly Tape[], out: string): void {
  const [first, second] = tapes.map(({ seen }) => dialogueOf(seen));
  if (first === undefined || first.steps.length === 0) {
    printRaw('nothing was said; nothing is written\n');
    process.exitCode = EXITS.inconclusive.code;
    return;
  }
  const isSecond = second !== undefined && second.steps.length > 0;
  const following = follow(first, isSecond ? second : undefined);
  writeText(out, formatDialogue(following.dialogue));
  const problems = problemsOf(following, tapes);
  if (second !== undefined && !isSecond) {
    problems.push('the second connection said nothing: the file is of the first one alone');
  }
  for (const line of [...reportOf(following, { out, isSecond }), ...problems]) {
    printRaw(`${line}\n`);
  }
  if (problems.length > 0) {
    process.exitCode = EXITS.inconclusive.code;
  }
}

/**
 * Returns lines that say what was written. They also name the place of each value that changes between
 * connections, and that the dialogue therefore captures. They never show a value.
 */
function reportOf(
  { dialogue, values }: Following,
  { out, isSecond }: { readonly out: string; readonly isSecond: boolean },
): readonly string[] {
  const count = dialogue.steps.length;
  return [
    `${count} ${count === 1 ? 'step' : 'steps'} in ${out}: it holds everything that was said, passwords too`,
    ...values
      .filter(({ name }) => name !== undefined)
      .map((value) => followedLine(value, isSecond)),
  ];
}

function followedLine(
  { step, from, at, length, name, again }: Followed,
  isSecond: boolean,
): string {
  const what = `${name ?? ''} is captured: ${quantity(length, 'byte')} of step ${step} from byte ${at} on`;
  if (again.length > 0) {
    return `${what}, which ${again.length === 1 ? 'step' : 'steps'} ${again.join(', ')} repeats`;
  }
  if (!isSecond) {
    return `${what}, which the same side repeats`;
  }
  return from === 'server'
    ? `${what}, which are new on each connection`
    : `${what}, which are new on each connection; if the client computes them of a password, put a "proof" there`;
}

/** Returns the reasons why the file may not fit the next connection. */
function problemsOf({ values, endless, parted }: Following, tapes: readonly Tape[]): string[] {
  const unnamed = values.filter(({ name }) => name === undefined);
  return [
    ...(parted === undefined
      ? []
      : [
          `the second connection goes another way from step ${parted} on: the file is of the first one alone`,
        ]),
    ...unnamed.map(
      ({ step, at }) =>
        `step ${step} changes at byte ${at}, and no capture finds the place: edit the file`,
    ),
    ...endless.map(
      (step) => `step ${step} changes its length, and nothing marks its end: give it "until"`,
    ),
    ...(values.length < MAX_SPOTS ? [] : [`only the first ${MAX_SPOTS} changes are followed`]),
    ...(tapes.some(({ isFull }) => isFull)
      ? [`only the first ${MAX_RECORDED} bytes of a connection were recorded`]
      : []),
  ];
}

const HELP = helpText({
  exits: COMMAND_EXITS.record,
  examples: [
    'unstick record --listen :2525 --to :25 --out mail.json --twice',
    'unstick prove :25 --dialogue mail.json',
  ],
});

/** Adds the command to the program. */
export function addRecord(program: Command): void {
  const command = program
    .command('record')
    .summary('record a connection as a dialogue that prove can play')
    .description(
      'Passes connections on to the server, and writes what both sides said on the first one, step by step.',
    )
    .addHelpText('after', HELP);
  addOptions(command, Object.values(RECORD_OPTIONS)).action((flags: RecordFlags) =>
    connecting(() => record(flags)),
  );
}
