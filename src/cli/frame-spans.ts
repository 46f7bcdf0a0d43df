// A word of the command line for a wire format, and where its frames lie in given bytes.
// The command line does this, so that neither the prover nor the proxy needs a codec.

import { lengthPrefixed } from '../codec/length-prefixed.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { prefixFormat } from '../codec/length-field.ts';
import type { LengthPrefix } from '../codec/length-field.ts';
import { isUnstickError, UsageError } from '../errors.ts';
import type { FrameSpan } from '../prove/server-options.ts';

const words = ['u8', 'varint', 'i32be', 'i32le'].concat(
  [16, 24, 32, 40, 48, 56, 64].flatMap((bits) => [`u${bits}be`, `u${bits}le`]),
);

function isPrefixWord(word: string): word is LengthPrefix {
  return words.includes(word);
}

/** The format that a word names: how the length is written, in front of that many bytes. */
export function parseFormat(word: string): LengthPrefixedOptions {
  if (isPrefixWord(word)) return { prefix: word };
  throw new UsageError('ERR_OPTION', `${JSON.stringify(word)} is not a frame format.`, {
    hint: `Formats are ${words.join(' ')}.`,
  });
}

/** The payload of each frame, as a view of the bytes. Throws UsageError where the bytes are no frames. */
function payloadsOf(bytes: Uint8Array, format: LengthPrefixedOptions): readonly Uint8Array[] {
  const decoder = lengthPrefixed({ ...format, deliver: 'payload' }).decoder();
  try {
    decoder.push(bytes);
    decoder.end();
    return [...decoder];
  } catch (cause) {
    if (!isUnstickError(cause)) throw cause;
    throw new UsageError(
      'ERR_OPTION',
      `The requests are not frames of this format: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

/** Where each frame lies in bytes that are whole frames. Throws UsageError where they are not. */
export function frameSpans(bytes: Uint8Array, format: LengthPrefixedOptions): readonly FrameSpan[] {
  const { width } = prefixFormat(format.prefix ?? 'u32be');
  let start = 0;
  return payloadsOf(bytes, format).map((payload) => {
    let payloadStart = start + width;
    // A varint ends with its first byte below 128.
    if (width === 0) while ((bytes[payloadStart++] ?? 0) >= 128);
    const span = { start, payloadStart, end: payloadStart + payload.length };
    start = span.end;
    return span;
  });
}
