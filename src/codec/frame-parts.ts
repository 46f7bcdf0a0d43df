// Types of the values of lengthPrefixed(), derived from its options. A section in which the options give a
// literal number above 0 is a property. A section that may have one is an optional property.

import type { Bytes } from './byte-types.ts';
import type { FrameCodec, PackingCodec } from './codec.ts';
import type { LengthPrefixedOptions } from './frame-layout.ts';
import type { LengthField, MaskedField } from './length-field.ts';
import type { SectionName } from './sections.ts';

/** A frame as its parts: the payload, and the bytes of the other sections that belong to the caller. */
export interface FrameParts<B extends Uint8Array = Uint8Array> {
  readonly before?: B;
  /** Flags beside the length, if the prefix has any: `number({ mask })`. Encode takes 0 by default. */
  readonly flags?: number;
  readonly after?: B;
  readonly payload: B;
  readonly trailer?: B;
}

/** Type of one option; `undefined` if the options do not have it. */
type Said<O, Name extends string> = Name extends keyof O ? O[Name] : undefined;

/** Whether the bytes of a piece given like this belong to the caller. An unknown number may be 0. */
type OwnershipOfPiece<Given> = Given extends number
  ? number extends Given
    ? 'maybe'
    : Given extends 0
      ? 'no'
      : 'yes'
  : 'no';

/** One answer for a union: 'maybe' if its members differ. */
type Agreed<Answers> = [Answers] extends ['yes']
  ? 'yes'
  : [Answers] extends ['no']
    ? 'no'
    : 'maybe';

/** One answer for the pieces of a list, of which one is enough. */
type Any<Answers> = 'yes' extends Answers ? 'yes' : 'maybe' extends Answers ? 'maybe' : 'no';

/** The same for a section. A list of unknown length may be empty. */
type Ownership<Given> = Given extends readonly unknown[]
  ? number extends Given['length']
    ? Agreed<OwnershipOfPiece<Given[number]>> extends 'no'
      ? 'no'
      : 'maybe'
    : Any<{ [K in keyof Given]: Agreed<OwnershipOfPiece<Given[K]>> }[number]>
  : OwnershipOfPiece<Given>;

type Owned<Given> = Agreed<Ownership<Given>>;

type Names<O, Answer> = {
  [N in SectionName]: Owned<Said<O, N>> extends Answer ? N : never;
}[SectionName];

/** The part `flags`: there if the prefix is masked, perhaps there if it is any custom field. */
type FlagsOf<O> =
  Said<O, 'prefix'> extends MaskedField
    ? { readonly flags: number }
    : LengthField extends Said<O, 'prefix'>
      ? { readonly flags?: number }
      : unknown;

/** The parts of a frame of these options: `PartsOf<typeof formats.postgres>`. */
export type PartsOf<O extends LengthPrefixedOptions, B extends Uint8Array = Uint8Array> = {
  readonly [N in Names<O, 'yes'> | 'payload']: B;
} & { readonly [N in Names<O, 'maybe'>]?: B } & FlagsOf<O> extends infer Parts
  ? { readonly [N in keyof Parts]: Parts[N] }
  : never;

/** The same as encode takes them: without `flags`, all flags are 0. */
type GivenPartsOf<O extends LengthPrefixedOptions> =
  PartsOf<O> extends infer Parts
    ? Parts extends { readonly flags: number }
      ? Omit<Parts, 'flags'> & { readonly flags?: number }
      : Parts
    : never;

/** Type of the codec for these options. If `deliver` is a union, so is the codec. */
export type CodecFor<O extends LengthPrefixedOptions> =
  Said<O, 'deliver'> extends infer Deliver
    ? Deliver extends 'parts'
      ? PackingCodec<GivenPartsOf<O>, PartsOf<O, Bytes>>
      : FrameCodec
    : never;

/** Demands `deliver` where a section has a literal number above 0. */
export type DeliverSaid<O extends LengthPrefixedOptions> = [Names<O, 'yes'>] extends [never]
  ? unknown
  : [Said<O, 'deliver'>] extends [undefined]
    ? { readonly deliver: 'parts' | 'payload' | 'frame' }
    : unknown;
