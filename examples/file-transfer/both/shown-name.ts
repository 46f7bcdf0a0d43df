// Names as the user sees and types them. A file system takes names that are not UTF-8, and names with control
// characters, line ends, backslashes or characters that show nothing. `\xHH` stands for each byte of these, with
// two hexadecimal digits.
//
// Rules:
// - Each name has one shown form, and no two names have the same: nothing is replaced, and nothing is lost.
// - Nothing else is escaped. So a backslash is always the start of `\xHH`, and that of a name is `\x5c`.
// - Escapes hide nothing from the checks of a name: those look at the name, not at its shown form.

import { isRaw, toBytes, toWord } from '../../support/raw-text.ts';

/**
 * What is escaped: all that printable() of the library escapes, so that a user can type what is printed, and the
 * backslash. Lone surrogates are the bytes that are not UTF-8: see raw-text.ts.
 */
const UNUSUAL = /[\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Persian and emoji need these, so they are printed. */
const JOINERS = /\u200c|\u200d|\ufe0f/u;
/** The colon of what Windows takes for a drive. */
const DRIVE = /^[a-z]:/i;
const ESCAPES = /(?:\\x[\da-f]{2})+/gi;

/** The shown form of a name. */
export function toShown(name: string): string {
  const isDrive = DRIVE.test(name);
  return Array.from(name, (char, at) =>
    isUnusual(char) || (isDrive && at === 1) ? escaped(char) : char,
  ).join('');
}

/** The name of a shown form; `undefined` if it is the shown form of no name. */
export function fromShown(shown: string): string | undefined {
  const name = shown.replaceAll(ESCAPES, (run) =>
    toWord(Buffer.from(run.replaceAll(/\\x/gi, ''), 'hex')),
  );
  // A user may type a character that shows nothing as it is.
  const exact = shown
    .replaceAll(ESCAPES, (run) => run.toLowerCase())
    .replaceAll(/[^\\]/gu, (char) => (isUnusual(char) ? escaped(char) : char));
  return toShown(name) === exact ? name : undefined;
}

function isUnusual(char: string): boolean {
  return UNUSUAL.test(char) && !JOINERS.test(char);
}

function escaped(char: string): string {
  const bytes = isRaw(char) ? toBytes(char) : Buffer.from(char);
  return bytes.toString('hex').replaceAll(/../g, String.raw`\x$&`);
}
