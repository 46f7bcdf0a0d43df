// How golden frames are written: one string a frame, in hex, with blanks where it helps.
//
//   before | prefix | after | payload | trailer     a frame of lengthPrefixed, in its parts
//   bytes => payload                                a frame of any other codec, and its value

import { toHex, utf8 } from '../bytes.ts';

/** Text as hex. */
export function text(words: string): string {
  return toHex(utf8(words));
}
