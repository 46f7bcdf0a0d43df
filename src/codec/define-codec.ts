// defineCodec() makes a codec of two functions: one writes a value, and one reads the next value. defineCodec
// adds the rest of the contract of codec.ts: push, end, take, truncation, limits, skipping, refusal of
// re-entry, and errors with their place.
//
// Rules for `next`. The decoder or proveDecoder reports a `next` that breaks them:
// - `next` decides on the bytes in their order, so that more bytes never change what it decided on fewer
//   bytes.
// - `next` takes bytes only if it returns a value, and never returns a value without taking bytes.
// - To be linear, `next` asks `has` for the bytes that it needs, or remembers in `memory` how far it has
//   read.

import { isUnstickError } from '../errors.ts';
import { checkFunction, checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { isBytes, lengthOf } from './bytes.ts';
import type { Codec, DecoderOptions } from './codec.ts';
import { DefinedDecoder } from './defined-decoder.ts';
import { unencodable } from './frame-errors.ts';
import type { FrameQueue } from './frame-queue.ts';
import { checkBytes } from './part-checks.ts';

/**
 * Options of `defineCodec`: how to write a value, and how to find the next value in the bytes that have come.
 */
export interface CodecDefinition<In, Out = In, Memory = undefined> {
  /** Function that returns the bytes of one value: one Uint8Array, or several in order. */
  readonly encode: (value: In) => Uint8Array | readonly Uint8Array[];
  /**
   * Function that takes the next value out of the queue and returns it. When it needs more bytes, it returns
   * `undefined` and takes nothing. To refuse bytes, it calls `queue.refuse` or throws an Error. A TypeError
   * or ReferenceError counts as a bug and becomes UsageError ERR_OPTION.
   */
  readonly next: (queue: FrameQueue, memory: Memory) => Out | undefined;
  /**
   * Function that makes an object in which `next` remembers what it knows of an unfinished value, such as how
   * far it has read. The decoder calls this function once for each value. Default none.
   */
  readonly memory?: (() => Memory) | undefined;
  /**
   * Maximum length of a whole frame in bytes. Decode refuses a longer frame with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. Default 8 MiB.
   */
  readonly maxLength?: number | undefined;
}

const NAMES = {
  encode: true,
  next: true,
  memory: true,
  maxLength: true,
} satisfies OptionNames<CodecDefinition<unknown>>;

const DEFAULT_MAX_LENGTH = 8 * 1024 * 1024;

/**
 * Makes a codec of a function that writes a value and a function that reads the next value. Throws UsageError
 * ERR_OPTION for a wrong option.
 */
export function defineCodec<In, Out = In, Memory = undefined>(
  definition: CodecDefinition<In, Out, Memory> &
    (undefined extends Memory ? unknown : { readonly memory: () => Memory }),
): Codec<In, Out>;
export function defineCodec<In, Out, Memory>(
  definition: CodecDefinition<In, Out, Memory>,
): Codec<In, Out> {
  checkNames('defineCodec', definition, NAMES);
  const { encode, next, memory, maxLength: most = DEFAULT_MAX_LENGTH } = definition;
  checkFunction('encode', encode, 'It gets a value and returns its bytes.');
  checkFunction('next', next, 'It gets a queue and returns the next value, or undefined.');
  if (memory !== undefined) {
    checkFunction('memory', memory);
  }
  const maxLength = whole('maxLength', most, { min: 1 });
  return Object.freeze({
    encode: (value: In) => piecesOf(encode, value, maxLength),
    decoder: (options?: DecoderOptions) => new DefinedDecoder({ next, memory, maxLength }, options),
  });
}

function piecesOf<In>(
  encode: CodecDefinition<In, unknown>['encode'],
  value: In,
  maxLength: number,
): Uint8Array[] {
  let written: unknown;
  try {
    written = encode(value);
  } catch (cause) {
    // An error that `encode` throws may quote the value. So it becomes the cause, and the message does not
    // quote it.
    throw isUnstickError(cause) ? cause : unencodable('The value cannot be encoded.', { cause });
  }
  const pieces: readonly unknown[] = Array.isArray(written) ? written : [written];
  const bytes = pieces.filter(isBytes);
  pieces.forEach((piece) => {
    checkBytes('result of encode', piece);
  });
  const length = lengthOf(bytes);
  if (length > maxLength) {
    throw unencodable(`A frame of ${length} bytes exceeds maxLength ${maxLength}.`, {
      length,
      limit: maxLength,
    });
  }
  if (length === 0) {
    throw unencodable('encode returned no bytes, so no decoder could find the value.');
  }
  return bytes;
}
