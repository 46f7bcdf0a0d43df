// What the process of a server holds: descriptors, timers, memory, and how late its event loop was.

import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

export interface Measurement {
  /** Connections that the server counts. */
  readonly connections: number;
  /** Open descriptors; `undefined` where the system does not tell. */
  readonly descriptors: number | undefined;
  /** Timers that run, those that keep no process alive as well. */
  readonly timers: number;
  /** What keeps the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Bytes: JavaScript objects, memory of buffers, all of the process. */
  readonly heap: number;
  readonly buffers: number;
  readonly resident: number;
  /** How late the event loop was since the measurement before, in ms. */
  readonly worstDelay: number;
  readonly p99Delay: number;
}

const delay = monitorEventLoopDelay({ resolution: 5 });

/** The timers that were made: `process.getActiveResourcesInfo` leaves out those that are unref'd. */
const timers = new Set<NodeJS.Timeout>();

/** Counts from now on. To be called before the server is loaded. */
export function beginToMeasure(): void {
  delay.enable();
  const makeTimer = globalThis.setTimeout;
  const counting = (...given: Parameters<typeof makeTimer>): NodeJS.Timeout => {
    const timer = makeTimer(...given);
    timers.add(timer);
    return timer;
  };
  globalThis.setTimeout = Object.assign(counting, makeTimer);
}

/** Node marks a timer that was cleared or has run; it has no public word for that. */
function isOver(timer: NodeJS.Timeout): boolean {
  return Reflect.get(timer, '_destroyed') === true;
}

function countTimers(): number {
  for (const timer of timers) {
    if (isOver(timer)) {
      timers.delete(timer);
    }
  }
  return timers.size;
}

function countDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function countResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Collects what is garbage, also what only a finalizer lets go. */
async function collect(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await turn();
  }
}

export async function measure(connections: number, withCollection: boolean): Promise<Measurement> {
  const [worstDelay, p99Delay] = [delay.max / 1e6, delay.percentile(99) / 1e6];
  const live = countTimers();
  if (withCollection) {
    await collect();
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  // The collection itself is no delay of the server.
  delay.reset();
  return {
    connections,
    descriptors: countDescriptors(),
    timers: live,
    resources: countResources(),
    heap: heapUsed,
    buffers: arrayBuffers,
    resident: rss,
    worstDelay,
    p99Delay,
  };
}
