// Helpers for tests: the values that a codec decodes from a whole stream, the ProtocolError that a stream leads
// to, and the UnstickError that a call throws.

import type { Codec, DecoderOptions } from '../../src/codec/codec.ts';
import { ProtocolError, UnstickError } from '../../src/errors.ts';

/** The values of a stream that comes in these chunks and then ends. */
export function valuesOf<T>(
  codec: Codec<never, T>,
  chunks: readonly Uint8Array[],
  options: DecoderOptions = {},
): T[] {
  const decoder = codec.decoder(options);
  const values: T[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    values.push(...decoder);
  }
  decoder.end();
  values.push(...decoder);
  if (!decoder.done) {
    throw new Error('the decoder is not done after the end, and threw no error');
  }
  return values;
}

/**
 * The ProtocolError that a stream leads to. If `how` is 'open', the decoder is not told that the stream has
 * ended.
 */
export function protocolErrorOf(
  codec: Codec<never, unknown>,
  chunks: readonly Uint8Array[],
  how: 'ended' | 'open' = 'ended',
): ProtocolError {
  const decoder = codec.decoder();
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.take() !== undefined) {}
    }
    if (how === 'ended') {
      decoder.end();
    }
    while (decoder.take() !== undefined) {}
  } catch (error) {
    if (error instanceof ProtocolError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

/** The UnstickError that a call throws. Throws if the call throws none. */
export function unstickErrorOf(call: () => unknown): UnstickError {
  try {
    call();
  } catch (error) {
    if (error instanceof UnstickError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was accepted');
}
