// `unstick record`: makes a dialogue file, for `unstick prove --dialogue`, of a live connection through the
// proxy.

import { once } from 'node:events';
import type { Command } from 'commander';
import type { Passed } from '../chop/chop-options.ts';
import { chop } from '../chop/proxy.ts';
import { formatAddress } from '../deliver/address.ts';
import { echoesOf } from '../prove/dialogue/echoes.ts';
import { formatDialogue } from '../prove/dialogue/parse.ts';
import { dialogueOf } from '../prove/dialogue/transcript.ts';
import type { Seen } from '../prove/dialogue/transcript.ts';
import { exitLine, EXITS } from './exit-codes.ts';
import { checkWritable, writeText } from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';
import { addOptions } from './option-table.ts';
import type { OptionRow } from './option-table.ts';

interface RecordFlags {
  readonly listen: string;
  readonly to: string;
  readonly out: string;
}

/** --help and the table in docs/dialogues.md are made of these rows. */
export const RECORD_OPTIONS: Readonly<Record<keyof RecordFlags, OptionRow>> = {
  listen: {
    flags: '--listen <host:port>',
    does: 'address where the client connects; port 0 takes a free one, which is printed',
    preset: 'required',
  },
  to: { flags: '--to <host:port>', does: 'address of the server', preset: 'required' },
  out: { flags: '--out <file>', does: 'file for the dialogue', preset: 'required' },
};

/** Maximum length of a recording in bytes. The rest is dropped: a script of this size is no script. */
const MAX_RECORDED = 16 * 1024 * 1024;

/** What passed on the first connection. */
class Tape {
  readonly seen: Seen[] = [];
  length = 0;
  isFull = false;

  readonly add = ({ connection, direction, bytes }: Passed): void => {
    if (connection !== 0 || this.isFull) {
      return;
    }
    const from = direction === 'to-server' ? 'client' : 'server';
    if (bytes === undefined) {
      this.seen.push({ from, fin: true });
      return;
    }
    this.length += bytes.length;
    this.isFull = this.length > MAX_RECORDED;
    if (!this.isFull) {
      this.seen.push({ from, bytes: bytes.slice() });
    }
  };
}

async function record({ listen, to, out }: RecordFlags): Promise<void> {
  checkWritable(out);
  const tape = new Tape();
  const interrupts = watchInterrupts();
  const over = new AbortController();
  const proxy = await chop({
    listen,
    to,
    onPass: tape.add,
    onClose: ({ connection }) => {
      if (connection === 0) {
        over.abort();
      }
    },
  });
  try {
    const { host, port } = proxy;
    process.stdout.write(
      `recording the first connection to ${formatAddress({ host, port })}; Ctrl-C ends it\n`,
    );
    const ended = AbortSignal.any([over.signal, interrupts.signal]);
    if (!ended.aborted) {
      await once(ended, 'abort');
    }
  } finally {
    await proxy.close();
    interrupts.stop();
  }
  keep(tape, out);
}

function keep({ seen, isFull }: Tape, out: string): void {
  const dialogue = dialogueOf(seen);
  if (dialogue.steps.length === 0) {
    process.stdout.write('nothing was said; nothing is written\n');
    process.exitCode = EXITS.inconclusive.code;
    return;
  }
  writeText(out, formatDialogue(dialogue));
  const count = dialogue.steps.length;
  process.stdout.write(
    `${count} ${count === 1 ? 'step' : 'steps'} in ${out}: it holds everything that was said, passwords too\n`,
  );
  for (const { step, at, length, again } of echoesOf(dialogue)) {
    process.stdout.write(
      `step ${again} says again what stands in step ${step} from byte ${at} on (${length} bytes): if that is new on each connection, name it with "capture"\n`,
    );
  }
  if (isFull) {
    process.stdout.write(`only the first ${MAX_RECORDED} bytes were recorded\n`);
    process.exitCode = EXITS.inconclusive.code;
  }
}

const HELP = `
${exitLine({ expected: 'a dialogue was written', inconclusive: 'nothing was said, or too much' })}

Example:
  unstick record --listen :2525 --to :25 --out mail.json
  unstick prove :25 --dialogue mail.json`;

/** Adds the command to the program. */
export function addRecord(program: Command): void {
  const command = program
    .command('record')
    .summary('record a connection as a dialogue that prove can play')
    .description(
      'Passes connections on to the server, and writes what both sides said on the first one, step by step.',
    )
    .addHelpText('after', HELP);
  addOptions(command, Object.values(RECORD_OPTIONS)).action((flags: RecordFlags) => record(flags));
}
