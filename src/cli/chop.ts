// The command `unstick chop`: a proxy that cuts TCP streams, in front of any server.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Command } from 'commander';
import { CHOP_DEFAULTS, resolveChopOptions } from '../chop/chop-options.ts';
import type { ChopOptions } from '../chop/chop-options.ts';
import { FAULT_WORDS, parseFault } from '../chop/faults/faults.ts';
import type { ChopPlan } from '../chop/plan/slicing.ts';
import { chop } from '../chop/proxy.ts';
import type { ChopProxy } from '../chop/proxy.ts';
import type { Spots } from '../framing/codecs.ts';
import { GRAMMAR } from '../framing/words.ts';
import { oneOf, refuse } from '../options.ts';
import { PLAN_WORDS } from '../schedule/plans.ts';
import { DIRECTIONS, formatSchedules } from '../schedule/schedule.ts';
import { ChopControl } from './chop-control.ts';
import type { ChopWords } from './chop-control.ts';
import { tellJson, tellText } from './chop-events.ts';
import type { Tell } from './chop-events.ts';
import { checkServer, connecting } from './connecting.ts';
import { COMMAND_EXITS, EXITS } from './exit-codes.ts';
import { frameAwarePlan } from './frame-finder.ts';
import { FRAMES_WORDS, importSpots, parseSpots } from './frame-words.ts';
import { helpText } from './help.ts';
import { checkWritable, parseCount, readSchedules, writeText } from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';
import { addOptions, timeRow } from './option-table.ts';
import type { OptionRow } from './option-table.ts';

interface ChopFlags {
  readonly listen: string;
  readonly to: string;
  readonly plan?: string;
  readonly codec?: string;
  readonly schedule?: string;
  readonly fault?: readonly string[];
  readonly direction?: NonNullable<ChopOptions['direction']>;
  readonly seed?: number;
  readonly saveSchedules?: string;
  readonly control?: boolean;
  readonly quiet?: number;
  readonly pause?: number;
  readonly patience?: number;
}

const FRAME_AWARE = 'frame-aware';
/** The plans of the command line: those of the library, and the plan that needs a format. */
const PLANS = [...PLAN_WORDS, `${FRAME_AWARE}:FORMAT`].join(', ');

/** The options. --help and the table in docs/chop.md are made of these rows. */
export const CHOP_OPTIONS: Readonly<Record<keyof ChopFlags, OptionRow>> = {
  listen: {
    flags: '--listen <host:port>',
    does: 'address where clients connect; port 0 takes a free one, which is printed',
    preset: 'required',
  },
  to: { flags: '--to <host:port>', does: 'address of the server', preset: 'required' },
  plan: { flags: '--plan <plan>', does: `how to cut: ${PLANS}`, preset: 'as the bytes come' },
  codec: {
    flags: '--codec <file>',
    does: 'for `--plan frame-aware` without a format: JavaScript file that exports the codec of the frames; it is imported, so it runs',
    preset: 'none',
  },
  schedule: {
    flags: '--schedule <file>',
    does: 'schedules to play, instead of a plan; `--save-schedules` and `unstick prove` write such files',
    preset: 'none',
  },
  fault: {
    flags: '--fault <fault>',
    does: 'what else to do: the faults below',
    preset: 'none',
    repeatable: true,
  },
  direction: {
    flags: '--direction <which>',
    does: 'direction of plan and faults: to-server, to-client or both',
    preset: 'both',
    parse: (word, name) => oneOf(name, word, [...DIRECTIONS, 'both']),
  },
  seed: {
    flags: '--seed <n>',
    does: 'seed of all random choices; connection k gets a seed made from it and k, which is printed',
    preset: 'a random one, which is printed',
    parse: parseCount,
  },
  saveSchedules: {
    flags: '--save-schedules <file>',
    does: 'write what was done, as schedules, when the proxy ends',
    preset: 'nothing is written',
  },
  control: {
    flags: '--control',
    does: 'take commands as JSON lines from standard input; print answers and events as JSON lines',
    preset: 'lines of text, no commands',
  },
  quiet: timeRow(
    '--quiet <time>',
    'time without a byte after which a sender counts as paused',
    CHOP_DEFAULTS.quietTime,
  ),
  pause: timeRow(
    '--pause <time>',
    'time between pieces, where the receiver cannot be seen',
    CHOP_DEFAULTS.pause,
  ),
  patience: timeRow(
    '--patience <time>',
    'time that a receiver may leave a piece unread before the next one goes',
    CHOP_DEFAULTS.patience,
  ),
};

/** Makes the functions that turn words into plans and remember the words. */
function makeWords(tell: Tell, codec: Spots | undefined): ChopWords {
  const toPlan = (word: string): ChopPlan => {
    const [name, ...rest] = word.split(':');
    if (name !== FRAME_AWARE) {
      return word;
    }
    const format = rest.join(':');
    const spots = word === FRAME_AWARE ? codec : parseSpots(format, 'The format');
    if (spots === undefined) {
      return refuse(
        'The plan frame-aware needs a format or --codec.',
        `Such as ${FRAME_AWARE}:u32be. ${GRAMMAR}`,
      );
    }
    return frameAwarePlan(spots, (why) => {
      const what = format === '' ? 'frames of the codec' : format;
      const text = `not ${what} from here on, no more cuts by frames: ${why}`;
      tell({ event: 'note', text });
    });
  };
  return { toPlan, known: new WeakMap() };
}

