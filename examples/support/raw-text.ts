// Turns bytes that may not be UTF-8 into text and back, so that no byte is lost. Names of files and words of
// command lines may be in GBK or Latin-1. As in Python (PEP 383), U+DC80 to U+DCFF stand for the bytes 0x80
// to 0xFF that are not UTF-8. Valid UTF-8 never has a lone surrogate, so no other text looks like that.

const ESCAPE = 0xdc00;
const MAX_SEQUENCE = 4;
/** Matches a lone surrogate. With the flag u a pair of surrogates is one character, which does not match. */
const LONE = /[\uD800-\uDFFF]/u;
/** Matches a lone surrogate that stands for no byte. */
const FOREIGN = /[\uD800-\uDC7F\uDD00-\uDFFF]/u;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of the bytes, or undefined if they are not UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text that stands for these bytes, here called a word. */
export function toWord(bytes: Uint8Array): string {
  const whole = decoded(bytes);
  if (whole !== undefined) {
    return whole;
  }
  let word = '';
  let at = 0;
  while (at < bytes.length) {
    let length = 1;
    let text = decoded(bytes.subarray(at, at + length));
    while (text === undefined && length < MAX_SEQUENCE) {
      length++;
      text = decoded(bytes.subarray(at, at + length));
    }
    word += text ?? String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    at += text === undefined ? 1 : length;
  }
  return word;
}

/** Whether the word has bytes that are not UTF-8. */
export function isRaw(word: string): boolean {
  return LONE.test(word);
}

/** Whether the word can be turned into bytes: it has no surrogate that stands for no byte. */
export function isWord(word: string): boolean {
  return !FOREIGN.test(word);
}

/** The bytes of a word. */
export function toBytes(word: string): Buffer {
  return Buffer.concat(
    Array.from(word, (char) =>
      LONE.test(char) ? Buffer.from([char.charCodeAt(0) - ESCAPE]) : Buffer.from(char),
    ),
  );
}

/** A path as Node's file functions need it: as bytes if it is not UTF-8. */
export function onDisk(path: string): string | Buffer {
  return isRaw(path) ? toBytes(path) : path;
}
