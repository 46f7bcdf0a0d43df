// `unstick chop`: a proxy that cuts TCP streams, in front of any server.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Command } from 'commander';
import { formatAddress, parseAddress } from '../deliver/address.ts';
import type { ChopOptions } from '../chop/chop-options.ts';
import { FAULT_WORDS } from '../chop/faults/faults.ts';
import { KernelTables } from '../deliver/kernel-tables.ts';
import type {
  ConnectionReport,
  ConnectionStart,
  DirectionReport,
} from '../chop/connection-report.ts';
import { chop } from '../chop/proxy.ts';
import type { ChopProxy } from '../chop/proxy.ts';
import type { ChopPlan } from '../chop/plan/slicing.ts';
import { ConnectionError } from '../errors.ts';
import { oneOf } from '../options.ts';
import { PLAN_WORDS } from '../schedule/plans.ts';
import { DIRECTIONS, formatSchedules } from '../schedule/schedule.ts';
import { frameAwarePlan } from './frame-finder.ts';
import { parseFormat } from './frame-spans.ts';
import { parseCount, parseTime, readSchedules, writeText } from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';
import { printError, printLine } from './print.ts';

interface ChopFlags {
  readonly listen: string;
  readonly to: string;
  readonly seed?: number;
  readonly plan?: string;
  readonly schedule?: string;
  readonly direction?: string;
  readonly fault?: readonly string[];
  readonly record?: string;
  readonly quiet?: number;
  readonly pause?: number;
  readonly patience?: number;
}

/** The world was not as it had to be: nobody listens, a port is taken. */
const UNUSABLE = 3;
const FRAME_AWARE_WORD = 'frame-aware:';

function toPlan(word: string | undefined): ChopPlan | undefined {
  if (word?.startsWith(FRAME_AWARE_WORD) !== true) {
    return word;
  }
  const format = word.slice(FRAME_AWARE_WORD.length);
  return frameAwarePlan(parseFormat(format), (why) => {
    printLine(`not ${format} from here on, no more cuts by frames: ${why}`);
  });
}

function toDirection(word: string | undefined): NonNullable<ChopOptions['direction']> {
  return oneOf('--direction', word ?? 'both', [...DIRECTIONS, 'both']);
}

function writeRecord(path: string, proxy: ChopProxy | undefined): number {
  const schedules = proxy?.recording() ?? [];
  writeText(path, formatSchedules(schedules));
  return schedules.length;
}

function describeDirection(name: string, { bytes, pieces, boundaries }: DirectionReport): string {
  const kept = Object.entries(boundaries).flatMap(([how, count]) =>
    count > 0 ? [`${count} ${how}`] : [],
  );
  const cuts = kept.length > 0 ? `, cuts: ${kept.join(', ')}` : '';
  return `${name} ${bytes} bytes in ${pieces} pieces${cuts}`;
}

function describeEnd(report: ConnectionReport): string {
  const { connection, end, cause, toServer, toClient } = report;
  const how = cause === undefined ? end : `${end} (${cause})`;
  if (end === 'refused') {
    return `#${connection} ${how}: the server cannot be reached`;
  }
  const directions = [
    describeDirection('to-server', toServer),
    describeDirection('to-client', toClient),
  ];
  return `#${connection} ${how}: ${directions.join('; ')}`;
}

function describeStart({ connection, seed, from }: ConnectionStart): string {
  return `#${connection} open from ${from}, seed ${seed}`;
}

/** Refuses to stand in front of nobody, where that can be seen. */
function checkServer(to: string): void {
  const { host, port } = parseAddress('to', to, 1);
  if (!/^(?:127\.|::1$|localhost$)/.test(host)) {
    return;
  }
  const tables = KernelTables.open();
  const listening = tables?.listening(port);
  tables?.close();
  if (listening !== false) {
    return;
  }
  throw new ConnectionError(
    'ERR_CONNECTION_LOST',
    `Nobody listens on ${formatAddress({ host, port })}`,
    { reason: 'ECONNREFUSED', hint: 'Start the server first.' },
  );
}

function toOptions(flags: ChopFlags): ChopOptions {
  const { listen, to, seed, plan, schedule, direction, fault, record } = flags;
  return {
    listen,
    to,
    seed: seed ?? randomInt(2 ** 32),
    plan: toPlan(plan),
    schedules: schedule === undefined ? undefined : readSchedules(schedule),
    direction: toDirection(direction),
    faults: fault,
    record: record !== undefined,
    quietTime: flags.quiet,
    pause: flags.pause,
    patience: flags.patience,
  };
}

