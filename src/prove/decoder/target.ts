// Whatever decodes, behind one small face: open a run, write chunks, say that it is over, and
// look at the values that came. Here are the targets that answer at once; decoder-target-async.ts
// has those that need the event loop.
//
// Rules: a run never repairs what the target does: a value counts when the target gave it, an
// error is what the target threw. The only judgement here is that of values without end.

import type { Codec, Decoder } from '../../codec/codec.ts';
import { EndlessValues } from './outcome.ts';
import type { Reading } from './outcome.ts';

/** One connection to a target that answers at once. */
export interface SyncRun {
  /** What came out so far, in order. */
  readonly values: readonly unknown[];
  write(chunk: Uint8Array): void;
  /** The input is over; everything must have come out when this returns. */
  end(): void;
  /** Asks for what is there without an end. */
  settle(): void;
  /** Takes what was given before an error and not looked at yet. Never throws. */
  rescue?(): void;
  /** What the target does wrong after its error, if anything: called once, with the chunks that were to come. */
  afterError?(rest: readonly Uint8Array[]): string | undefined;
  /** What the target still holds after a good end, if it can say. */
  leftovers?(): string | undefined;
}

/** One connection to a target that answers when it can. */
export interface AsyncRun {
  readonly values: readonly unknown[];
  /** Resolves when the target has taken the chunk. */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything has come out. */
  end(): Promise<void>;
  /** The connection is lost. Never throws. */
  drop(): void;
}

/** A target, ready to be connected to many times. `ends` says whether it can be told of the end. */
export type Target =
  | {
      readonly kind: 'sync';
      readonly ends: boolean;
      readonly open: (reading: Reading) => SyncRun;
    }
  | {
      readonly kind: 'async';
      readonly ends: true;
      readonly open: (reading: Reading) => AsyncRun;
    };

/** A decoder in one call a chunk: gives the values that the chunk completed, or emits them. */
export interface PushDecoder<T> {
  push(chunk: Buffer): Iterable<T> | void;
  /** The input is over: gives or emits what is left, throws if something is missing. */
  end?(): Iterable<T> | void;
}

/** Makes a decoder for one connection. `emit` is for those that call back instead of returning. */
export type PushFactory<T> = (
  emit: (value: T) => void,
) => PushDecoder<T> | ((chunk: Buffer) => Iterable<T> | void);

/** No format here or elsewhere makes more values of its bytes than this. */
function mostValues(received: number): number {
  return received * 4 + 64;
}

/** Collects values, and stops a target that never stops giving them. */
export class Collector {
  readonly values: unknown[] = [];
  readonly #forgetful: boolean;
  #received = 0;
  #given = 0;

  constructor(reading: Reading) {
    this.#forgetful = reading === 'forgetful';
  }

  received(length: number): void {
    this.#received += length;
  }

  readonly add = (value: unknown): void => {
    this.#given++;
    if (this.#given > mostValues(this.#received)) {
      throw new EndlessValues(
        `The target gave ${this.#given} values for ${this.#received} bytes, and goes on.`,
      );
    }
    if (!this.#forgetful) {
      this.values.push(value);
    }
  };
}

class DecoderRun implements SyncRun {
  readonly #collector: Collector;
  readonly #decoder: Decoder<unknown>;
  readonly #reading: Reading;

  constructor(decoder: Decoder<unknown>, reading: Reading) {
    this.#decoder = decoder;
    this.#collector = new Collector(reading);
    this.#reading = reading;
  }

  get values(): readonly unknown[] {
    return this.#collector.values;
  }

  write(chunk: Uint8Array): void {
    this.#collector.received(chunk.length);
    this.#decoder.push(chunk);
    if (this.#reading !== 'late') {
      this.settle();
    }
  }

  end(): void {
    this.#decoder.end();
    this.settle();
  }

  settle(): void {
    for (let value = this.#decoder.take(); value !== undefined; value = this.#decoder.take()) {
      this.#collector.add(value);
    }
  }

  afterError(rest: readonly Uint8Array[]): string | undefined {
    const first = this.#secondError();
    if (first.reason !== undefined) {
      return first.reason;
    }
    for (const chunk of rest) {
      this.#decoder.push(chunk);
    }
    return this.#secondError().reason;
  }

  #secondError(): { reason?: string } {
    try {
      const value = this.#decoder.take();
      return { reason: `gives ${value === undefined ? 'nothing' : 'a value'} after its error` };
    } catch {
      return {};
    }
  }

  leftovers(): string | undefined {
    const { done, bufferedLength } = this.#decoder;
    if (!done) {
      return 'says that it is not done after a good end';
    }
    return bufferedLength === 0 ? undefined : `still counts ${bufferedLength} bytes as buffered`;
  }
}

class PushRun implements SyncRun {
  readonly #collector: Collector;
  readonly #target: PushDecoder<unknown>;
  readonly #reading: Reading;
  readonly #waiting: Iterable<unknown>[] = [];

  constructor(factory: PushFactory<unknown>, reading: Reading) {
    this.#collector = new Collector(reading);
    this.#reading = reading;
    const made = factory(this.#collector.add);
    this.#target = typeof made === 'function' ? { push: made } : made;
  }

  get values(): readonly unknown[] {
    return this.#collector.values;
  }

  write(chunk: Uint8Array): void {
    this.#collector.received(chunk.length);
    this.#keep(this.#target.push(asBuffer(chunk)));
    if (this.#reading !== 'late') {
      this.settle();
    }
  }

  end(): void {
    if (this.#target.end !== undefined) {
      this.#keep(this.#target.end());
    }
    this.settle();
  }

  settle(): void {
    for (const given of this.#waiting.splice(0)) {
      for (const value of given) {
        this.#collector.add(value);
      }
    }
  }

  rescue(): void {
    try {
      this.settle();
    } catch {
      // A second error adds nothing to the first.
    }
  }

  #keep(given: Iterable<unknown> | void): void {
    if (given !== undefined && given !== null) {
      this.#waiting.push(given);
    }
  }
}

/** The same memory as a Buffer: what Node's streams and sockets hand out. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A codec, or whatever else makes decoders of the contract. */
export function decoderTarget(codec: Pick<Codec<unknown>, 'decoder'>): Target {
  return {
    kind: 'sync',
    ends: true,
    open: (reading) => new DecoderRun(codec.decoder(), reading),
  };
}

/** A push function; whether it can be told of the end shows when one is made. */
export function pushTarget(factory: PushFactory<unknown>): Target {
  const sample = factory(() => undefined);
  return {
    kind: 'sync',
    ends: typeof sample !== 'function' && sample.end !== undefined,
    open: (reading) => new PushRun(factory, reading),
  };
}
