// Node streams as targets: Transforms of any age, and other duplex streams. A late reader is a loop that lets
// the event loop turn once after each value, so that the checks also see values that the stream buffers
// between reads.
//
// Rules: a run listens to errors from its first line to its last, so that no error is uncaught. A write that
// the target refused rejects with the target's own error. Streams older than Node's (`through`,
// readable-stream 2) have no async iterator, or do not call the callback of write().

import { setImmediate as turn } from 'node:timers/promises';
import { Ending } from './target-async.ts';
import { Collector, asBuffer, hasMethods, makingAnew } from './target.ts';
import type { AsyncRun, Target } from './target.ts';
import { UnknownShape, errorOf } from './terms.ts';
import type { Reading } from './terms.ts';

const EVENTS_HINT =
  'For a parser that emits its values: { push: (emit, fail) => { const p = new Parser(); p.on("frame", emit); p.on("error", fail); return { push: (chunk) => p.write(chunk) }; } }.';

/** Throws UnknownShape for a value that cannot be both written and read as a stream. */
function checkShape(stream: unknown): void {
  if (!hasMethods(stream, ['write', 'end', 'on', 'once'])) {
    const hint = hasMethods(stream, ['on']) ? EVENTS_HINT : 'transform must return a node stream.';
    throw new UnknownShape('transform made no stream with write and end.', hint);
  }
  const readable: unknown = Reflect.get(stream, 'readable');
  if (typeof Reflect.get(stream, 'read') !== 'function' && readable !== true) {
    throw new UnknownShape('transform made a stream that cannot be read.', EVENTS_HINT);
  }
}

class NodeRun implements AsyncRun {
  readonly #collector: Collector;
  readonly #stream: NodeJS.ReadWriteStream;
  readonly #ending: Ending;
  readonly #reading: Reading;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: NodeJS.ReadWriteStream, reading: Reading) {
    checkShape(stream);
    this.#stream = stream;
    this.#reading = reading;
    this.#collector = new Collector(reading);
    stream.on('error', (error: unknown) => (this.#failure ??= { error }));
    this.#ending = new Ending(this.#read());
  }

  get values(): readonly unknown[] {
    return this.#collector.values;
  }

  #read(): Promise<void> {
    if (this.#reading !== 'late') {
      return this.#readEvents((value) => this.#add(value));
    }
    return Symbol.asyncIterator in this.#stream ? this.#readLate() : this.#readPausing();
  }

  #readEvents(take: (value: unknown) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.on('data', take);
      this.#stream.once('end', resolve);
      this.#stream.once('close', resolve);
      this.#stream.once('error', (error: unknown) => reject(errorOf(error)));
    });
  }

  /** Reads as a program does that awaits something after each value. */
  async #readLate(): Promise<void> {
    for await (const value of this.#stream) {
      this.#add(value);
      await turn();
    }
  }

  /** Reads in the same way from a stream without an async iterator. */
  #readPausing(): Promise<void> {
    return this.#readEvents((value) => {
      this.#add(value);
      this.#stream.pause();
      setImmediate(() => this.#stream.resume());
    });
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
    await this.#orFailure(this.#ending.orStep(this.#written(asBuffer(chunk))));
  }

  #written(chunk: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if ('_writableState' in this.#stream) {
        this.#stream.write(chunk, (error) => (error ? reject(error) : resolve()));
      } else if (this.#stream.write(chunk)) {
        resolve();
      } else {
        this.#stream.once('drain', resolve);
      }
    });
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#orFailure(this.#ending.over);
  }

  /** Awaits a step. Throws the first error of the target, or the error of the step if the target has none. */
  async #orFailure(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await turn();
      this.#failure ??= { error };
      // Node keeps some values after the error, though seldom any, and a late reader still takes them.
      if (this.#reading === 'late') {
        await this.#ending.over.catch(() => undefined);
      }
    }
    if (this.#failure !== undefined) {
      throw errorOf(this.#failure.error);
    }
  }

  drop(): void {
    if ('destroy' in this.#stream && typeof this.#stream.destroy === 'function') {
      this.#stream.destroy();
    }
  }
}

/** Makes a target of node Transforms. Each connection gets a new Transform. */
export function nodeTarget(factory: () => NodeJS.ReadWriteStream): Target {
  const make = makingAnew('transform', factory);
  const open = (reading: Reading): AsyncRun => new NodeRun(make(), reading);
  return { kind: 'async', ends: true, discards: true, open };
}