function announce(proxy: ChopProxy, options: ChopOptions, flags: ChopFlags): void {
  const { to, plan, schedule, fault = [] } = flags;
  const cutting = schedule ?? plan ?? 'as it comes';
  const words = [cutting, ...fault, options.direction].join(', ');
  printLine(`chop ${formatAddress(proxy)} -> ${to}, seed ${options.seed}: ${words}`);
}

/** Starts the proxy, and counts the connections that found nobody. */
async function start(flags: ChopFlags): Promise<{ proxy: ChopProxy; inVain: () => boolean }> {
  const options = toOptions(flags);
  checkServer(flags.to);
  const seen = { refused: 0, others: 0 };
  const proxy = await chop({
    ...options,
    onOpen: (opened) => printLine(describeStart(opened)),
    onClose: (report) => {
      seen[report.end === 'refused' ? 'refused' : 'others']++;
      printLine(describeEnd(report));
    },
  });
  announce(proxy, options, flags);
  return { proxy, inVain: () => seen.refused > 0 && seen.others === 0 };
}

/** Runs until it is interrupted. */
async function runChop(flags: ChopFlags): Promise<void> {
  const interrupts = watchInterrupts();
  const { record } = flags;
  try {
    const { proxy, inVain } = await start(flags);
    try {
      // At once, so that a place that cannot be written to shows before the work is done.
      if (record !== undefined) {
        writeRecord(record, undefined);
      }
      if (!interrupts.signal.aborted) {
        await once(interrupts.signal, 'abort');
      }
    } finally {
      await proxy.close();
    }
    if (record !== undefined) {
      const count = writeRecord(record, proxy);
      const full = proxy.recordingFull ? ' (cut off: too long for one file)' : '';
      printLine(`recorded ${count} schedules in ${record}${full}`);
    }
    if (inVain()) {
      process.exitCode = UNUSABLE;
    }
  } finally {
    interrupts.stop();
  }
}

async function run(flags: ChopFlags): Promise<void> {
  try {
    await runChop(flags);
  } catch (error) {
    if (!(error instanceof ConnectionError)) {
      throw error;
    }
    printError(error);
    process.exitCode = UNUSABLE;
  }
}

const HELP = `
Faults: ${FAULT_WORDS.join(', ')}.
Exit code: 0 when interrupted, 3 when nobody listens or the port is taken, 2 wrong usage.

Examples:
  unstick chop --listen :9001 --to :9000 --plan dribble
  unstick chop --listen :9001 --to :9000 --plan random --seed 7 --record cuts.json
  unstick chop --listen :9001 --to :9000 --schedule cuts.json
  unstick chop --listen :9001 --to :9000 --fault delay:5-20 --fault rst@4096 --direction to-client`;

/** Adds the command to the program. */
export function addChop(program: Command): void {
  program
    .command('chop')
    .summary('a proxy that cuts, joins, delays and ends TCP streams, by seed or by schedule')
    .description(
      'Stands between any client and any server. Changes when bytes come and in which pieces,\nnever the bytes, unless corrupt is asked for. Ends with Ctrl-C.',
    )
    .requiredOption('--listen <host:port>', 'where clients connect; port 0 takes a free one')
    .requiredOption('--to <host:port>', 'the server')
    .option('--plan <plan>', `how to cut: ${PLAN_WORDS.join(', ')}, ${FRAME_AWARE_WORD}FORMAT`)
    .option('--seed <n>', 'decides all chance; each connection gets its own', parseCount('--seed'))
    .option('--schedule <file>', 'do what this file says, such as one that --record wrote')
    .option('--direction <which>', 'to-server, to-client, or both (both)')
    .option(
      '--fault <fault>',
      'what else to do (repeatable)',
      (word, before: readonly string[]) => [...(before ?? []), word],
    )
    .option('--record <file>', 'write down what was done, when it ends')
    .option('--quiet <time>', 'a sender that says nothing for so long has paused (20ms)', parseTime)
    .option('--pause <time>', 'between pieces, where the receiver cannot be seen (20ms)', parseTime)
    .option('--patience <time>', 'how long a receiver may leave a piece unread (500ms)', parseTime)
    .addHelpText('after', HELP)
    .action((flags: ChopFlags) => run(flags));
}
