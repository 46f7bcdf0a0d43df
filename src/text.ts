// Makes text of a remote safe for a terminal, a log or an error message. A remote chooses its reasons, names
// and messages freely, so the raw text could move the cursor, forge a log line or hide characters. This file
// is pure. It imports nothing, so that every folder of src may import it. It also writes numbers with their nouns.

/** Options of `printable`. */
export interface PrintableOptions {
  /**
   * Maximum length of the text between the quotes in characters, escapes included. A longer text is cut, and
   * the result says how many characters are left out. Default 200.
   */
  readonly maxLength?: number | undefined;
  /**
   * Whether to keep the zero-width joiner and non-joiner and the emoji selector, which names in Persian or
   * with emoji need. Default false, which escapes them like every other invisible character.
   */
  readonly keepJoiners?: boolean | undefined;
  /**
   * Whether to quote the text, and to escape quotes and backslashes in it. Default true. Turn it off for
   * a whole line of output, parts of which may be quoted and escaped already.
   */
  readonly quotes?: boolean | undefined;
}

const MAX_LENGTH = 200;

/**
 * Characters to escape: quotes and backslashes; controls (C0, C1, DEL), format characters (bidi among them),
 * lone surrogates, private and unassigned characters; line and paragraph separators; and characters that show
 * nothing, except spaces.
 */
const UNSAFE = /["\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const UNSAFE_IN_JSON = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const JOINERS = /\u200c|\u200d|\ufe0f/u;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/**
 * Returns the text in double quotes, and escapes all characters that a terminal would act on or not show.
 * For text longer than `maxLength`, the result says how many of its characters are left out.
 *
 * @example
 * printable('\u001b[2Jlogged in\n'); // '"\\u{1b}[2Jlogged in\\n"'
 */
export function printable(text: string, options: PrintableOptions = {}): string {
  const { maxLength = MAX_LENGTH, quotes = true } = options;
  let shown = '';
  let read = 0;
  for (const character of text) {
    const next = escaped(character, options);
    if (shown.length + next.length > maxLength) {
      break;
    }
    shown += next;
    read += character.length;
  }
  const left = text.length - read;
  const mark = quotes ? '"' : '';
  return left === 0
    ? `${mark}${shown}${mark}`
    : `${mark}${shown}…${mark} (${left} more characters)`;
}

/**
 * Returns the value as JSON, with a JSON escape for each character that a terminal would act on or not
 * show. `JSON.parse` gives the value back. `indent` is the third argument of JSON.stringify.
 */
export function printableJson(value: object, indent?: number): string {
  // Keep line feeds. JSON.stringify has escaped the line feeds inside strings, so the other line feeds stand
  // between values.
  return JSON.stringify(value, undefined, indent).replaceAll(UNSAFE_IN_JSON, (character) =>
    Array.from({ length: character.length }, (_, at) => {
      return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

function escaped(character: string, options: PrintableOptions): string {
  if (!UNSAFE.test(character)) {
    return character;
  }
  if (options.keepJoiners === true && JOINERS.test(character)) {
    return character;
  }
  if (options.quotes === false && (character === '"' || character === '\\')) {
    return character;
  }
  return SHORT_ESCAPES[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Returns the number with the noun, as `1 byte` or `2 bytes`. */
export function quantity(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
