// One interface for everything that decodes: open a run, write chunks, end it, and look at the values that
// came. This file has the interface, and the targets for decoders of the contract. target-push.ts drives push
// functions, target-node.ts drives node streams, and target-async.ts drives web pairs and async iterables.
//
// Rules: a run never repairs what the target does. A value counts when the target gave it, and an error is
// what the target threw. A run judges three faults only: values never end, an error does not come again, or
// bytes are left after a good end. A run that cannot drive its target throws UnknownShape, because a
// TypeError of the run must not count as an error of the target.

import type { Codec, Decoder } from '../../codec/codec.ts';
import { EndlessValues, UnknownShape } from './terms.ts';
import type { Reading } from './terms.ts';
import { quantity } from '../../text.ts';

/** One connection to a target that answers at once. */
export interface SyncRun {
  /** The values that came out so far, in order. */
  readonly values: readonly unknown[];
  write(chunk: Uint8Array): void;
  /** Tells the target that the input is over. All values must have come out when this returns. */
  end(): void;
  /** Takes the values that are there now, without telling the target that the input is over. */
  settle(): void;
  /** Takes the values that the target returned before its error and that were not read yet. Never throws. */
  rescue?(): void;
  /**
   * Returns words for what the target does wrong after its error, or `undefined`. Called once, with the
   * chunks that are left.
   */
  afterError?(rest: readonly Uint8Array[]): string | undefined;
  /**
   * Returns words for the fault that the target still holds bytes after a good end. Missing where the target
   * cannot tell.
   */
  leftovers?(): string | undefined;
}

/** One connection to a target that answers when it can. */
export interface AsyncRun {
  readonly values: readonly unknown[];
  /** Resolves when the target has taken the chunk. */
  write(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything has come out. */
  end(): Promise<void>;
  /** Ends the connection as if it were lost. Called after each delivery. Never throws. */
  drop(): void;
}

/** A target that is ready for many connections. */
export type Target = {
  /** Whether the target has a way to learn that its input is over. */
  readonly ends: boolean;
  /** Whether the platform discards values that wait to be read when the target fails. */
  readonly discards: boolean;
} & (
  | { readonly kind: 'sync'; readonly open: (reading: Reading) => SyncRun }
  | { readonly kind: 'async'; readonly open: (reading: Reading) => AsyncRun }
);

/** Returns the maximum number of values that `received` bytes may give. No known format gives more. */
function mostValues(received: number): number {
  return received * 4 + 64;
}

/** Collects values, and throws EndlessValues for a target that never stops giving them. */
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
        `The target gave ${this.#given} values for ${quantity(this.#received, 'byte')}, and goes on.`,
      );
    }
    if (!this.#forgetful) {
      this.values.push(value);
    }
  };
}

/** Returns whether the value has all these methods. */
export function hasMethods(value: unknown, names: readonly string[]): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

/**
 * Wraps a factory that must make a new object each time. Throws if it returns an object again, because a used
 * object keeps its old state.
 */
export function makingAnew<T extends object>(name: string, factory: () => T): () => T {
  const made = new WeakSet();
  return () => {
    const one: unknown = factory();
    if (typeof one !== 'object' || one === null) {
      throw new UnknownShape(`${name} made nothing.`, `Return the new object from ${name}.`);
    }
    if (made.has(one)) {
      throw new UnknownShape(
        `${name} gave the same object twice.`,
        `Each delivery is a connection of its own: make a new object in ${name}.`,
      );
    }
    made.add(one);
    return one as T; // Cast: the type of the factory says so, though a caller without types may break it.
  };
}

class DecoderRun implements SyncRun {
  readonly #collector: Collector;
  readonly #decoder: Decoder<unknown>;
  readonly #reading: Reading;

  constructor(decoder: Decoder<unknown>, reading: Reading) {
    if (!hasMethods(decoder, ['push', 'end', 'take'])) {
      throw new UnknownShape(
        'decoder() gave something without push, end and take.',
        'For a decoder whose push returns its values: { push: () => new MyDecoder() }.',
      );
    }
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
    return bufferedLength === 0
      ? undefined
      : `still counts ${quantity(bufferedLength, 'byte')} as buffered`;
  }
}

/** Returns a Buffer over the same memory. Node's streams and sockets give Buffers, too. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Makes a target of a codec, or of anything else that makes decoders of the contract. */
export function decoderTarget(codec: Pick<Codec<unknown>, 'decoder'>): Target {
  return {
    kind: 'sync',
    ends: true,
    discards: false,
    open: (reading) => new DecoderRun(codec.decoder(), reading),
  };
}
