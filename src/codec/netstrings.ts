// netstrings(): `5:hello,` — a decimal length, a colon, the payload, a comma. (cr.yp.to/proto/netstrings.txt)

import type { FrameCodec } from './codec.ts';
import type { LengthField } from './length-field.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { malformed } from './malformed.ts';
import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';

export interface NetstringOptions {
  /** Maximum length of a payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number | undefined;
}

const NAMES = { maxPayloadLength: true } satisfies OptionNames<NetstringOptions>;

const COLON = 58;
const COMMA = 44;
const ZERO = 48;
const NINE = 57;
/** The digits of 2^53-1, and the colon. */
const MAX_WIDTH = 17;

const LATER =
  'Write each like 5:hello, with no newline behind the comma. Or the length before is wrong.';

/** A length in strict decimal digits with a colon behind it: no sign, no blank, no leading zero. */
const decimalAndColon: LengthField = Object.freeze({
  maxWidth: MAX_WIDTH,
  read(bytes: Uint8Array, at: number) {
    let length = 0;
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      const digits = i - at;
      if (byte === COLON && digits > 0) {
        return { length, width: digits + 1 };
      }
      if (byte < ZERO || byte > NINE) {
        throw malformed(
          'a netstring starts with decimal digits and a colon',
          'Write each like 5:hello, with no newline behind the comma.',
          { laterHint: LATER },
        );
      }
      if (digits > 0 && bytes[at] === ZERO) {
        throw malformed(
          'a netstring length has no leading zero',
          'Five bytes are 5:hello, and an empty netstring is 0:,',
        );
      }
      length = length * 10 + byte - ZERO;
    }
    if (bytes.length - at < MAX_WIDTH) {
      return undefined;
    }
    throw malformed('the digits do not end', 'No length needs more than 16 digits.');
  },
  write: (length: number) => new TextEncoder().encode(`${length}:`),
});

/**
 * Makes a codec of netstrings. A wrong digit is ERR_PREFIX_MALFORMED, a missing comma is ERR_FRAME_MAGIC,
 * both with the offset of the netstring.
 */
export function netstrings(options: NetstringOptions = {}): FrameCodec {
  checkNames('netstrings', options, NAMES);
  return lengthPrefixed({ ...options, prefix: decimalAndColon, trailer: Uint8Array.of(COMMA) });
}
