// Ways in which bytes reach a decoder: cut anywhere, as Buffers or as plain arrays, pushed or scanned, with
// any number of values taken after each chunk. A reader records all values, skips and errors of the decoder.

import { strictEqual } from 'node:assert';
import * as fc from 'fast-check';

import type { Codec, Decoder, FrameDecoder } from '../../src/codec/codec.ts';
import { ProtocolError, UsageError } from '../../src/errors.ts';
import { toHex } from './bytes.ts';
import type { Place, SlowEvent } from './slow-frames.ts';

export type ChunkKind = 'plain' | 'buffer' | 'pooled' | 'view';

export interface Step {
  readonly bytes: Uint8Array;
  /** `scan` means `push` for a decoder that has no `scan`. */
  readonly how: 'push' | 'scan';
  /** How many values to take after this chunk, at most. */
  readonly takes: number;
}

export interface Delivery {
  readonly steps: readonly Step[];
  readonly kind: ChunkKind;
  readonly ended: boolean;
}

/** Offsets at which to cut a stream: at none, at all, or at some. An offset twice makes an empty chunk. */
export function cutsOf(length: number): fc.Arbitrary<number[]> {
  const some = fc.array(fc.nat(length), { maxLength: 12 });
  const every = Array.from({ length }, (_, i) => i);
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.constant(every) },
    { weight: 6, arbitrary: some.map((cuts) => cuts.toSorted((a, b) => a - b)) },
  );
}

export function split(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  return [...cuts, stream.length].map((cut, i) => stream.slice(cuts[i - 1] ?? 0, cut));
}

const TAKES = [0, 1, 2, Infinity];
export const chunkKinds: fc.Arbitrary<ChunkKind> = fc.constantFrom(
  'plain',
  'buffer',
  'pooled',
  'view',
);

export function deliveriesOf(stream: Uint8Array): fc.Arbitrary<Delivery> {
  return fc
    .record({
      cuts: cutsOf(stream.length),
      hows: fc.array(fc.constantFrom('push', 'scan'), { minLength: 1, maxLength: 4 }),
      takes: fc.array(fc.constantFrom(...TAKES), { minLength: 1, maxLength: 4 }),
      kind: chunkKinds,
      ended: fc.boolean(),
    })
    .map(({ cuts, hows, takes, kind, ended }) => ({
      kind,
      ended,
      steps: split(stream, cuts).map((bytes, i) => ({
        bytes,
        how: hows[i % hows.length] ?? 'push',
        takes: takes[i % takes.length] ?? Infinity,
      })),
    }));
}

/** A copy of the bytes, in one of the kinds of arrays in which chunks arrive. */
export function chunkOf(bytes: Uint8Array, kind: ChunkKind): Uint8Array {
  switch (kind) {
    case 'plain':
      return bytes.slice();
    case 'buffer':
      return Buffer.from(new Uint8Array(bytes).buffer);
    case 'pooled':
      return Buffer.from(bytes);
    case 'view': {
      const around = new Uint8Array(bytes.length + 300).fill(0xee);
      around.set(bytes, 77);
      return around.subarray(77, 77 + bytes.length);
    }
  }
}

export interface Reading {
  readonly events: SlowEvent[];
  readonly error: Place | undefined;
  readonly rest: string;
}

const POISON = 0xaa;

/** Delivers the steps and returns what the decoder said. Also checks the invariants of every decoder. */
class Reader {
  readonly events: SlowEvent[] = [];
  error: ProtocolError | undefined;
  #undelivered = '';
  readonly #decoder: Decoder<unknown>;
  readonly #kind: ChunkKind;
  readonly #kept: { readonly view: Uint8Array; readonly was: string }[] = [];

  constructor(codec: Codec<never, unknown>, options: { skips: boolean; kind: ChunkKind }) {
    const onSkip = (error: ProtocolError): void => {
      this.events.push({ kind: 'skip', ...placeOf(error) });
    };
    this.#decoder = codec.decoder(options.skips ? { onSkip } : {});
    this.#kind = options.kind;
  }

