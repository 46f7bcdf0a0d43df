// Delivers one stream to a decoder in several ways, and writes all that the decoder returns as one text for
// each way.

import { deepStrictEqual, strictEqual } from 'node:assert';
import type { Codec, Decoder, FrameDecoder } from '../../src/codec/codec.ts';
import { isUnstickError, ProtocolError } from '../../src/errors.ts';
import { pieces } from '../../src/schedule/pieces.ts';
import { planSchedule, randomly } from '../../src/schedule/plans.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

/**
 * What a decoder returned for a stream: values and skipped frames in order, its error, and the bytes left.
 */
export interface Hearing {
  readonly said: string;
  readonly error: ProtocolError | undefined;
  readonly rest: string;
  /** Length of all values together that are bytes. */
  readonly bytes: number;
}

/** Bytes as text, one character each. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

const SKIPPING = 'ERR_SKIP_UNFINISHED';
/** Number of bytes at each end of a long stream that are delivered one by one. */
const manyBytes = 1000;

/** The schedule that cuts the stream of a case. It follows from a seed and the stream's length. */
export function cutsOf(seed: number, stream: Uint8Array): Schedule {
  return planSchedule(randomly, { seed, length: stream.length });
}

export class Listener {
  error: ProtocolError | undefined;
  readonly decoder: Decoder<unknown>;
  #said = '';
  #undelivered = '';
  #bytes = 0;
  readonly #show: (value: unknown) => string;

  constructor(
    codec: Codec<never, unknown>,
    options: { readonly skips: boolean; readonly show: (value: unknown) => string },
  ) {
    this.#show = options.show;
    const onSkip = (error: ProtocolError): void => {
      this.#said += `skip ${place(error)}\n`;
    };
    this.decoder = codec.decoder(options.skips ? { onSkip } : {});
  }

  push(chunk: Uint8Array): void {
    // A decoder that has failed drops chunks, so do not push any.
    if (this.error === undefined) {
      this.decoder.push(chunk);
    } else {
      this.#undelivered += latin1(chunk);
    }
  }

  scan(decoder: FrameDecoder, chunk: Uint8Array): void {
    if (this.error !== undefined) {
      this.push(chunk);
      return;
    }
    this.#guard(() => {
      decoder.scan(chunk, (bytes, start, end) => {
        this.#hear(bytes.subarray(start, end));
      });
    });
  }

  /** Takes all values. Only a ProtocolError may be thrown, and later always the same one. */
  take(): void {
    this.#guard(() => {
      for (let value = this.decoder.take(); value !== undefined; value = this.decoder.take()) {
        this.#hear(value);
      }
    });
  }

  /** Ends the input, checks the decoder's state after the end, and returns all that was heard. */
  finish(): Hearing {
    const { decoder } = this;
    decoder.end();
    this.take();
    this.take();
    strictEqual(decoder.done, this.error === undefined, 'done says whether the end was clean');
    const { bufferedLength } = decoder;
    const left = this.#takeRest();
    strictEqual(left.length, bufferedLength, 'bufferedLength is what takeRest gives back');
    const rest = left + this.#undelivered;
    return { said: this.#said, error: this.error, rest, bytes: this.#bytes };
  }

  /** The bytes left. A series that failed while a frame was being skipped has none to return. */
  #takeRest(): string {
    try {
      return (this.decoder.takeRest?.() ?? []).map(latin1).join('');
    } catch (error) {
      if (this.error !== undefined && isUnstickError(error) && error.code === SKIPPING) {
        this.#undelivered = '';
        return '';
      }
      throw error;
    }
  }

  #hear(value: unknown): void {
    this.#said += `${this.#show(value)}\n`;
    if (value instanceof Uint8Array) {
      this.#bytes += value.length;
    }
  }

  #guard(call: () => void): void {
    try {
      call();
      strictEqual(this.error, undefined, 'a failed decoder stays failed');
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      this.error ??= error;
      strictEqual(error, this.error, 'a failed decoder repeats its error');
    }
  }
}

export function place({ code, byteOffset, frameIndex }: ProtocolError): string {
  return `${code} at byte ${byteOffset}, frame ${frameIndex}`;
}

export interface HearingOptions {
  readonly skips: boolean;
  readonly show: (value: unknown) => string;
  readonly cuts: Schedule;
}

function isFrameDecoder(decoder: Decoder<unknown>): decoder is FrameDecoder {
  return 'scan' in decoder;
}

/**
 * Delivers the stream whole, byte by byte, cut by the schedule, and by scan() if the decoder has it. All ways
 * must give the same. `tidy` removes allowed differences, such as a body in several parts.
 */
export function hearAllWays(
  codec: Codec<never, unknown>,
  stream: Uint8Array,
  options: HearingOptions & { readonly tidy?: (said: string) => string },
): Hearing {
  const { tidy = (said) => said } = options;
  const whole = hear(codec, [stream], options);
  const cut = pieces(options.cuts, stream);
  const others = {
    'byte by byte': hear(codec, everyByte(stream), options),
    'taken late': hearLate(codec, cut, options),
    scanned: scanned(codec, cut, options),
  };
  for (const [how, other] of Object.entries(others)) {
    deepStrictEqual(facts(other, tidy), facts(whole, tidy), `${how} differs from whole`);
  }
  return whole;
}

/** The stream in single bytes. Of a long stream, only the beginning and the end are in single bytes. */
function everyByte(stream: Uint8Array): readonly Uint8Array[] {
  const bytes: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const long = at === manyBytes && stream.length > 2 * manyBytes;
    const end = long ? stream.length - manyBytes : at + 1;
    bytes.push(stream.subarray(at, end));
    at = end;
  }
  return bytes;
}

function facts(hearing: Hearing, tidy: (said: string) => string): object {
  const { said, error, rest } = hearing;
  return { said: tidy(said), error: error && numbers(error), rest };
}

function numbers(error: ProtocolError): object {
  const { message, length, limit, received, reason } = error;
  return { place: place(error), message, length, limit, received, reason };
}

/** Pushes each chunk, and takes all values after each. */
export function hear(
  codec: Codec<never, unknown>,
  chunks: readonly Uint8Array[],
  options: Omit<HearingOptions, 'cuts'>,
): Hearing {
  const listener = new Listener(codec, options);
  for (const chunk of chunks) {
    listener.push(chunk);
    listener.take();
  }
  return listener.finish();
}

function hearLate(
  codec: Codec<never, unknown>,
  chunks: readonly Uint8Array[],
  options: HearingOptions,
): Hearing {
  const listener = new Listener(codec, options);
  for (const chunk of chunks) {
    listener.push(chunk);
  }
  return listener.finish();
}

/**
 * Scans every second chunk and then overwrites it. The other chunks are pushed, so that both ways alternate.
 */
function scanned(
  codec: Codec<never, unknown>,
  chunks: readonly Uint8Array[],
  options: HearingOptions,
): Hearing {
  const listener = new Listener(codec, options);
  const { decoder } = listener;
  for (const [index, chunk] of chunks.entries()) {
    if (isFrameDecoder(decoder) && index % 2 === 0) {
      const own = Uint8Array.from(chunk);
      listener.scan(decoder, own);
      own.fill(0xaa);
    } else {
      listener.push(chunk);
      listener.take();
    }
  }
  return listener.finish();
}
