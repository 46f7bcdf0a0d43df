// Types of the values of lengthPrefixed(), derived from its options. A value has a property for each section
// with bytes of the caller. If the options give such a section as a literal number above 0, the property is
// required. If the compiler cannot know whether the section has such bytes, the property is optional.

import type { Bytes } from './byte-types.ts';
import type { FrameCodec, PackingCodec } from './codec.ts';
import type { LengthPrefixedOptions } from './frame-layout.ts';
import type { LengthField, MaskedField } from './length-field.ts';
import type { SectionName } from './sections.ts';

/** A frame as its parts: the payload, and those bytes of the other sections that belong to the caller. */
export interface FrameParts<B extends Uint8Array = Uint8Array> {
  /** Bytes of the caller in the section `before`, if the format has any there. */
  readonly before?: B;
  /**
   * Flags in the prefix beside the length, if the prefix has any: `number({ mask })` or a LengthField with
   * `flagBits`. Encode refuses flags for any other prefix with ERR_FRAME_UNENCODABLE. Default in encode: 0.
   */
  readonly flags?: number;
  /** Bytes of the caller in the section `after`, if the format has any there. */
  readonly after?: B;
  readonly payload: B;
  /** Bytes of the caller in the section `trailer`, if the format has any there. */
  readonly trailer?: B;
}

/** Type of one option, or `undefined` if the options do not have it. */
type Said<O, Name extends string> = Name extends keyof O ? O[Name] : undefined;

/**
 * Whether a piece of a section has bytes of the caller: 'yes', 'no', or 'maybe' if the compiler does not know
 * the number.
 */
type OwnershipOfPiece<Given> = Given extends number
  ? number extends Given
    ? 'maybe'
    : Given extends 0
      ? 'no'
      : 'yes'
  : 'no';

/** Answer for a union of answers: 'maybe' if the members differ. */
type Agreed<Answers> = [Answers] extends ['yes']
  ? 'yes'
  : [Answers] extends ['no']
    ? 'no'
    : 'maybe';

/**
 * Answer for the pieces of a list: 'yes' if one piece is 'yes', otherwise 'maybe' if one piece is 'maybe',
 * otherwise 'no'.
 */
type Any<Answers> = 'yes' extends Answers ? 'yes' : 'maybe' extends Answers ? 'maybe' : 'no';

/**
 * Whether a section has bytes of the caller. A list of unknown length may be empty, so for it the answer is
 * never 'yes'.
 */
type Ownership<Given> = Given extends readonly unknown[]
  ? number extends Given['length']
    ? Agreed<OwnershipOfPiece<Given[number]>> extends 'no'
      ? 'no'
      : 'maybe'
    : Any<{ [K in keyof Given]: Agreed<OwnershipOfPiece<Given[K]>> }[number]>
  : OwnershipOfPiece<Given>;

/** The answer of `Ownership` for a union of sections. */
type Owned<Given> = Agreed<Ownership<Given>>;

/** Names of the sections of these options for which `Owned` gives this answer. */
type Names<O, Answer> = {
  [N in SectionName]: Owned<Said<O, N>> extends Answer ? N : never;
}[SectionName];

/**
 * The property `flags` of a value. It is required if the prefix is a MaskedField, and optional if the prefix
 * may be any LengthField.
 */
type FlagsOf<O> =
  Said<O, 'prefix'> extends MaskedField
    ? { readonly flags: number }
    : LengthField extends Said<O, 'prefix'>
      ? { readonly flags?: number }
      : unknown;

/** The parts that decode returns for a frame of these options: `PartsOf<typeof formats.postgres>`. */
export type PartsOf<O extends LengthPrefixedOptions, B extends Uint8Array = Uint8Array> = {
  readonly [N in Names<O, 'yes'> | 'payload']: B;
} & { readonly [N in Names<O, 'maybe'>]?: B } & FlagsOf<O> extends infer Parts
  ? { readonly [N in keyof Parts]: Parts[N] }
  : never;

/** The parts that encode takes for these options. `flags` is optional here: without it all flags are 0. */
type GivenPartsOf<O extends LengthPrefixedOptions> =
  PartsOf<O> extends infer Parts
    ? Parts extends { readonly flags: number }
      ? Omit<Parts, 'flags'> & { readonly flags?: number }
      : Parts
    : never;

/**
 * Type of the codec for these options. If the type of `deliver` is a union, the type of the codec is a union,
 * too.
 */
export type CodecFor<O extends LengthPrefixedOptions> =
  Said<O, 'deliver'> extends infer Deliver
    ? Deliver extends 'parts'
      ? PackingCodec<GivenPartsOf<O>, PartsOf<O, Bytes>>
      : FrameCodec
    : never;

/**
 * Type that makes `deliver` required if a section has a literal number above 0, which means bytes of the
 * caller.
 */
export type DeliverSaid<O extends LengthPrefixedOptions> = [Names<O, 'yes'>] extends [never]
  ? unknown
  : [Said<O, 'deliver'>] extends [undefined]
    ? { readonly deliver: 'parts' | 'payload' | 'frame' }
    : unknown;
