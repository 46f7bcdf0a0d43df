// Reads and prints a framing as one word, as framings are written on command lines and in reports. This file
// is pure: the caller passes a function that reads files.
//
//   kafka          a row of `formats`
//   u16be          a length prefix, then as many bytes as it says
//   u16be@4+6      the number stands at offset 4, and a frame is 6 bytes longer than the number says
//   u32le+0        the number is the length of the whole frame
//   {"codec":…}    a description in JSON
//   @FILE          a file with any of these in it
//
// Without `+N` the number counts the bytes behind it, so u16be@4 is u16be@4+6. printFraming() gives the
// shortest word, and parseFraming() reads it back to the same description.

import { ROWS } from '../codec/formats/formats.ts';
import type { Framing, LengthPrefixedFraming } from '../codec/formats/framing-types.ts';
import { isPrefixName, PREFIXES } from '../codec/prefixes.ts';
import type { LengthPrefix } from '../codec/prefixes.ts';
import { isUnstickError, UsageError } from '../errors.ts';
import { refuse, refuseValue, shown } from '../options.ts';
import { FORMAT_NAMES, isFormatName, toFraming } from './framing.ts';
import { suggestion } from './nearest.ts';
import { PREFIX_WORDS } from './prefixes.ts';

/** The grammar of these words in one line, for hints and --help. */
export const GRAMMAR: string =
  'Write the name of a format (docs/formats.md), a prefix such as u32be or varint, ' +
  'TYPE@OFFSET+N such as u16be@4+6 (the number stands at offset 4, ' +
  'and a frame is N bytes longer than the number says), ' +
  'a description in JSON, or @FILE.';

const LAYOUT = /^(\w+?)(?:@(\d{1,6}))?(?:\+(\d{1,6}))?$/;

/** Function that reads a file, whose path stands on a command line, as text. */
export type ReadText = (path: string) => string;

/**
 * Returns the description for a word. `name` is the option to which the user gave the word. Throws UsageError
 * ERR_OPTION with the grammar and, if a name is near, the name that the user may mean.
 */
export function parseFraming(word: string, name: string, read: ReadText): Framing {
  if (!word.startsWith('@')) {
    return parseWord(word, name);
  }
  const text = read(word.slice(1))
    .replace(/^\uFEFF/, '')
    .trim();
  return parseWord(text, `${name}: the text of the file`);
}

function parseWord(word: string, name: string): Framing {
  if (word.startsWith('{')) {
    return parseJson(word, name);
  }
  if (isFormatName(word)) {
    return ROWS[word];
  }
  const [, type = '', offset, more] = LAYOUT.exec(word) ?? [];
  if (isPrefixName(type)) {
    return layoutOf(
      { word, name },
      {
        type,
        offset: Number(offset ?? 0),
        more: more === undefined ? undefined : Number(more),
      },
    );
  }
  if (PREFIX_WORDS.includes(word)) {
    return toFraming({ codec: 'lengthPrefixed', prefix: word });
  }
  const near = suggestion(type === '' ? word : type, [...FORMAT_NAMES, ...PREFIX_WORDS]);
  return refuseValue(name, { what: 'a frame format', hint: `${near}${GRAMMAR}` }, word);
}

function parseJson(text: string, name: string): Framing {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    refuse(`${name} starts with { but is not JSON.`, GRAMMAR);
  }
  try {
    return toFraming(given);
  } catch (cause) {
    if (!isUnstickError(cause)) {
      throw cause;
    }
    throw new UsageError('ERR_OPTION', `${name}: ${cause.message}`, { cause });
  }
}

/** A word, and the option to which the user gave the word. The message of an error names both. */
interface Place {
  readonly word: string;
  readonly name: string;
}

/** A word such as `u16be@4+6`, taken apart. */
interface Layout {
  readonly type: LengthPrefix;
  readonly offset: number;
  /**
   * Number of bytes by which a frame is longer than its number says. Undefined means that the number counts
   * exactly the bytes behind it.
   */
  readonly more: number | undefined;
}

