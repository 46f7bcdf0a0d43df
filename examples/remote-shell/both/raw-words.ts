// Words of a command line, byte for byte. The arguments of a program are bytes, and a name of a file in GBK
// or Latin-1 is not UTF-8. Node decodes arguments as UTF-8, and puts U+FFFD in the place of what is not.
//
// So a word that is not UTF-8 travels as a string in which U+DC80 to U+DCFF stand for the bytes 0x80 to 0xFF,
// as in Python (PEP 383). A lone surrogate occurs in no UTF-8, so nothing else looks like that.

import { readFileSync } from 'node:fs';
import { Trouble } from './trouble.ts';

const ESCAPE = 0xdc00;
const MAX_SEQUENCE = 4;
/** Matches a surrogate without its partner: with the flag u, pairs are one character. */
const LONE = /[\uD800-\uDFFF]/u;
const FOREIGN = /[\uD800-\uDC7F\uDD00-\uDFFF]/u;
const REPLACED = '\uFFFD';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of the bytes, or undefined if they are no UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The word of these bytes. */
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

/** Whether the word stands for bytes that are not UTF-8. */
export function isRaw(word: string): boolean {
  return LONE.test(word);
}

/** Whether the word can be turned into bytes. A surrogate that stands for no byte cannot. */
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

/**
 * The arguments of this process as words. Throws Trouble where their bytes are lost: npm and tsx start this
 * program with the U+FFFD that they read, and only Linux tells a program its bytes.
 */
export function ownWords(args: readonly string[], env: NodeJS.ProcessEnv = process.env): string[] {
  const suspicious = args.some((word) => word.includes(REPLACED));
  if (!suspicious) {
    return [...args];
  }
  const raw = rawArguments(args.length);
  const words = raw?.map(toWord) ?? [];
  const isLost =
    words.some((word) => word.includes(REPLACED)) && env['npm_lifecycle_event'] !== undefined;
  if (raw === undefined || isLost) {
    throw new Trouble(
      'A word of the command line is not UTF-8, and its bytes were lost on the way. ' +
        'Start the client without npm: node --import tsx examples/remote-shell/main.ts exec …',
    );
  }
  return words;
}

/** The last arguments of this process, as the kernel has them; undefined where it does not say. */
function rawArguments(count: number): Uint8Array[] | undefined {
  try {
    const line = readFileSync('/proc/self/cmdline');
    const all: Uint8Array[] = [];
    let start = 0;
    for (let end = line.indexOf(0); end >= 0; end = line.indexOf(0, start)) {
      all.push(line.subarray(start, end));
      start = end + 1;
    }
    return all.length < count ? undefined : all.slice(all.length - count);
  } catch {
    return undefined;
  }
}
