// netstrings() makes a codec of `5:hello,` — a decimal length, a colon, the payload, a comma.
// (cr.yp.to/proto/netstrings.txt)

import type { FrameCodec } from './codec.ts';
import { untilField } from './digit-fields.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';

/** Options of `netstrings`. */
export interface NetstringOptions {
  /**
   * Maximum length of a payload in bytes. Decode refuses a longer payload with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. Default 8 MiB.
   */
  readonly maxPayloadLength?: number | undefined;
}

const NAMES = { maxPayloadLength: true } satisfies OptionNames<NetstringOptions>;

const COLON = 58;
const COMMA = 44;

const WRONG = "A netstring looks like '5:hello,' with no newline behind the comma.";

/** Length field of strict decimal digits with a colon behind them: no sign, no blank, no leading zero. */
const decimalAndColon = untilField(COLON, {
  wrong: [
    'the netstring does not start with decimal digits and a colon',
    WRONG,
    `${WRONG} Or the length of the previous netstring is wrong.`,
  ],
  leadingZero: [
    'the length of the netstring has a leading zero',
    "Five bytes are written as '5:hello,' and no bytes as '0:,'.",
  ],
});

/**
 * Makes a codec of netstrings. Decode refuses a wrong byte in the length with ERR_PREFIX_MALFORMED, and a
 * missing comma with ERR_FRAME_MAGIC. Both errors have the offset at which the netstring begins. Throws
 * UsageError ERR_OPTION for a wrong option.
 */
export function netstrings(options: NetstringOptions = {}): FrameCodec {
  checkNames('netstrings', options, NAMES);
  return lengthPrefixed({ ...options, prefix: decimalAndColon, trailer: Uint8Array.of(COMMA) });
}