/**
 * Returns a layout as a description. The bytes in front of the number become `before`. Bytes behind the
 * number that the number does not count become `after`. If the number counts more than the bytes behind it,
 * `counts` names the counted parts, or `adjust` says how many bytes more the number counts.
 */
function layoutOf({ word, name }: Place, { type, offset, more }: Layout): Framing {
  const width = widthOf(type);
  const before = offset === 0 ? {} : { before: offset };
  if (width === undefined) {
    return more === undefined
      ? described({ prefix: type, ...before })
      : refuse(
          `${name} is ${shown(word)}, but the width of a varint varies.`,
          'Leave +N out if the varint counts the bytes behind it. Otherwise describe the frame in JSON.',
        );
  }
  const behind = (more ?? offset + width) - offset - width;
  if (behind >= 0) {
    return described({ prefix: type, ...before, ...(behind === 0 ? {} : { after: behind }) });
  }
  const counts = countsOf({ offset, width, more: more ?? 0 });
  return counts === undefined
    ? described({ prefix: type, ...before, adjust: -behind })
    : described({ prefix: type, ...before, counts });
}

/**
 * Returns the parts that a number counts, if the number counts whole parts only. Otherwise returns
 * `undefined`.
 */
function countsOf({
  offset,
  width,
  more,
}: {
  offset: number;
  width: number;
  more: number;
}): LengthPrefixedFraming['counts'] {
  if (more === 0) {
    return offset === 0 ? ['prefix', 'payload'] : ['before', 'prefix', 'payload'];
  }
  if (more === offset) {
    return ['prefix', 'payload'];
  }
  return more === width ? ['before', 'payload'] : undefined;
}

/**
 * Makes a description. The caller writes the bytes of `before` and `after`, so values have these bytes as
 * parts.
 */
function described(options: Omit<LengthPrefixedFraming, 'codec'>): Framing {
  const owned = options.before !== undefined || options.after !== undefined;
  return { codec: 'lengthPrefixed', ...options, ...(owned ? { deliver: 'parts' } : {}) };
}

/** Returns the width of a prefix in bytes, or `undefined` for a varint. */
function widthOf(type: LengthPrefix): number | undefined {
  const row = PREFIXES[type];
  return row.kind === 'fixed' ? row.width : undefined;
}

/** Returns the shortest word for a description. `parseFraming` reads the same description back. */
export function printFraming(framing: Framing): string {
  const wanted = canonical(framing);
  const name = FORMAT_NAMES.find((each) => isFormatName(each) && canonical(ROWS[each]) === wanted);
  if (name !== undefined) {
    return name;
  }
  const word = layoutWord(framing);
  const isSame = word !== undefined && canonical(parseWord(word, 'A word')) === wanted;
  return isSame ? word : JSON.stringify(framing);
}

/**
 * Returns the only layout word that could mean this description, or `undefined` if no word can. The word may
 * mean another description all the same, so the caller reads the word back and compares.
 */
function layoutWord(framing: Framing): string | undefined {
  if (framing.codec !== 'lengthPrefixed' || typeof framing.prefix !== 'string') {
    return undefined;
  }
  const { prefix, before = 0, after = 0, counts = ['payload'], adjust = 0 } = framing;
  if (typeof before !== 'number' || typeof after !== 'number') {
    return undefined;
  }
  const at = before === 0 ? '' : `@${before}`;
  if (!isPrefixName(prefix)) {
    // A prefix such as berLength is no TYPE of the grammar, so such a prefix cannot have an offset.
    return before === 0 ? prefix : undefined;
  }
  const width = widthOf(prefix);
  if (width === undefined) {
    return `${prefix}${at}`;
  }
  const parts = new Set<string>(counts);
  const counted = (parts.has('before') ? before : 0) + (parts.has('prefix') ? width : 0) + adjust;
  const more = before + width + after - counted;
  return more === before + width ? `${prefix}${at}` : `${prefix}${at}+${more}`;
}

/** Returns the same text for all descriptions that have the same properties, in any order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value) ?? 'undefined';
  }
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${entries.toSorted().join(',')}}`;
}
