// Push functions as targets. They return, yield or emit their values, at once or some turns of the event loop
// later. A first stream shows which of the two a target does, before anything is judged:
//
//   push(chunk) ──▶ a list, or nothing, and emit() inside of the call     NowRun
//               ──▶ a promise, an async list, or emit() after the call    LaterRun

import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { Collector, asBuffer, hasMethods } from './target.ts';
import type { AsyncRun, SyncRun, Target } from './target.ts';
import { UnknownShape, errorOf } from './terms.ts';
import type { Reading } from './terms.ts';

/**
 * What a push function may return: a list of values, also async or promised. A function that calls `emit`
 * returns nothing.
 */
export type Pushed<T> = Iterable<T> | AsyncIterable<T> | Promise<Iterable<T> | void> | void;

/**
 * A decoder whose `push` is called for each chunk. `push` returns or emits the values that the chunk
 * completed.
 */
export interface PushDecoder<T> {
  push(chunk: Buffer): Pushed<T>;
  /**
   * Called when the input is over. Returns or emits the values that are left. Throws if bytes are missing.
   */
  end?(): Pushed<T>;
}

/**
 * Function that makes a decoder for one connection. A decoder that calls back, as an EventEmitter does, calls
 * `emit` with each value instead of returning it, and `fail` with an error instead of throwing it.
 */
export type PushFactory<T> = (
  emit: (value: T) => void,
  fail: (error: unknown) => void,
) => PushDecoder<T> | ((chunk: Buffer) => Pushed<T>);

type Factory = PushFactory<unknown>;

/** Number of turns of the event loop in which a target that answers later must have answered. */
const TURNS = 4;
/**
 * Time in ms to wait for values of the first stream. It tells a target that answers too late from a target
 * that gives no value.
 */
const LATEST = 200;

function isBytesOrText(value: unknown): boolean {
  return typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isList(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value && !isBytesOrText(value);
}

function isAsyncList(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && Symbol.asyncIterator in value;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && 'then' in value && typeof value.then === 'function';
}

const LATER = 'Wrap the decoder as { iterable: async function* (chunks) { … } } instead.';

/**
 * The part that both kinds of run share: the target, its values, and the error that the target passed to
 * `fail`.
 */
class Pusher {
  readonly collector: Collector;
  /** Whether the target has ever answered after a call, with a promise, or with an async list. */
  later = false;
  readonly #made: PushDecoder<unknown>;
  readonly #emits: boolean;
  #calling = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(factory: Factory, reading: Reading) {
    this.collector = new Collector(reading);
    this.#emits = factory.length > 0;
    const made = factory(this.#emit, this.#fail);
    if (typeof made !== 'function' && !hasMethods(made, ['push'])) {
      throw new UnknownShape(
        'push made neither a function nor an object with push.',
        'For a decoder with other methods: { push: (emit) => { const d = new D(emit); return { push: (chunk) => d.write(chunk) }; } }.',
      );
    }
    this.#made = typeof made === 'function' ? { push: made } : made;
  }

  get ends(): boolean {
    return typeof this.#made.end === 'function';
  }

  /** Calls `push`, or `end` if there is no chunk. Returns a list, a promise, an async list, or nothing. */
  call(chunk: Uint8Array | undefined): unknown {
    this.#calling = true;
    try {
      const given: unknown =
        chunk === undefined ? this.#made.end?.() : this.#made.push(asBuffer(chunk));
      this.later ||= isPromise(given) || isAsyncList(given);
      return this.#understood(given);
    } finally {
      this.#calling = false;
    }
  }

  /** Throws the error that the target passed to `fail`, if any. */
  check(): void {
    if (this.#failure !== undefined) {
      throw errorOf(this.#failure.error);
    }
  }

  #understood(given: unknown): unknown {
    if (given === undefined || given === null || isList(given) || this.later) {
      return given;
    }
    if (this.#emits) {
      return undefined; // A function that emits may return anything, such as the result of `parser.write()`.
    }
    const what = isBytesOrText(given) ? 'bytes or a text' : `a ${typeof given}`;
    throw new UnknownShape(
      `push gave ${what}, which is no list of values.`,
      'Return a list, empty where no value is complete; or take emit, and call it with each value.',
    );
  }

  readonly #emit = (value: unknown): void => {
    this.later ||= !this.#calling;
    this.collector.add(value);
  };

  readonly #fail = (error: unknown): void => {
    this.later ||= !this.#calling;
    this.#failure ??= { error };
  };
}

