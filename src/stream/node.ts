// Codecs as node Transforms, for pipe and pipeline: bytes on one side, values on the other.
//
// A plain Transform would decode a whole chunk into its queue, and when a bad frame follows good ones
// it would drop those unread. Here a value is decoded when there is room for it, and an error is raised
// when the last value before it has been read.

import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import type { Codec, Decoder, DecoderOptions } from '../codec/codec.ts';
import { asError, checkFunction } from '../errors.ts';
import { errorChannel, frameChannel, skipChannel } from './diagnostics.ts';
import { ownBytes } from './own-bytes.ts';

export interface DecodeStreamOptions extends DecoderOptions {
  /** Give values that own their bytes, instead of views of chunks. Default false. */
  readonly copy?: boolean | undefined;
}

/**
 * Bytes in, values out. The stream fails with the ProtocolError of its input, after every value before
 * it was read; input that ends inside a frame is ERR_FRAME_TRUNCATED.
 */
export function decodeStream<Out>(
  codec: Pick<Codec<never, Out>, 'decoder'>,
  options: DecodeStreamOptions = {},
): Transform {
  checkFunction('codec.decoder', codec?.decoder);
  return new DecodeStream(codec, options);
}

/**
 * Values in, bytes out. A value that cannot be encoded fails the stream, after what was before it was
 * read; nothing of it is written.
 */
export function encodeStream<In>(codec: Pick<Codec<In, unknown>, 'encode'>): Transform {
  checkFunction('codec.encode', codec?.encode);
  return new Transform({
    writableObjectMode: true,
    transform(value: In, _encoding: BufferEncoding, done: TransformCallback) {
      try {
        for (const piece of codec.encode(value)) this.push(piece);
      } catch (error) {
        failWhenRead(this, asError(error));
        return;
      }
      done();
    },
  });
}

/** Fails a stream once nothing is left in it to read. Later, because `read` asks before it hands out. */
function failWhenRead(stream: Transform, failure: Error): void {
  const raise = (): void => {
    if (stream.readableLength === 0) stream.destroy(failure);
  };
  process.nextTick(raise);
  // Only a failed stream watches its reads: every call here would cost a tenth of the throughput.
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
  /** Tells the writer that its chunk is used up. Held back while values wait to be read. */
  #done: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(codec: Pick<Codec<never, Out>, 'decoder'>, options: DecodeStreamOptions) {
    // Text would be turned into other bytes: the decoder refuses it, and says why.
    super({ readableObjectMode: true, readableHighWaterMark: 1, decodeStrings: false });
    const { onSkip } = options;
    this.#copy = options.copy ?? false;
    this.#decoder = codec.decoder(
      onSkip === undefined
        ? undefined
        : {
            onSkip: (error) => {
              if (skipChannel.hasSubscribers) skipChannel.publish({ connection: this, error });
              onSkip(error);
            },
          },
    );
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      done(asError(error));
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
   * As every Readable is iterated, but a value that is there is taken without a turn of node's async
   * generator: twice the rate.
   */
  override [Symbol.asyncIterator](): ReturnType<Transform[typeof Symbol.asyncIterator]> {
    const waiting = super[Symbol.asyncIterator]();
    // Node listens from the first wait on; a failure before that is kept for it.
    this.on('error', () => undefined);
    const next = waiting.next.bind(waiting);
    const leave = waiting.return?.bind(waiting);
    let pending = 0;
    const wait = (): ReturnType<typeof next> => {
      pending++;
      return next().finally(() => pending--);
    };
    waiting.next = () => {
      // Questions asked before are answered before.
      const value: unknown = this.destroyed || pending > 0 ? null : this.read();
      return value === null ? wait() : Promise.resolve({ done: false, value });
    };
    waiting.return = async (value) => {
      // A generator that never ran does not run its cleanup either.
      this.destroy();
      return (await leave?.(value)) ?? { done: true, value };
    };
    return waiting;
  }

  /** Hands over values while there is room; when the decoder is dry, asks for the next chunk. */
  #deliver(): void {
    if (this.#failure !== undefined || this.#done === undefined) return;
    try {
      for (let value = this.#decoder.take(); value !== undefined; value = this.#decoder.take()) {
        if (frameChannel.hasSubscribers) frameChannel.publish({ connection: this, value });
        if (!this.push(this.#copy ? ownBytes(value) : value)) return;
      }
    } catch (error) {
      this.#failure = asError(error);
      if (errorChannel.hasSubscribers) errorChannel.publish({ connection: this, error });
      failWhenRead(this, this.#failure);
      return;
    }
    const done = this.#done;
    this.#done = undefined;
    done();
  }
}
