// Bytes written as text: two hexadecimal digits a byte, with a blank between bytes or none: '23 23'.

import { refuseValue } from '../options.ts';

const HINT = "Write two hexadecimal digits a byte, such as '23 23'.";
/** One blank at most, and no other white space: '\r\n' is meant as text, not as no bytes. */
const HEX = /^[0-9a-f]{2}(?: ?[0-9a-f]{2})*$/i;

/** Reads hex. `name` is the option that the refusal names. Throws UsageError ERR_OPTION. */
export function fromHex(name: string, text: string): Uint8Array {
  if (!HEX.test(text)) {
    return refuseValue(name, { what: 'bytes in hex', hint: HINT }, text);
  }
  const pairs = text.match(/[0-9a-f]{2}/gi) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