function toOptions(flags: ChopFlags, words: ChopWords): ChopOptions {
  const { listen, to, direction, schedule, fault = [] } = flags;
  const plan = flags.plan === undefined ? undefined : words.toPlan(flags.plan);
  if (flags.plan !== undefined && typeof plan === 'object') {
    words.known.set(plan, flags.plan);
  }
  const faults = fault.map((word) => {
    const parsed = parseFault(word);
    words.known.set(parsed, word);
    return parsed;
  });
  if (schedule === '-' && flags.control === true) {
    refuse('--schedule - and --control both read the standard input.', 'Give the file by name.');
  }
  return {
    listen,
    to,
    seed: flags.seed ?? randomInt(2 ** 32),
    plan,
    schedules: schedule === undefined ? undefined : readSchedules(schedule),
    direction,
    faults,
    record: flags.saveSchedules !== undefined,
    quietTime: flags.quiet,
    pause: flags.pause,
    patience: flags.patience,
  };
}

/** Imports the codec of --codec. Throws UsageError when no plan could use the codec. */
async function codecOf({
  codec,
  plan,
  control: isControlled,
}: ChopFlags): Promise<Spots | undefined> {
  if (codec === undefined) {
    return undefined;
  }
  if (plan !== FRAME_AWARE && isControlled !== true) {
    refuse('--codec is for --plan frame-aware.', `With --plan ${FRAME_AWARE}:FORMAT leave it out.`);
  }
  return importSpots(codec);
}

interface Started {
  readonly proxy: ChopProxy;
  /** Whether there were connections, and none of them reached the server. */
  readonly isVain: () => boolean;
}

/** Starts the proxy. Refuses contradictory flags before anything is opened. */
async function start(flags: ChopFlags, words: ChopWords, tell: Tell): Promise<Started> {
  const options = toOptions(flags, words);
  resolveChopOptions(options);
  if (flags.saveSchedules !== undefined) {
    checkWritable(flags.saveSchedules);
  }
  checkServer(flags.to);
  const seen = { refused: 0, others: 0 };
  const proxy = await chop({
    ...options,
    onOpen: (opened) => tell({ event: 'open', ...opened }),
    onClose: (report) => {
      seen[report.end === 'refused' ? 'refused' : 'others']++;
      tell({ event: 'close', ...report });
    },
  });
  const { to, plan, schedule, fault = [], direction = 'both' } = flags;
  const doing = [schedule ?? plan ?? 'as it comes', ...fault, direction];
  const { host, port } = proxy;
  const seed = options.seed ?? CHOP_DEFAULTS.seed;
  tell({ event: 'listening', version: 1, host, port, to, seed, doing });
  return { proxy, isVain: () => seen.refused > 0 && seen.others === 0 };
}

/** Answers commands until the signal aborts. If the input ends, this still waits for the signal. */
async function control(proxy: ChopProxy, words: ChopWords, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process;
  signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  try {
    await new ChopControl(proxy, words).run(stdin, stdout, signal);
  } catch (error) {
    // An input that `abort` destroyed, or that broke, counts as ended. Any other error is a fault of this
    // program.
    if (!stdin.destroyed) {
      throw error;
    }
  }
}

/** Runs the proxy until the user interrupts it. */
async function runChop(flags: ChopFlags): Promise<void> {
  const interrupts = watchInterrupts();
  const tell = flags.control === true ? tellJson : tellText;
  try {
    const words = makeWords(tell, await codecOf(flags));
    const { proxy, isVain } = await start(flags, words, tell);
    const interrupted = interrupts.signal.aborted ? undefined : once(interrupts.signal, 'abort');
    try {
      if (flags.control === true && !interrupts.signal.aborted) {
        await control(proxy, words, interrupts.signal);
      }
      await interrupted;
    } finally {
      await proxy.close();
    }
    const { saveSchedules: file } = flags;
    if (file !== undefined) {
      const schedules = proxy.recording();
      writeText(file, formatSchedules(schedules));
      tell({ event: 'saved', file, schedules: schedules.length, full: proxy.recordingFull });
    }
    if (isVain()) {
      process.exitCode = EXITS.inconclusive.code;
    }
  } finally {
    interrupts.stop();
  }
}

const HELP = helpText({
  remarks: [
    `Faults: ${FAULT_WORDS.join(', ')}.`,
    `FORMAT is ${FRAMES_WORDS}.`,
    'TIME is such as 60ms, 1.5s, 2m; SIZE is such as 512, 64KiB, 1MB.',
  ],
  exits: COMMAND_EXITS.chop,
  examples: [
    'unstick chop --listen :9001 --to :9000 --plan dribble',
    'unstick chop --listen :9001 --to :9000 --plan random --seed 7 --save-schedules cuts.json',
    'unstick chop --listen :9001 --to :9000 --schedule cuts.json',
    'unstick chop --listen :9001 --to :9000 --fault delay:5ms-20ms --fault rst@4KiB --direction to-client',
  ],
});

/** Adds the command to the program. */
export function addChop(program: Command): void {
  const command = program
    .command('chop')
    .summary('a proxy that cuts, joins, delays and ends TCP streams, by seed or by schedule')
    .description(
      'Stands between any client and any server. Changes when bytes come and in which pieces, never the bytes, unless corrupt is asked for. Ends with Ctrl-C.',
    );
  addOptions(command, Object.values(CHOP_OPTIONS))
    .addHelpText('after', HELP)
    .action((flags: ChopFlags) => connecting(() => runChop(flags)));
}
