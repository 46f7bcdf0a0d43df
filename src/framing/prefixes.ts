// Length prefixes of descriptions: from their JSON to the values that lengthPrefixed() takes.

import {
  berTagAndLength,
  decimalAndSpace,
  i32OrU64,
  recordMark,
} from '../codec/formats/format-fields.ts';
import type { NamedPrefix, PrefixDescription } from '../codec/formats/framing-types.ts';
import type { LengthField } from '../codec/length-field.ts';
import { isPrefixName, PREFIX_NAMES } from '../codec/prefixes.ts';
import type { LengthPrefix } from '../codec/prefixes.ts';
import { refuseValue } from '../options.ts';
import { suggestion } from './nearest.ts';

/** Prefixes that are code, by the names that descriptions have for them. */
const NAMED: Readonly<Record<NamedPrefix, LengthField>> = {
  berTagAndLength,
  decimalAndSpace,
  i32OrU64,
  recordMark,
};

function isNamed(word: unknown): word is NamedPrefix {
  return typeof word === 'string' && Object.hasOwn(NAMED, word);
}

/** Every name of a prefix that a description may have. */
export const PREFIX_WORDS: readonly string[] = [...PREFIX_NAMES, ...Object.keys(NAMED)];

/** Throws UsageError ERR_OPTION for what is no prefix. */
export function resolvePrefixDescription(
  given: PrefixDescription | undefined,
): LengthPrefix | LengthField | undefined {
  if (given === undefined || isPrefixName(given)) {
    return given;
  }
  if (isNamed(given)) {
    return NAMED[given];
  }
  const hint = `${suggestion(given, PREFIX_WORDS)}Prefixes are ${PREFIX_WORDS.join(', ')}.`;
  return refuseValue('prefix', { what: 'the name of a prefix', hint }, given);
}
