// Runs cases in a thread, which the watchdog can end if a case does not end. The current case is in memory
// that the watchdog shares, so that it is known even if the case hangs or kills the thread.

import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus, readDictionary } from './files.ts';
import { makeCase } from './mutate.ts';
import { caseAt, ranAt, runAt, sizeAt } from './shared.ts';
import type { Job, Setup, Verdict } from './shared.ts';
import { findTarget } from './targets/index.ts';

const { target: name, memory } = workerData as Setup;
const target = findTarget(name);
if (target === undefined || parentPort === null) {
  throw new Error(`no target ${name}`);
}
const { fuzz, sample, dictionary } = target;
const port = parentPort;
const counters = new Int32Array(memory, 0, caseAt / 4);
const place = new Uint8Array(memory, caseAt);
const ingredients = {
  sample,
  corpus: readCorpus(name),
  dictionary: readDictionary(dictionary),
};

function announce(bytes: Uint8Array, run: number): void {
  place.set(bytes.subarray(0, place.length));
  counters[sizeAt] = Math.min(bytes.length, place.length);
  counters[runAt] = run;
  Atomics.add(counters, ranAt, 1);
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The error that the case throws, if it does. Most targets are synchronous: do not await these. */
async function thrownBy(bytes: Uint8Array): Promise<{ error: unknown } | undefined> {
  try {
    const pending = fuzz(bytes);
    if (pending !== undefined) {
      await pending;
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}

/**
 * Sets the depth of stack traces. They take more time than all the rest of a case; only a failure needs one.
 */
function withStacks(depth: number): void {
  Error.stackTraceLimit = depth;
}

async function attempt(bytes: Uint8Array, run: number): Promise<Verdict | undefined> {
  announce(bytes, run);
  const first = await thrownBy(bytes);
  if (first === undefined) {
    return undefined;
  }
  withStacks(20);
  const { error } = (await thrownBy(bytes)) ?? first;
  withStacks(0);
  return { kind: 'error', run, bytes, message: explain(error) };
}

async function work(job: Job): Promise<Verdict> {
  if ('bytes' in job) {
    return (await attempt(job.bytes, -1)) ?? { kind: 'fine' };
  }
  for (let run = job.first; run < job.end; run += 1) {
    const verdict = await attempt(makeCase(ingredients, job.seed, run), run);
    if (verdict !== undefined) {
      return verdict;
    }
  }
  return { kind: 'fine' };
}

withStacks(0);
port.on('message', (job: Job) => {
  void work(job).then((verdict) => port.postMessage(verdict));
});
port.postMessage('ready');
