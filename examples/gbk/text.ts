// Text in two encodings. Only the bytes of a whole message become text here: a chunk may end inside a
// character. Pure: no socket here.

import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { Complaint } from '../support/program.ts';

export type Encoding = 'utf-8' | 'gbk';

export interface Text {
  readonly text: string;
  /** The encoding that the bytes were read in. */
  readonly encoding: Encoding;
}

/**
 * UTF-8 if the message is UTF-8 from end to end, else GBK; `undefined` if it is neither. GBK seldom passes
 * for UTF-8, but it can: 模 in GBK is the two bytes of ģ in UTF-8. If you write both programs, send the name
 * of the encoding instead.
 */
export function decodeText(message: Uint8Array): Text | undefined {
  if (isUtf8(message)) {
    return { text: Buffer.from(message).toString(), encoding: 'utf-8' };
  }
  const text = iconv.decode(Buffer.from(message), 'gbk');
  // iconv replaces bytes that are not GBK, so encoding the text again gives other bytes.
  return iconv.encode(text, 'gbk').equals(message) ? { text, encoding: 'gbk' } : undefined;
}

/** Throws a RangeError for a character that the encoding lacks: it would arrive as a question mark. */
export function encodeText(text: string, encoding: Encoding): Uint8Array {
  if (encoding === 'utf-8') {
    return Buffer.from(text);
  }
  for (const character of text) {
    if (iconv.decode(iconv.encode(character, 'gbk'), 'gbk') !== character) {
      throw new RangeError(`GBK has no character ${codePoint(character)}.`);
    }
  }
  return iconv.encode(text, 'gbk');
}

/** As U+1F600: a name for a character that may be shown anywhere. */
function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Reads the option of the command line. Throws a Complaint. */
export function encodingOf(name: string): Encoding {
  if (name === 'utf-8' || name === 'gbk') {
    return name;
  }
  throw new Complaint(`--encoding is "${name}"; it must be utf-8 or gbk.`, 2);
}
