// framing(): a codec from a description in JSON, or from the name of a format.
//
// Rules:
// - A description may come from outside the program. Only its own properties count, every one of them is
//   checked, and no value is coerced. The codec checks the values, so a wrong value is refused in the same
//   words as in a call of the codec.
// - Facts (source, note, known, seen) are for people. No codec reads them.

import { formats } from '../codec/formats/formats.ts';
import type { Framing, FramingFacts } from '../codec/formats/framing-types.ts';
import { checkNames, refuse, refuseValue, shown } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { CODEC_NAMES, codecEntry, isCodecName } from './codecs.ts';
import type { Spots } from './codecs.ts';
import type { FormatName, FramingCodec, FramingOverrides } from './codec-types.ts';
import { suggestion } from './nearest.ts';

const FACTS: OptionNames<FramingFacts> = { source: true, note: true, known: true, seen: true };

/** Own properties of a description, without the properties that are `undefined`. */
type Own = Readonly<Record<string, unknown>>;

export function isFormatName(word: unknown): word is FormatName {
  return typeof word === 'string' && Object.hasOwn(formats, word);
}

/** Names of all formats. */
export const FORMAT_NAMES: readonly string[] = Object.keys(formats);

/**
 * Makes the codec for a description, which is plain JSON, or for the name of a row of `formats`. `overrides`
 * are options that replace those of the description. Among them `maxPayloadLength` also limits a codec whose
 * own name for that limit is `maxLength`. Throws UsageError ERR_OPTION for an unknown name, and for options
 * that the codec would refuse.
 */
export function framing<const F extends Framing | FormatName>(given: F): FramingCodec<F>;
export function framing<const F extends Framing | FormatName, const O extends FramingOverrides<F>>(
  given: F,
  overrides: O,
): FramingCodec<F, O>;
export function framing(given: unknown, overrides?: unknown): unknown {
  const { entry, options } = resolve(given, overrides);
  return entry.make(options);
}

/**
 * Checks a description from outside, or the name of a format. Returns the description as plain data, without
 * properties that are `undefined`. Throws UsageError ERR_OPTION as `framing` does.
 */
export function toFraming(given: unknown, overrides?: unknown): Framing {
  const { entry, options, own } = resolve(given, overrides);
  entry.make(options);
  const checked: unknown = own;
  return checked as Framing;
}

/** Returns what `FrameScanner` needs to find frames in a stream of this framing. */
export function spotsOf(given: Framing): Spots {
  const { entry, options } = resolve(given, undefined);
  return entry.spots(options);
}

/**
 * A description with its overrides: the row of its codec, the options for the codec, and all properties
 * together.
 */
interface Resolved {
  readonly entry: ReturnType<typeof codecEntry>;
  readonly options: Own;
  readonly own: Own;
}

function resolve(given: unknown, overrides: unknown): Resolved {
  const description = ownOf(given);
  const own = { ...description, ...limited(description['codec'], ownOverrides(overrides)) };
  const { codec, source: _source, note: _note, known: _known, seen: _seen, ...options } = own;
  if (!isCodecName(codec)) {
    const hint = `${suggestion(codec, CODEC_NAMES)}Codecs are ${CODEC_NAMES.join(', ')}.`;
    return refuseValue('codec', { what: 'the name of a codec', hint }, codec);
  }
  const entry = codecEntry(codec);
  checkNames(codec, options, { ...entry.names, ...FACTS });
  const empty = Object.keys(own).find((name) => own[name] === null);
  if (empty !== undefined) {
    refuse(`${empty} must not be null.`, 'Leave it out for its default.');
  }
  return { entry, options, own };
}

/**
 * Returns the own properties of a description, or of the format with this name. Leaves out properties that
 * are `undefined`. Reads each property once. A key `__proto__`, which JSON may have, is copied like any other
 * key.
 */
function ownOf(given: unknown): Own {
  if (typeof given === 'string') {
    return isFormatName(given) ? ownOf(formats[given]) : refuseName(given);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(`framing takes a description or the name of a format, not ${shown(given)}.`);
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * Returns the overrides. If the codec has `maxLength` and no `maxPayloadLength`, the override
 * `maxPayloadLength` becomes `maxLength`.
 */
function limited(codec: unknown, overrides: Own): Own {
  const { maxPayloadLength, ...others } = overrides;
  const names: Own = isCodecName(codec) ? codecEntry(codec).names : {};
  const isOther = Object.hasOwn(names, 'maxLength') && !Object.hasOwn(names, 'maxPayloadLength');
  if (maxPayloadLength === undefined || !isOther) {
    return overrides;
  }
  if (Object.hasOwn(others, 'maxLength')) {
    refuse(
      'Overrides have maxLength and maxPayloadLength, which are one limit.',
      'Give one of them.',
    );
  }
  return { ...others, maxLength: maxPayloadLength };
}

function refuseName(name: string): never {
  return refuse(
    `A format cannot be ${shown(name)}.`,
    `${suggestion(name, FORMAT_NAMES)}Names are the keys of formats; docs/formats.md says what each is.`,
  );
}

function ownOverrides(given: unknown): Own {
  if (given === undefined) {
    return {};
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(`Overrides must be an options object, not ${shown(given)}.`);
  }
  const own = ownOf(given);
  if (Object.hasOwn(own, 'codec')) {
    refuse(
      'Overrides cannot name another codec.',
      'Pass a whole description with that codec instead.',
    );
  }
  return own;
}
