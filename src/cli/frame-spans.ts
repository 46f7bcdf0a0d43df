// A word of the command line for a wire format, and where its frames lie in given bytes.
// The command line does this, so that neither the prover nor the proxy needs a codec.

import { formats } from '../codec/formats/formats.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { isPrefixName, PREFIX_NAMES } from '../codec/prefixes.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { isUnstickError, UsageError } from '../errors.ts';
import { refuse, shown } from '../options.ts';
import type { FrameSpan } from '../prove/cut-points.ts';

function isFormatName(word: string): word is keyof typeof formats {
  return Object.hasOwn(formats, word);
}

/**
 * The format that a word names: a length prefix such as `u32be`, or a row of `formats`. Throws UsageError
 * ERR_OPTION.
 */
export function parseFormat(word: string): LengthPrefixedOptions {
  if (isPrefixName(word)) {
    return { prefix: word };
  }
  if (isFormatName(word)) {
    return formats[word];
  }
  const names = [...PREFIX_NAMES, ...Object.keys(formats)].join(' ');
  return refuse(`A frame format cannot be ${shown(word)}.`, `Formats are ${names}.`);
}

/** Views of the frames, or of their payloads. Throws UsageError if the bytes are not whole frames. */
function framesOf(
  bytes: Uint8Array,
  format: LengthPrefixedOptions,
  deliver: 'frame' | 'payload',
): readonly Uint8Array[] {
  const decoder = lengthPrefixed({ ...format, deliver }).decoder();
  try {
    decoder.push(bytes);
    decoder.end();
    return [...decoder];
  } catch (cause) {
    if (!isUnstickError(cause)) {
      throw cause;
    }
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
  const trailerLength = frameLayout(format).trailer.length;
  const payloads = framesOf(bytes, format, 'payload');
  let start = 0;
  return framesOf(bytes, format, 'frame').map((frame, index) => {
    const end = start + frame.length;
    const payloadStart = end - trailerLength - (payloads[index]?.length ?? 0);
    const span = { start, payloadStart, end };
    start = end;
    return span;
  });
}
