// Runs cases in a thread that can be ended when one of them does not end. What it is at stands in memory
// that the watchdog sees, so that a case which hangs or dies is known all the same.

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

/** What the case throws, if it does. Most targets answer at once, without a turn of the loop. */
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

/** Stacks cost more than all the rest of a case that is refused; only a failure needs one. */
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
