// delimited(): frames that end with a marker, with or without a start marker, escapes and a checksum.

import type { DecoderOptions, FrameCodec } from '../codec.ts';
import { DelimitedDecoder } from './delimited-decoder.ts';
import { delimitedEncoder } from './delimited-encoder.ts';
import { delimitedLayout } from './layout.ts';
import type { DelimitedLayout, DelimitedOptions } from './layout.ts';

/**
 * Makes a codec for frames `start | payload and checksum, escaped | end`. Only `end` is required. Without
 * `escape` a payload cannot hold the end marker: encode refuses it with ERR_FRAME_UNENCODABLE.
 *
 * An end marker that does not come within `maxLength` is ERR_FRAME_TOO_LARGE, as soon as it cannot come any
 * more. A wrong start marker is ERR_FRAME_MAGIC and fatal. The other errors are skipped where `onSkip` is
 * given: a frame that is too long, a wrong escape sequence (ERR_FRAME_ESCAPE), a wrong checksum
 * (ERR_FRAME_CHECKSUM). A server sets no `frameTimeout` for it by default, since people and slow devices
 * send such frames byte by byte. Throws UsageError ERR_OPTION when the options contradict each other.
 */
export function delimited(options: DelimitedOptions): FrameCodec {
  return codecOf(delimitedLayout(options), { isPatient: true });
}

/** The codec of a layout. */
export function codecOf(
  layout: DelimitedLayout,
  { isPatient }: { readonly isPatient: boolean },
): FrameCodec {
  return Object.freeze({
    ...delimitedEncoder(layout),
    ...(isPatient ? { isPatient } : {}),
    decoder: (given?: DecoderOptions) => new DelimitedDecoder(layout, given),
  });
}
