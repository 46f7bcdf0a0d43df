// `npm run fuzz`: runs the targets for some time or a number of cases. It makes a failing case small, writes
// it to a file with its seed and schedule, and prints the command that replays it. With --replay FILE it only
// runs the case of this file. With --soak it attacks the servers of this package instead.

import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { caseFile, readCase, writeCase } from './files.ts';
import type { Failure } from './shared.ts';
import { shrink } from './shrink.ts';
import { linesOf } from './soak/print.ts';
import { soak } from './soak/soak.ts';
import { SERVER_NAMES } from './soak/wire.ts';
import type { ServerName } from './soak/wire.ts';
import { findTarget, targets } from './targets/index.ts';
import type { Target } from './targets/target.ts';
import { Watchdog } from './watchdog.ts';
import type { Limits } from './watchdog.ts';

interface Flags {
  readonly time?: number;
  readonly runs?: number;
  readonly target?: readonly Target[];
  readonly seed?: number;
  readonly replay?: string;
  readonly soak?: number;
  readonly connections?: number;
  readonly against?: readonly ServerName[];
}

/**
 * Limits of one case, in ms and bytes. A case takes microseconds, but a busy machine may pause for seconds.
 */
const limits: Limits = { time: 20_000, memory: 512 * 1024 * 1024 };
const proxyLimits: Limits = { ...limits, time: 60_000 };
/** Maximum number of tries, and time in ms, to make a failing case small. */
const shrinkTries = 3000;
const shrinkTime = 20_000;
const defaultTime = 30_000;
const defaultConnections = 2000;

