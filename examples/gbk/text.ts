// Text in two encodings. Decode whole messages only, because a chunk may end inside a character. This file is
// pure.

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
 * Decodes a message as UTF-8 if all of it is UTF-8, else as GBK. Returns `undefined` if it is neither. GBK is
 * seldom valid UTF-8, but it can be: 模 in GBK has the same two bytes as ģ in UTF-8. If you write both
 * programs, send the name of the encoding instead.
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

/** The name of a character, such as U+1F600, which every terminal can show. */
function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Reads the value of --encoding. Throws a Complaint for an unknown one. */
export function encodingOf(name: string): Encoding {
  if (name === 'utf-8' || name === 'gbk') {
    return name;
  }
  throw new Complaint(`--encoding is "${name}"; it must be utf-8 or gbk.`, 2);
}