  deliver({ steps, ended }: Delivery): Reading {
    for (const step of steps) {
      this.#step(step);
    }
    if (ended) {
      this.#decoder.end();
    }
    this.#take(Infinity);
    if (this.error === undefined) {
      strictEqual(this.#decoder.take(), undefined);
      strictEqual(this.#decoder.done, ended);
    } else {
      strictEqual(this.#decoder.done, false);
    }
    return this.#finish();
  }

  #finish(): Reading {
    const { bufferedLength } = this.#decoder;
    const rest = this.#takeRest();
    strictEqual(
      rest.reduce((sum, { length }) => sum + length, 0),
      bufferedLength,
    );
    strictEqual(this.#decoder.bufferedLength, 0);
    for (const { view, was } of this.#kept) {
      strictEqual(toHex(view), was);
    }
    const error = this.error === undefined ? undefined : placeOf(this.error);
    return { events: this.events, error, rest: rest.map(toHex).join('') + this.#undelivered };
  }

  /** In the middle of a skipped frame, takeRest() throws, because nothing of that frame is kept. */
  #takeRest(): Uint8Array[] {
    try {
      return this.#decoder.takeRest?.() ?? [];
    } catch (error) {
      if (error instanceof UsageError && error.code === 'ERR_SKIP_UNFINISHED') {
        return [];
      }
      throw error;
    }
  }

  #step({ bytes, how, takes }: Step): void {
    if (this.error !== undefined) {
      // After a failure a decoder drops all bytes, so these are not pushed.
      this.#undelivered += toHex(bytes);
      return;
    }
    const chunk = chunkOf(bytes, this.#kind);
    if (how === 'scan' && canScan(this.#decoder)) {
      const decoder = this.#decoder;
      this.#catch(() => decoder.scan(chunk, (from, start, end) => this.#shown(from, start, end)));
      chunk.fill(POISON);
    } else {
      this.#decoder.push(chunk);
    }
    this.#take(takes);
  }

  #shown(from: Uint8Array, start: number, end: number): void {
    this.events.push({ kind: 'value', value: toHex(from.subarray(start, end)) });
  }

  #take(most: number): void {
    for (let taken = 0; taken < most; taken++) {
      let value: unknown;
      this.#catch(() => {
        value = this.#decoder.take();
      });
      if (value === undefined) {
        return;
      }
      this.events.push({ kind: 'value', value: this.#show(value) });
    }
  }

  /** Keeps the first error. Every later call must throw the same object. */
  #catch(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      if (this.error === undefined) {
        this.error = error;
      } else {
        strictEqual(error, this.error);
      }
    }
  }

  /** Bytes become hex, also in the fields of an object; other fields stay as they are. */
  #show(value: unknown): unknown {
    if (value instanceof Uint8Array) {
      return this.#keep(value);
    }
    if (typeof value !== 'object' || value === null) {
      throw new Error('neither bytes nor parts');
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, part]: [string, unknown]) => [
        name,
        part instanceof Uint8Array ? this.#keep(part) : part,
      ]),
    );
  }

  #keep(view: Uint8Array): string {
    const wanted = this.#kind === 'plain' || this.#kind === 'view' ? Uint8Array : Buffer;
    strictEqual(Object.getPrototypeOf(view), wanted.prototype);
    const was = toHex(view);
    this.#kept.push({ view, was });
    return was;
  }
}

function placeOf({ code, byteOffset, frameIndex }: ProtocolError): Place {
  return { code, byteOffset, frameIndex };
}

function canScan(decoder: Decoder<unknown>): decoder is FrameDecoder {
  return 'scan' in decoder;
}

/** The values, skips, error and rest that a new decoder of this codec gives for this delivery. */
export function read(codec: Codec<never, unknown>, delivery: Delivery, skips = false): Reading {
  return new Reader(codec, { skips, kind: delivery.kind }).deliver(delivery);
}

/** The whole stream in one chunk, then the end. */
export function atOnce(stream: Uint8Array): Delivery {
  return {
    steps: [{ bytes: stream, how: 'push', takes: Infinity }],
    kind: 'plain',
    ended: true,
  };
}
