// Reads bytes from hexadecimal text such as '23 23': two digits a byte, and one blank or none between two
// bytes.

import { refuseValue } from '../options.ts';

const HINT = "Write two hexadecimal digits a byte, such as '23 23'.";
/**
 * No other white space is allowed: a caller who gives '\r\n' as hex means these two characters, by mistake.
 */
const HEX = /^[0-9a-f]{2}(?: ?[0-9a-f]{2})*$/i;

/** Reads hex. Throws UsageError ERR_OPTION; `name` is the name of the option in the message. */
export function fromHex(name: string, text: string): Uint8Array {
  if (!HEX.test(text)) {
    return refuseValue(name, { what: 'bytes in hex', hint: HINT }, text);
  }
  const pairs = text.match(/[0-9a-f]{2}/gi) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
