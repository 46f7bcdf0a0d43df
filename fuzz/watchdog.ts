// Owns a worker thread and watches it. If a case takes too long or too much memory, the thread is ended, and
// the case counts as a failure like a case that throws.

import { Worker } from 'node:worker_threads';
import { caseAt, memoryLength, ranAt, runAt, sizeAt } from './shared.ts';
import type { Failure, Job, Setup, Verdict } from './shared.ts';

export interface Limits {
  /** Time in ms that one case may take. */
  readonly time: number;
  /** Number of bytes by which the process may grow. */
  readonly memory: number;
}

/** Time in ms between two checks. */
const lookTime = 100;
/** Limit of the thread's JavaScript heap in MiB. Other memory shows as growth of the process. */
const heap = 256;

export class Watchdog {
  readonly #target: string;
  readonly #limits: Limits;
  readonly #memory = new SharedArrayBuffer(memoryLength);
  readonly #counters: Int32Array = new Int32Array(this.#memory, 0, caseAt / 4);
  #worker: Worker | undefined;
  #watched = { ran: 0, since: 0 };

  constructor(target: string, limits: Limits) {
    this.#target = target;
    this.#limits = limits;
  }

  /** Number of cases begun. */
  get ran(): number {
    return Atomics.load(this.#counters, ranAt);
  }

  /** Starts the thread, if there is none. */
  async open(): Promise<Worker> {
    this.#worker ??= await this.#start();
    return this.#worker;
  }

  /** Does a job. If `deadline` (a time of performance.now) passes, stops it; the verdict is then `fine`. */
  async run(job: Job, deadline = Number.POSITIVE_INFINITY): Promise<Verdict> {
    const worker = await this.open();
    const base = process.memoryUsage.rss();
    return new Promise<Verdict>((resolve) => {
      const finish = (verdict: Verdict, dead: boolean): void => {
        clearInterval(timer);
        worker.off('message', answered).off('error', died);
        if (dead) {
          this.stop();
        }
        resolve(verdict);
      };
      const answered = (verdict: Verdict): void => finish(verdict, false);
      const died = ({ message }: Error): void => finish(this.#failure('death', message), true);
      const timer = setInterval(() => {
        const failure = this.#judge(base);
        if (failure !== undefined) {
          finish(failure, true);
        } else if (performance.now() >= deadline) {
          finish({ kind: 'fine' }, true);
        }
      }, lookTime);
      worker.on('message', answered).on('error', died);
      this.#watched = { ran: this.ran, since: performance.now() };
      worker.postMessage(job, []);
    });
  }

  stop(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #judge(base: number): Failure | undefined {
    const now = performance.now();
    if (this.ran !== this.#watched.ran) {
      this.#watched = { ran: this.ran, since: now };
    }
    const { time, memory } = this.#limits;
    if (now - this.#watched.since > time) {
      return this.#failure('hang', `The case did not end within ${time} ms.`);
    }
    const growth = process.memoryUsage.rss() - base;
    if (growth <= memory) {
      return undefined;
    }
    return this.#failure(
      'memory',
      `The process grew by ${growth} bytes, because of this case or an earlier one.`,
    );
  }

  #failure(kind: Failure['kind'], message: string): Failure {
    const length = Atomics.load(this.#counters, sizeAt);
    const bytes = new Uint8Array(this.#memory, caseAt, length).slice();
    return { kind, run: Atomics.load(this.#counters, runAt), bytes, message };
  }

  #start(): Promise<Worker> {
    const workerData: Setup = { target: this.#target, memory: this.#memory };
    const worker = new Worker(new URL('worker-entry.mjs', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heap },
    });
    return new Promise((resolve, reject) => {
      worker.on('error', reject); // This listener stays, for errors while the thread is being ended.
      worker.once('message', () => resolve(worker));
    });
  }
}