class NowRun implements SyncRun {
  readonly #pusher: Pusher;
  readonly #reading: Reading;
  readonly #waiting: Iterable<unknown>[] = [];

  constructor(factory: Factory, reading: Reading) {
    this.#pusher = new Pusher(factory, reading);
    this.#reading = reading;
  }

  get values(): readonly unknown[] {
    return this.#pusher.collector.values;
  }

  write(chunk: Uint8Array): void {
    this.#pusher.collector.received(chunk.length);
    this.#keep(this.#pusher.call(chunk));
    if (this.#reading !== 'late') {
      this.settle();
    }
    this.#pusher.check();
  }

  end(): void {
    this.#keep(this.#pusher.call(undefined));
    this.settle();
    this.#pusher.check();
  }

  settle(): void {
    for (const given of this.#waiting.splice(0)) {
      for (const value of given) {
        this.#pusher.collector.add(value);
      }
    }
  }

  rescue(): void {
    try {
      this.settle();
    } catch {
      // Ignore a second error: only the first one counts.
    }
  }

  #keep(given: unknown): void {
    if (isList(given)) {
      this.#waiting.push(given);
    } else if (given !== undefined && given !== null) {
      throw new UnknownShape('push answers sometimes at once and sometimes later.', LATER);
    }
  }
}

class LaterRun implements AsyncRun {
  readonly #pusher: Pusher;

  constructor(factory: Factory, reading: Reading) {
    this.#pusher = new Pusher(factory, reading);
  }

  get values(): readonly unknown[] {
    return this.#pusher.collector.values;
  }

  get later(): boolean {
    return this.#pusher.later;
  }

  get ends(): boolean {
    return this.#pusher.ends;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#pusher.collector.received(chunk.length);
    await this.#take(this.#pusher.call(chunk));
  }

  async end(): Promise<void> {
    await this.#take(this.#pusher.call(undefined));
  }

  drop(): void {
    // A push function has no connection, so there is nothing to lose.
  }

  async #take(given: unknown): Promise<void> {
    const values: unknown = await given;
    if (isList(values) || isAsyncList(values)) {
      for await (const value of values) {
        this.#pusher.collector.add(value);
      }
    }
    for (let turns = 0; turns < TURNS; turns++) {
      await turn();
    }
    this.#pusher.check();
  }
}

/**
 * Plays a stream to a target and waits for the values. Ignores errors of the target, but throws UnknownShape.
 */
async function tryOut(run: LaterRun, chunks: readonly Uint8Array[]): Promise<void> {
  try {
    for (const chunk of chunks) {
      await run.write(chunk);
    }
    await run.end();
  } catch (error) {
    if (error instanceof UnknownShape) {
      throw error;
    }
  }
}

/**
 * Makes a Target of a push function. The frames of a good stream show whether it answers at once or later.
 */
export async function pushTarget(factory: Factory, frames: readonly Uint8Array[]): Promise<Target> {
  const run = new LaterRun(factory, 'eager');
  await tryOut(run, frames);
  const { ends } = run;
  const count = run.values.length;
  if (count < frames.length) {
    await pause(LATEST);
    if (run.values.length > count) {
      throw new UnknownShape('push gives values some time after the call.', LATER);
    }
  }
  return run.later
    ? { kind: 'async', ends, discards: false, open: (reading) => new LaterRun(factory, reading) }
    : { kind: 'sync', ends, discards: false, open: (reading) => new NowRun(factory, reading) };
}