function limitsOf(target: Target): Limits {
  return target.name === 'proxy' ? proxyLimits : limits;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function smallest(target: Target, failure: Failure): Promise<Failure> {
  const watchdog = new Watchdog(target.name, limitsOf(target));
  const deadline = performance.now() + shrinkTime;
  let tries = 0;
  let last = failure;
  const bytes = await shrink(failure.bytes, {
    fails: async (candidate) => {
      tries += 1;
      const verdict = await watchdog.run({ bytes: candidate });
      if (verdict.kind !== failure.kind) {
        return false;
      }
      last = verdict;
      return true;
    },
    enough: () => tries >= shrinkTries || performance.now() >= deadline,
  });
  watchdog.stop();
  return { ...failure, bytes, message: last.message };
}

async function reportFailure(target: Target, found: Failure, seed: number): Promise<void> {
  say(`${target.name}: ${found.kind} in run ${found.run}, ${found.bytes.length} bytes; shrinking`);
  const { run, kind, bytes, message } = await smallest(target, found);
  const path = `fuzz-failure-${target.name}-${seed}-${run}.json`;
  const [headline = ''] = message.split('\n', 1);
  writeCase(path, caseFile(target, bytes, { seed, run, kind, message: headline }));
  say(message);
  say(`${target.name}: BROKEN by ${bytes.length} bytes: ${Buffer.from(bytes).toString('hex')}`);
  say(`replay: npm run fuzz -- --replay ${path}`);
}

/** Runs a target. Returns true if no case failed. */
async function fuzzTarget(
  target: Target,
  { seed, runs, time }: { seed: number; runs: number; time: number },
): Promise<boolean> {
  const watchdog = new Watchdog(target.name, limitsOf(target));
  await watchdog.open();
  const begun = performance.now();
  const verdict = await watchdog.run({ seed, first: 0, end: runs }, begun + time);
  const seconds = (performance.now() - begun) / 1000;
  const { ran } = watchdog;
  watchdog.stop();
  const rate = Math.round(ran / seconds);
  say(`${target.name}: ${ran} cases in ${seconds.toFixed(1)} s, ${rate} a second, seed ${seed}`);
  if (verdict.kind === 'fine') {
    return true;
  }
  await reportFailure(target, verdict, seed);
  return false;
}

async function replay(path: string): Promise<boolean> {
  const { target, bytes } = readCase(path);
  const watchdog = new Watchdog(target.name, limitsOf(target));
  const verdict = await watchdog.run({ bytes });
  watchdog.stop();
  if (verdict.kind === 'fine') {
    say(`${target.name}: this case is fine`);
  } else {
    say(`${target.name}: ${verdict.kind}\n${verdict.message}`);
  }
  return verdict.kind === 'fine';
}

/** Attacks one server after the other. Returns true if nothing was found. */
async function besiege(time: number, flags: Flags): Promise<boolean> {
  const { against = SERVER_NAMES, connections = defaultConnections } = flags;
  const { seed = randomInt(2 ** 32) } = flags;
  const names = (flags.against ?? []).map((name) => ` --against ${name}`).join('');
  say(`seed ${seed}; this repeats what each connection does, but not its time and order:`);
  say(`  npm run fuzz -- --soak ${time}ms --connections ${connections} --seed ${seed}${names}`);
  let isFine = true;
  for (const server of against) {
    const report = await soak({ server, time: time / against.length, connections, seed });
    for (const line of linesOf(report)) {
      say(line);
    }
    isFine = report.findings.length === 0 && isFine;
  }
  return isFine;
}

/** Refuses options of the targets with --soak, and options of a soak without it. */
function checkFlags(flags: Flags): void {
  const isSoak = flags.soak !== undefined;
  const { time, runs, target, replay: file, connections, against } = flags;
  const strange = isSoak ? { time, runs, target, replay: file } : { connections, against };
  for (const [name, value] of Object.entries(strange)) {
    if (value === undefined) {
      continue;
    }
    throw new Error(`--${name} cannot be used ${isSoak ? 'with' : 'without'} --soak.`);
  }
}

async function fuzz(flags: Flags): Promise<boolean> {
  checkFlags(flags);
  if (flags.soak !== undefined) {
    return besiege(flags.soak, flags);
  }
  if (flags.replay !== undefined) {
    return replay(flags.replay);
  }
  const { target: chosen = targets, seed = randomInt(2 ** 32), runs } = flags;
  const time = flags.time ?? (runs === undefined ? defaultTime : Number.POSITIVE_INFINITY);
  const share = time / chosen.length;
  let fine = true;
  for (const target of chosen) {
    const options = { seed, runs: runs ?? Number.MAX_SAFE_INTEGER, time: share };
    fine = (await fuzzTarget(target, options)) && fine;
  }
  return fine;
}

function parseNumber(word: string): number {
  if (!/^\d{1,15}$/.test(word)) {
    throw new InvalidArgumentError('It must be a whole number.');
  }
  return Number(word);
}

function parseSeed(word: string): number {
  const seed = parseNumber(word);
  if (seed >= 2 ** 32) {
    throw new InvalidArgumentError('It must be at most 4294967295.');
  }
  return seed;
}

function parseTime(word: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})(ms|s|m)?$/.exec(word) ?? [];
  if (count === undefined) {
    throw new InvalidArgumentError('It must be a time such as 500ms, 30s or 5m.');
  }
  return Number(count) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1000);
}

function parseTarget(word: string, before: readonly Target[] | undefined): readonly Target[] {
  const target = findTarget(word);
  if (target !== undefined) {
    return [...(before ?? []), target];
  }
  throw new InvalidArgumentError(`Targets are ${targets.map(({ name }) => name).join(', ')}.`);
}

function parseServer(word: string, before: readonly ServerName[] | undefined): ServerName[] {
  const name = SERVER_NAMES.find((known) => known === word);
  if (name !== undefined) {
    return [...(before ?? []), name];
  }
  throw new InvalidArgumentError(`Servers are ${SERVER_NAMES.join(', ')}.`);
}

const program = new Command('fuzz')
  .description('Looks for cases that break an invariant. Exit code 1 when one was found.')
  .option('--time <time>', 'time for all targets together (30s, unless --runs is given)', parseTime)
  .option('--runs <n>', 'number of cases for each target', parseNumber)
  .option('--target <name>', 'run only this target (repeatable)', parseTarget)
  .option('--seed <n>', 'make the cases of this seed (random)', parseSeed)
  .option('--replay <file>', 'run only the case of this file')
  .option('--soak <time>', 'attack our servers instead; time for all servers together', parseTime)
  .option('--connections <n>', 'hostile connections at a time in a soak (2000)', parseNumber)
  .option('--against <server>', 'attack only this server (repeatable)', parseServer)
  .action(async (flags: Flags) => {
    process.exitCode = (await fuzz(flags)) ? 0 : 1;
  });
program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
