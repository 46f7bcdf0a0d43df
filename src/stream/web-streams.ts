// Codecs as web streams, for pipeThrough. No Node built-in is imported here: `unstick/web` runs in browsers.
//
// The decode side is not a TransformStream: that would put every value of a chunk into its queue, and
// would drop them when a bad frame follows. The readable pulls, and each pull decodes one value.

import type { Codec, Decoder, DecoderOptions } from '../codec/codec.ts';
import { checkFunction, UsageError } from '../errors.ts';
import { ownBytes } from './own-bytes.ts';

export interface WebDecodeOptions extends DecoderOptions {
  /** Give values that own their bytes, instead of views of chunks. Default false. */
  readonly copy?: boolean | undefined;
}

export interface WebPair<In, Out> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
}

/**
 * Bytes in, values out: `readable.pipeThrough(decodeStream(codec))`. The readable fails with the
 * ProtocolError of its input, after every value before it was read.
 */
export function decodeStream<Out>(
  codec: Pick<Codec<never, Out>, 'decoder'>,
  options: WebDecodeOptions = {},
): WebPair<Uint8Array | ArrayBuffer, Out> {
  checkFunction('codec.decoder', codec?.decoder);
  const { copy = false, ...rest } = options;
  return new WebDecoding(codec.decoder(rest), copy);
}

/** Values in, bytes out: `values.pipeThrough(encodeStream(codec)).pipeTo(writable)`. */
export function encodeStream<In>(
  codec: Pick<Codec<In, unknown>, 'encode'>,
): WebPair<In, Uint8Array> {
  checkFunction('codec.encode', codec?.encode);
  return new TransformStream<In, Uint8Array>({
    transform(value, controller) {
      for (const piece of codec.encode(value)) controller.enqueue(piece);
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
  /** The reader waits for bytes. */
  #wake: (() => void) | undefined;
  /** The writer waits until its chunk is used up. */
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
      if (this.#broken !== undefined) throw this.#broken.reason;
      const value = this.#take();
      if (value !== undefined) {
        controller.enqueue(this.#copy ? ownBytes(value) : value);
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
      return this.#decoder.take();
    } catch (error) {
      this.#break(error);
      throw error;
    }
  }

  async #write(chunk: Uint8Array | ArrayBuffer): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken.reason;
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

  /** One side has failed or gone: the other is told. */
  #break(reason: unknown): void {
    this.#broken ??= { reason };
    // A writer that is silent is told at once, and not with its next chunk.
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
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new UsageError(
    'ERR_OPTION',
    `A chunk must be a Uint8Array or ArrayBuffer, not ${typeof chunk}.`,
  );
}
