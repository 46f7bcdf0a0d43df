// Targets that need the event loop, as runs: a node Transform, a web pair, a function over async
// iterables. Late reading is that of a `for await` which lets the event loop turn after each value, so
// that what the target buffers between reads is seen as well.
//
// Rules: a run listens to errors from its first line to its last, so that none becomes an
// uncaught one; a write that the target refused rejects with the target's own error.

import { setImmediate as turn } from 'node:timers/promises';
import { ThrownValue } from './outcome.ts';
import type { Reading } from './outcome.ts';
import { Collector, asBuffer } from './target.ts';
import type { AsyncRun, Target } from './target.ts';

/** A pair of web streams: a TransformStream, or one of its kind. */
export interface WebPair<T> {
  readonly readable: ReadableStream<T>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * Waits for steps, but no longer than for the end of all. Promise.race would do, if it did not leave
 * something behind in the long promise for every short one.
 */
class Ending {
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

  /** Resolves with the step, or when all is over; rejects with the step, or with the end. */
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

class NodeRun implements AsyncRun {
  readonly #collector: Collector;
  readonly #stream: NodeJS.ReadWriteStream;
  readonly #ending: Ending;
  readonly #reading: Reading;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: NodeJS.ReadWriteStream, reading: Reading) {
    this.#stream = stream;
    this.#reading = reading;
    this.#collector = new Collector(reading);
    stream.on('error', (error: unknown) => (this.#failure ??= { error }));
    this.#ending = new Ending(reading === 'late' ? this.#readLate() : this.#readEagerly());
  }

  get values(): readonly unknown[] {
    return this.#collector.values;
  }

  #readEagerly(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.on('data', (value: unknown) => this.#add(value));
      this.#stream.once('end', resolve);
      this.#stream.once('close', resolve);
      this.#stream.once('error', (error: unknown) => reject(asError(error)));
    });
  }

  /** As the program does that awaits something for each value. */
  async #readLate(): Promise<void> {
    for await (const value of this.#stream) {
      this.#add(value);
      await turn();
    }
  }

  #add(value: unknown): void {
    try {
      this.#collector.add(value);
    } catch (error) {
      this.#failure ??= { error };
      this.drop();
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#collector.received(chunk.length);
    const taken = new Promise<void>((resolve, reject) => {
      this.#stream.write(asBuffer(chunk), (error) => (error ? reject(error) : resolve()));
    });
    await this.#orFailure(this.#ending.orStep(taken));
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#orFailure(this.#ending.over);
  }

  /** What the target itself said comes before what node says of writing to it. */
  async #orFailure(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await turn();
      this.#failure ??= { error };
      // The late reader takes what the error has left it, which is seldom anything.
      if (this.#reading === 'late') {
        await this.#ending.over.catch(() => undefined);
      }
    }
    if (this.#failure !== undefined) {
      throw asError(this.#failure.error);
    }
  }

  drop(): void {
    if ('destroy' in this.#stream && typeof this.#stream.destroy === 'function') {
      this.#stream.destroy();
    }
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ThrownValue(thrown);
}

class WebRun implements AsyncRun {
  readonly #collector: Collector;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #ending: Ending;

  constructor(pair: WebPair<unknown>, reading: Reading) {
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

/** Chunks for a function over async iterables: each is handed over when the function asks for it. */
class ChunkFeed {
  #offered: { chunk: Buffer; taken: () => void } | undefined;
  #asked: (() => void) | undefined;
  #state: 'open' | 'ended' | 'lost' = 'open';

  /** Resolves when the function asks for the chunk after this one: then it is done with it. */
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

/** A function from chunks to values. */
export type IterableDecoder<T> = (chunks: AsyncIterable<Buffer>) => AsyncIterable<T> | Iterable<T>;

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
    for await (const value of decode(this.#feed)) {
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

/** A node Transform, one for each connection. */
export function nodeTarget(factory: () => NodeJS.ReadWriteStream): Target {
  return { kind: 'async', ends: true, open: (reading) => new NodeRun(factory(), reading) };
}

/** A web pair, one for each connection. */
export function webTarget(factory: () => WebPair<unknown>): Target {
  return { kind: 'async', ends: true, open: (reading) => new WebRun(factory(), reading) };
}

/** A function over async iterables, called once for each connection. */
export function iterableTarget(decode: IterableDecoder<unknown>): Target {
  return { kind: 'async', ends: true, open: (reading) => new IterableRun(decode, reading) };
}
