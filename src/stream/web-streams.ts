// Codecs as web streams, for pipeThrough. This file imports no Node built-in, because `unstick/web` runs in
// browsers.
//
// The decode side is not a TransformStream. A TransformStream would put every value of a chunk into its
// queue, and would drop the queue when a bad frame follows. Here the readable pulls, and each pull decodes
// one value.

import type { Bytes } from '../codec/byte-types.ts';
import type { Codec, Decoder, DecoderOptions } from '../codec/codec.ts';
import { checkFunction, checkNames, flag, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { coalesce } from './coalesce.ts';
import { isBytes } from '../codec/bytes.ts';
import { ownBytes } from './own-bytes.ts';

/** Options of `decodeStream` of `unstick/web`. */
export interface WebDecodeOptions extends Omit<DecoderOptions, 'onNoise'> {
  /** Whether values have bytes of their own. With false, values are views of chunks. Default false. */
  readonly copy?: boolean | undefined;
}

const DECODE_NAMES = { onSkip: true, copy: true } satisfies OptionNames<WebDecodeOptions>;

/** A pair of web streams, as `pipeThrough` takes it. */
export interface WebPair<In, Out> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
}

/**
 * Returns a pair that takes bytes and gives values: `readable.pipeThrough(decodeStream(codec))`. For wrong
 * input the readable fails with a ProtocolError, but only after every value in front of the wrong bytes was
 * read. Each value is decoded only when the reader asks for it.
 */
export function decodeStream<Out>(
  codec: Pick<Codec<never, Out>, 'decoder'>,
  options: WebDecodeOptions = {},
): WebPair<Uint8Array | ArrayBuffer, Out> {
  checkFunction('codec.decoder', codec?.decoder);
  checkNames('decodeStream', options, DECODE_NAMES);
  const { onSkip } = options;
  if (onSkip !== undefined) {
    checkFunction('onSkip', onSkip);
  }
  const decoder = codec.decoder(onSkip === undefined ? undefined : { onSkip });
  return new WebDecoding(decoder, flag('copy', options.copy, false));
}

/**
 * Returns a pair that takes values and gives bytes:
 * `values.pipeThrough(encodeStream(codec)).pipeTo(writable)`. A value of up to 128 KiB is one chunk, so that
 * it is one write on a socket.
 */
export function encodeStream<In>(codec: Pick<Codec<In, unknown>, 'encode'>): WebPair<In, Bytes> {
  checkFunction('codec.encode', codec?.encode);
  return new TransformStream<In, Bytes>({
    transform(value, controller) {
      // The cast is wrong only for a caller that sends shared memory, and no web API takes shared memory
      // anyway.
      for (const run of coalesce(codec.encode(value))) {
        controller.enqueue(run as Bytes);
      }
    },
  });
}

class WebDecoding<Out> implements WebPair<Uint8Array | ArrayBuffer, Out> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<Uint8Array | ArrayBuffer>;
  readonly #decoder: Decoder<Out>;
  readonly #copy: boolean;
  #ended = false;
  #broken: { readonly reason: unknown } | undefined;
  #writing: WritableStreamDefaultController | undefined;
  /** Function that wakes the reader. Set while the reader waits for bytes. */
  #wake: (() => void) | undefined;
  /** Functions that settle the write of a chunk. Set while the writer waits until its chunk is used up. */
  #used: { readonly resolve: () => void; readonly reject: (reason: unknown) => void } | undefined;

  constructor(decoder: Decoder<Out>, copy: boolean) {
    this.#decoder = decoder;
    this.#copy = copy;
    this.readable = new ReadableStream<Out>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: (reason) => this.#break(reason),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array | ArrayBuffer>({
      start: (controller) => {
        this.#writing = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#break(reason),
    });
  }

  async #pull(controller: ReadableStreamDefaultController<Out>): Promise<void> {
    for (;;) {
      if (this.#broken !== undefined) {
        throw this.#broken.reason;
      }
      const value = this.#take();
      if (value !== undefined) {
        controller.enqueue(value);
        return;
      }
      if (this.#ended) {
        controller.close();
        return;
      }
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#release();
      await woken;
    }
  }

  #take(): Out | undefined {
    try {
      const value = this.#decoder.take();
      return this.#copy && value !== undefined ? ownBytes(value) : value;
    } catch (error) {
      this.#break(error);
      throw error;
    }
  }

  async #write(chunk: Uint8Array | ArrayBuffer): Promise<void> {
    if (this.#broken !== undefined) {
      throw this.#broken.reason;
    }
    try {
      this.#decoder.push(bytesOf(chunk));
    } catch (error) {
      this.#break(error);
      throw error;
    }
    const used = new Promise<void>((resolve, reject) => {
      this.#used = { resolve, reject };
    });
    this.#awake();
    await used;
  }

  #close(): void {
    this.#ended = true;
    this.#decoder.end();
    this.#awake();
  }

  /** Fails both sides, because one of them has failed or was cancelled. */
  #break(reason: unknown): void {
    this.#broken ??= { reason };
    // Fail the writer now, and not only when it writes its next chunk.
    this.#writing?.error(reason);
    this.#used?.reject(reason);
    this.#used = undefined;
    this.#awake();
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #release(): void {
    this.#used?.resolve();
    this.#used = undefined;
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) {
    return chunk;
  }
  // The bytes come from another realm. View the same memory through a class of this realm.
  if (isBytes(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (isArrayBuffer(chunk)) {
    return new Uint8Array(chunk);
  }
  return refuseValue('A chunk', 'a Uint8Array or an ArrayBuffer', chunk);
}

/**
 * Whether the value is an ArrayBuffer. This also recognises one of another realm, which `instanceof` would
 * miss.
 */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
