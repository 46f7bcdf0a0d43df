// Codecs as node Transforms, for pipe and pipeline: bytes on one side, values on the other.
//
// A plain Transform would decode a whole chunk into its queue, and would drop the good values unread when a
// bad frame follows. Here a value is decoded when there is room for it, and an error is raised only after
// every value in front of the bad frame was read.

import { AsyncResource } from 'node:async_hooks';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import type { Codec, Decoder, DecoderOptions, FrameCodec } from '../codec/codec.ts';
import { asError, isUnstickError, UsageError } from '../errors.ts';
import type { ProtocolError } from '../errors.ts';
import { checkFunction, checkNames, flag } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { coalesce } from './coalesce.ts';
import { errorChannel, frameChannel, skipChannel } from './diagnostics.ts';
import type { NodeBytes } from './node-bytes.ts';
import { ownBytes } from './own-bytes.ts';

/** Options of `decodeStream`. */
export interface DecodeStreamOptions extends Omit<DecoderOptions, 'onNoise'> {
  /** Whether values have bytes of their own. With false, values are views of chunks. Default false. */
  readonly copy?: boolean | undefined;
}

const DECODE_STREAM_NAMES = {
  onSkip: true,
  copy: true,
} satisfies OptionNames<DecodeStreamOptions>;

type NodeIterator = ReturnType<Transform[typeof Symbol.asyncIterator]>;

/**
 * Makes `for await` give values of type `Out`. Node's own iterator gives `any`, and `any` would win over
 * `Out` unless both iterators have the same return and next types. Those types differ between versions of
 * `@types/node`, so infer them.
 */
type Values<Out> =
  NodeIterator extends AsyncIterator<unknown, infer Return, infer Next>
    ? { [Symbol.asyncIterator](): AsyncIterator<Out, Return, Next> }
    : never;

/** A Transform whose values have the type `Out` in a `for await` loop. */
export type DecodeTransform<Out> = Values<Out> & Transform;

/**
 * Returns a Transform that takes bytes and gives values. For wrong input it fails with a ProtocolError, but
 * only after every value in front of the wrong bytes was read. Input that ends inside a frame fails it with
 * ERR_FRAME_TRUNCATED. At most one value is decoded ahead of its reader. `onSkip` runs in the async context
 * of this call.
 */
export function decodeStream(
  codec: Pick<FrameCodec, 'decoder'>,
  options?: DecodeStreamOptions,
): DecodeTransform<NodeBytes>;
export function decodeStream<Out>(
  codec: Pick<Codec<never, Out>, 'decoder'>,
  options?: DecodeStreamOptions,
): DecodeTransform<Out>;
export function decodeStream<Out>(
  codec: Pick<Codec<never, Out>, 'decoder'>,
  options: DecodeStreamOptions = {},
): DecodeTransform<Out> {
  checkFunction('codec.decoder', codec?.decoder);
  checkNames('decodeStream', options, DECODE_STREAM_NAMES);
  if (options.onSkip !== undefined) {
    checkFunction('onSkip', options.onSkip);
  }
  return new DecodeStream(codec, options);
}

/**
 * Returns a Transform that takes values and gives bytes. A value of up to 128 KiB is one piece, so that it
 * becomes one write on a socket. If a value cannot be encoded, the stream fails once the bytes of all earlier
 * values were read, and gives no byte of that value.
 */
export function encodeStream<In>(codec: Pick<Codec<In, unknown>, 'encode'>): Transform {
  checkFunction('codec.encode', codec?.encode);
  return new Transform({
    writableObjectMode: true,
    transform(value: In, _encoding: BufferEncoding, done: TransformCallback) {
      let runs: Uint8Array[];
      try {
        runs = coalesce(codec.encode(value));
      } catch (error) {
        failWhenRead(this, asError(error));
        return;
      }
      // Push outside of the `try`: an error that a 'data' listener throws is not an error of encoding.
      for (const run of runs) {
        this.push(run);
      }
      done();
    },
  });
}

/**
 * Fails a stream once everything in its queue was read. The failure comes in a later tick, because `read` may
 * ask for more before it returns.
 */
function failWhenRead(stream: Transform, failure: Error): void {
  const raise = (): void => {
    if (stream.readableLength === 0) {
      stream.destroy(failure);
    }
  };
  process.nextTick(raise);
  // Watch `read` only on streams that have failed: watching it on all streams would cost a tenth of the
  // throughput.
  const read = stream.read.bind(stream);
  stream.read = (size?: number): unknown => {
    const value: unknown = read(size);
    process.nextTick(raise);
    return value;
  };
}

