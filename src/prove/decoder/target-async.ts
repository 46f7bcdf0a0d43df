// Two kinds of targets: pairs of web streams, and functions over async iterables. A late reader waits one
// turn of the event loop between two reads. In that turn the target may buffer values, so the checks also see
// what happens to buffered values.

import { setImmediate as turn } from 'node:timers/promises';
import { Collector, asBuffer, hasMethods, makingAnew } from './target.ts';
import type { AsyncRun, Target } from './target.ts';
import { UnknownShape } from './terms.ts';
import type { Reading } from './terms.ts';

/** A pair of web streams, such as a TransformStream. */
export interface WebPair<T> {
  readonly readable: ReadableStream<T>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * Waits for one step after another, but no longer than until `over` settles. Promise.race would do the same,
 * but would leave a callback for each step in the long-lived promise.
 */
export class Ending {
  readonly over: Promise<void>;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(over: Promise<void>) {
    const wake = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    over.then(wake, wake);
    this.over = over;
  }

  /** Settles as the step does. If `over` settles first, settles as `over` does. */
  async orStep(step: Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      step.then(resolve, reject);
      if (this.#isOver) {
        resolve();
      }
    });
    if (this.#isOver) {
      await this.over;
    }
  }
}

/** Throws UnknownShape for a value that is no pair of web streams. */
function checkPair(pair: unknown): void {
  const { readable, writable }: { readable?: unknown; writable?: unknown } = Object(pair);
  if (!hasMethods(readable, ['getReader']) || !hasMethods(writable, ['getWriter'])) {
    throw new UnknownShape(
      'web made no pair of web streams, { readable, writable }.',
      'For a node stream: { transform: () => new MyTransform() }.',
    );
  }
}

class WebRun implements AsyncRun {
  readonly #collector: Collector;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #ending: Ending;

  constructor(pair: WebPair<unknown>, reading: Reading) {
    checkPair(pair);
    this.#collector = new Collector(reading);
    this.#writer = pair.writable.getWriter();
    this.#writer.closed.catch(() => undefined);
    this.#ending = new Ending(this.#read(pair.readable.getReader(), reading));
  }

  get values(): readonly unknown[] {
    return this.#collector.values;
  }

  async #read(reader: ReadableStreamDefaultReader<unknown>, reading: Reading): Promise<void> {
    for (;;) {
      if (reading === 'late') {
        await turn();
      }
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      this.#collector.add(value);
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#collector.received(chunk.length);
    await this.#ending.orStep(this.#writer.write(chunk));
  }

  async end(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#ending.over]);
  }

  drop(): void {
    this.#writer.abort(new Error('The connection is lost.')).catch(() => undefined);
  }
}

/**
 * Gives chunks to a function over async iterables. The function gets a chunk each time it asks for the next
 * one.
 */
class ChunkFeed {
  #offered: { chunk: Buffer; taken: () => void } | undefined;
  #asked: (() => void) | undefined;
  #state: 'open' | 'ended' | 'lost' = 'open';

  /**
   * Offers a chunk. Resolves when the function asks for the next chunk, which shows that it is done with this
   * one.
   */
  offer(chunk: Buffer): Promise<void> {
    return new Promise((taken) => {
      this.#offered = { chunk, taken };
      this.#wake();
    });
  }

  close(state: 'ended' | 'lost'): void {
    this.#state = state;
    this.#wake();
  }

  #wake(): void {
    this.#asked?.();
    this.#asked = undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const offered = this.#offered;
      if (offered !== undefined) {
        yield offered.chunk;
        this.#offered = undefined;
        offered.taken();
      } else if (this.#state === 'open') {
        await new Promise<void>((asked) => (this.#asked = asked));
      } else if (this.#state === 'lost') {
        throw new Error('The connection is lost.');
      } else {
        return;
      }
    }
  }
}

/** Function that turns chunks into values, such as an async generator. */
export type IterableDecoder<T> = (
  chunks: AsyncIterable<Buffer>,
) => AsyncIterable<T> | Iterable<T> | Promise<AsyncIterable<T> | Iterable<T>>;

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

class IterableRun implements AsyncRun {
  readonly #collector: Collector;
  readonly #feed = new ChunkFeed();
  readonly #ending: Ending;

  constructor(decode: IterableDecoder<unknown>, reading: Reading) {
    this.#collector = new Collector(reading);
    this.#ending = new Ending(this.#read(decode, reading));
  }

  get values(): readonly unknown[] {
    return this.#collector.values;
  }

  async #read(decode: IterableDecoder<unknown>, reading: Reading): Promise<void> {
    const values: unknown = await decode(this.#feed);
    if (!isIterable(values)) {
      throw new UnknownShape(
        'iterable gave nothing that can be iterated over.',
        'Pass a generator: { iterable: async function* (chunks) { for await (const chunk of chunks) { … } } }.',
      );
    }
    for await (const value of values) {
      this.#collector.add(value);
      if (reading === 'late') {
        await turn();
      }
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#collector.received(chunk.length);
    await this.#ending.orStep(this.#feed.offer(asBuffer(chunk)));
  }

  async end(): Promise<void> {
    this.#feed.close('ended');
    await this.#ending.over;
  }

  drop(): void {
    this.#feed.close('lost');
  }
}

/** Makes a target of web pairs. Each connection gets a new pair. */
export function webTarget(factory: () => WebPair<unknown>): Target {
  const make = makingAnew('web', factory);
  const open = (reading: Reading): AsyncRun => new WebRun(make(), reading);
  return { kind: 'async', ends: true, discards: true, open };
}

/** Makes a target of a function over async iterables. Each connection calls the function once. */
export function iterableTarget(decode: IterableDecoder<unknown>): Target {
  const open = (reading: Reading): AsyncRun => new IterableRun(decode, reading);
  return { kind: 'async', ends: true, discards: false, open };
}
