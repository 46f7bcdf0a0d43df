// cobs() writes any payload without zeros, so that a zero ends each frame.

import { checkNames, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { NO_BYTES } from '../bytes.ts';
import type { FrameCodec } from '../codec.ts';
import { cobsStuffing } from './cobs-content.ts';
import { codecOf } from './delimited.ts';
import { payloadEncoder } from './delimited-encoder.ts';
import { DEFAULT_MAX_LENGTH } from './layout.ts';

/** Options of `cobs`. */
export interface CobsOptions {
  /**
   * Maximum length of a payload in bytes. Decode refuses a longer payload with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. On the wire a frame is longer by 2 bytes (a code and the
   * zero), and by up to 1 byte for each 254 bytes of payload. Default 64 KiB.
   */
  readonly maxLength?: number | undefined;
}

const NAMES = { maxLength: true } satisfies OptionNames<CobsOptions>;

/**
 * Makes a codec of Consistent Overhead Byte Stuffing: encode writes a payload without zeros, and then a zero as
 * the end. Decode drops further zeros between frames. A zero inside a block is ERR_FRAME_ESCAPE. Throws
 * UsageError ERR_OPTION for a wrong option.
 */
export function cobs(options: CobsOptions = {}): FrameCodec {
  checkNames('cobs', options, NAMES);
  const end = Uint8Array.of(0);
  const layout = Object.freeze({
    start: NO_BYTES,
    end,
    isShared: false,
    stuffing: cobsStuffing,
    checksum: undefined,
    maxLength: whole('maxLength', options.maxLength ?? DEFAULT_MAX_LENGTH),
    strip: true,
    skipEmpty: true,
    written: end,
    optional: -1,
    isDirect: false,
    resync: undefined,
  });
  return codecOf(layout, { encoder: payloadEncoder(layout), isPatient: false });
}
