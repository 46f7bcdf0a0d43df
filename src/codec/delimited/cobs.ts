// cobs(): frames of any bytes in which no zero stands, so that a zero ends each of them.

import { checkNames, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { NO_BYTES } from '../bytes.ts';
import type { FrameCodec } from '../codec.ts';
import { cobsStuffing } from './cobs-content.ts';
import { codecOf } from './delimited.ts';
import { DEFAULT_MAX_LENGTH } from './layout.ts';

export interface CobsOptions {
  /**
   * Maximum length of a payload in bytes, for decode (else ERR_FRAME_TOO_LARGE) and for encode (else
   * ERR_FRAME_UNENCODABLE). Default 64 KiB. On the wire there is 1 byte more for each 254, and the zero.
   */
  readonly maxLength?: number | undefined;
}

const NAMES = { maxLength: true } satisfies OptionNames<CobsOptions>;

/**
 * Makes a codec of Consistent Overhead Byte Stuffing: a payload is written without zeros, and a zero ends
 * it. Zeros between frames are fill. A block that the zero cuts short is ERR_FRAME_ESCAPE. Throws UsageError
 * ERR_OPTION.
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
  });
  return codecOf(layout, { isPatient: false });
}