class DecodeStream<Out> extends Transform {
  readonly #decoder: Decoder<Out>;
  readonly #copy: boolean;
  /**
   * Function that tells the writer that its chunk is used up, or that ends the stream. It is not called while
   * values wait to be read.
   */
  #done: (() => void) | undefined;
  #failure: Error | undefined;
  #isDelivering = false;

  constructor(codec: Pick<Codec<never, Out>, 'decoder'>, options: DecodeStreamOptions) {
    // With `decodeStrings` off, text reaches the decoder, which throws an error that names the mistake.
    super({ readableObjectMode: true, readableHighWaterMark: 1, decodeStrings: false });
    this.#copy = flag('copy', options.copy, false);
    const onSkip = options.onSkip && AsyncResource.bind(options.onSkip);
    const report = (error: ProtocolError): void => {
      if (skipChannel.hasSubscribers) {
        skipChannel.publish({ connection: this, error });
      }
      onSkip?.(error);
    };
    this.#decoder = codec.decoder(onSkip === undefined ? { onNoise: report } : { onSkip: report });
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      // A value from an earlier chunk may still wait to be read, so fail the stream only once that value was
      // read.
      this.#fail(error);
      return;
    }
    this.#done = done;
    this.#deliver();
  }

  override _final(done: TransformCallback): void {
    this.#decoder.end();
    this.#done = () => {
      this.push(null);
      done();
    };
    this.#deliver();
  }

  override _read(): void {
    this.#deliver();
  }

  /**
   * Iterates as every Readable does, but returns a value that is already there without a turn of node's async
   * generator. This doubles the rate.
   */
  override [Symbol.asyncIterator](): ReturnType<Transform[typeof Symbol.asyncIterator]> {
    const waiting = super[Symbol.asyncIterator]();
    // Node's iterator adds its listener for 'error' only when it first waits. Without this listener, an
    // earlier failure would be an unhandled 'error'.
    this.on('error', () => undefined);
    const next = waiting.next.bind(waiting);
    const leave = waiting.return?.bind(waiting);
    let pending = 0;
    const wait = (): ReturnType<typeof next> => {
      pending++;
      return next().finally(() => pending--);
    };
    waiting.next = () => {
      // Calls that still wait must get their values first, so this call waits behind them.
      const value: unknown = this.destroyed || pending > 0 ? null : this.read();
      return value === null ? wait() : Promise.resolve({ done: false, value });
    };
    waiting.return = async (value) => {
      // Destroy the stream here, because a generator that never ran does not run its cleanup.
      this.destroy();
      return (await leave?.(value)) ?? { done: true, value };
    };
    return waiting;
  }

  /**
   * Hands values over while there is room for them. When the decoder has no more values, asks for the next
   * chunk.
   */
  #deliver(): void {
    // A 'data' listener that reads or writes calls this method again. Return then, because the loop below
    // goes on.
    if (this.#isDelivering) {
      return;
    }
    this.#isDelivering = true;
    try {
      while (this.#done !== undefined && this.#handOver()) {
        const done = this.#done;
        this.#done = undefined;
        done();
      }
    } finally {
      this.#isDelivering = false;
    }
  }

  /** Hands values over. Returns true when the decoder has no more values and the stream has room for more. */
  #handOver(): boolean {
    while (this.#failure === undefined && !this.destroyed) {
      const value = this.#take();
      if (this.#failure !== undefined) {
        return false;
      }
      if (value === undefined) {
        return true;
      }
      if (frameChannel.hasSubscribers) {
        frameChannel.publish({ connection: this, value });
      }
      // Push outside of any `try`: an error that a 'data' listener throws is not the remote's error.
      if (!this.push(value)) {
        return false;
      }
    }
    return false;
  }

  #take(): Out | undefined {
    try {
      const value = this.#decoder.take();
      if (value === null) {
        throw notCarried();
      }
      return this.#copy && value !== undefined ? ownBytes(value) : value;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(thrown: unknown): void {
    const error = asError(thrown);
    this.#failure = error;
    // Publish only errors of this package. The caller's onSkip may have thrown some other error.
    if (errorChannel.hasSubscribers && isUnstickError(error)) {
      errorChannel.publish({ connection: this, error });
    }
    failWhenRead(this, error);
  }
}

/**
 * Makes the error for a decoder that gives `null`. As a value, `null` would end the stream, and later values
 * would be lost silently.
 */
function notCarried(): UsageError {
  return new UsageError(
    'ERR_OPTION',
    'The decoder gave null, which a stream of objects cannot carry.',
    { hint: 'Have the decoder give an object instead of null.' },
  );
}
