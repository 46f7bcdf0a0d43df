// Measures what the process of a server holds (descriptors, timers, memory), and how late its event loop was.

import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

export interface Measurement {
  /** Connections that the server counts. */
  readonly connections: number;
  /** Number of open descriptors; `undefined` if the system does not tell. */
  readonly descriptors: number | undefined;
  /** Number of running timers, including those that do not keep the process alive. */
  readonly timers: number;
  /** Number of resources that keep the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Bytes of JavaScript objects, of buffers, and of the whole process. */
  readonly heap: number;
  readonly buffers: number;
  readonly resident: number;
  /** Delay of the event loop in ms since the last measurement. */
  readonly worstDelay: number;
  readonly p99Delay: number;
}

const delay = monitorEventLoopDelay({ resolution: 5 });

/** All timers that were made. `process.getActiveResourcesInfo` would leave out those that are unref'd. */
const timers = new Set<NodeJS.Timeout>();

/** Starts to count timers and delays. Call it before the server is loaded. */
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

/** Whether a timer was cleared or has run. Node has no public property for that. */
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

/** Collects garbage, also what is freed only after a finalizer has run. */
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
  // Reset after the collection, whose time is not a delay of the server.
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
