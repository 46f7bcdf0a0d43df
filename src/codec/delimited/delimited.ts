// delimited() makes a codec of frames that end with a marker, with or without a start marker, escapes and a
// checksum.

import type { DecoderOptions, FrameCodec } from '../codec.ts';
import { DelimitedDecoder } from './delimited-decoder.ts';
import { payloadEncoder } from './delimited-encoder.ts';
import type { FrameEncoder } from './delimited-encoder.ts';
import { frameEncoder } from './frame-encoder.ts';
import { delimitedLayout } from './layout.ts';
import type { DelimitedLayout, DelimitedOptions } from './layout.ts';

/**
 * Makes a codec for frames `start | payload and checksum, escaped | end`. Only `end` is required. Without
 * `escape` a payload cannot hold the end marker, and encode refuses such a payload with
 * ERR_FRAME_UNENCODABLE.
 *
 * Without `resync` a wrong start marker is fatal, with ERR_FRAME_MAGIC. A decoder with `onSkip` then skips
 * frames with other errors: a frame that is too long (ERR_FRAME_TOO_LARGE), a wrong escape sequence
 * (ERR_FRAME_ESCAPE), a wrong checksum (ERR_FRAME_CHECKSUM). The decoder reports a frame that is too long as
 * soon as its end marker can no longer come within `maxLength`. A server sets no `frameTimeout` for this
 * codec by default, because people and slow devices send such frames byte by byte. Throws UsageError
 * ERR_OPTION for wrong options and for options that contradict each other.
 */
export function delimited(options: DelimitedOptions): FrameCodec {
  const layout = delimitedLayout(options);
  return codecOf(layout, {
    encoder: layout.strip ? payloadEncoder(layout) : frameEncoder(layout),
    isPatient: true,
  });
}

/** Makes the codec of a layout. `isPatient` has the meaning that it has in Codec. */
export function codecOf(
  layout: DelimitedLayout,
  { encoder, isPatient }: { readonly encoder: FrameEncoder; readonly isPatient: boolean },
): FrameCodec {
  return Object.freeze({
    ...encoder,
    ...(isPatient ? { isPatient } : {}),
    decoder: (given?: DecoderOptions) => new DelimitedDecoder(layout, given),
  });
}
