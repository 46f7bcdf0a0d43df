// Names as the user sees and types them. A file system takes names that are not UTF-8, and names with control
// characters, line ends, backslashes or invisible characters. In the shown form of a name, `\xHH` stands for
// each byte of such a character, with two hexadecimal digits.
//
// Rules:
// - Each name has one shown form, and no two names have the same one. So nothing of a name is lost.
// - A backslash always starts `\xHH`. A backslash in a name is shown as `\x5c`.
// - Nothing else is escaped, except the colon of a name that begins like a Windows drive.
// - Escapes hide nothing from the checks of a name: they look at the name, not at its shown form.

import { isRaw, toBytes, toWord } from '../../support/raw-text.ts';

/**
 * The escaped characters: the backslash, and all that printable() of the library escapes, so that a user can
 * type what is printed. Lone surrogates stand for the bytes that are not UTF-8: see raw-text.ts.
 */
const UNUSUAL = /[\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Persian and emoji need these characters, so they are not escaped. */
const JOINERS = /\u200c|\u200d|\ufe0f/u;
/** Windows takes such a beginning of a name for a drive. */
const DRIVE = /^[a-z]:/i;
const ESCAPES = /(?:\\x[\da-f]{2})+/gi;

/** The shown form of a name. */
export function toShown(name: string): string {
  const isDrive = DRIVE.test(name);
  return Array.from(name, (char, at) =>
    isUnusual(char) || (isDrive && at === 1) ? escaped(char) : char,
  ).join('');
}

/** The name that has this shown form; `undefined` if no name has it. */
export function fromShown(shown: string): string | undefined {
  const name = shown.replaceAll(ESCAPES, (run) =>
    toWord(Buffer.from(run.replaceAll(/\\x/gi, ''), 'hex')),
  );
  // A user may type an invisible character itself instead of its escapes.
  const exact = shown
    .replaceAll(ESCAPES, (run) => run.toLowerCase())
    .replaceAll(/[^\\]/gu, (char) => (isUnusual(char) ? escaped(char) : char));
  return toShown(name) === exact ? name : undefined;
}

/** The form to send of a name that a user typed: shown, or with bytes that are not UTF-8 as they are. */
export function fromTyped(typed: string): string {
  return Array.from(typed, (char) => (isRaw(char) ? escaped(char) : char)).join('');
}

function isUnusual(char: string): boolean {
  return UNUSUAL.test(char) && !JOINERS.test(char);
}

function escaped(char: string): string {
  const bytes = isRaw(char) ? toBytes(char) : Buffer.from(char);
  return bytes.toString('hex').replaceAll(/../g, String.raw`\x$&`);
}
