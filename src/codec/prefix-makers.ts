// The table of prefixes that have no name: functions that make a LengthField, and LengthFields that need no
// argument. A program imports only the prefixes that it uses. This table is for the tests, which need all of
// them. To add a prefix, add a row.

import { berLength } from './ber-length.ts';
import { bcd, digits, digitsUntil, hexDigits } from './digit-fields.ts';
import { number } from './number-field.ts';

interface PrefixMakers {
  readonly digits: typeof digits;
  readonly digitsUntil: typeof digitsUntil;
  readonly hexDigits: typeof hexDigits;
  readonly bcd: typeof bcd;
  readonly berLength: typeof berLength;
  readonly number: typeof number;
}

export const PREFIX_MAKERS: PrefixMakers = {
  digits,
  digitsUntil,
  hexDigits,
  bcd,
  berLength,
  number,
};
