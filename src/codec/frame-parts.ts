// Types of the values of lengthPrefixed(), derived from its options. A section that the options give as a
// literal number above 0 is a property. A section that may be one is an optional property.

import type { Bytes } from './byte-types.ts';
import type { FrameCodec, PackingCodec } from './codec.ts';
import type { LengthPrefixedOptions } from './frame-layout.ts';
import type { LengthField, MaskedField } from './length-field.ts';

/** A frame as its parts: the payload, and the other sections that belong to the caller. */
export interface FrameParts<B extends Uint8Array = Uint8Array> {
  readonly before?: B;
  /** Flags beside the length, if the prefix has any: `number({ mask })`. Encode takes 0 by default. */
  readonly flags?: number;
  readonly after?: B;
  readonly payload: B;
  readonly trailer?: B;
}

type SectionName = 'before' | 'after' | 'trailer';

/** Type of one option; `undefined` if the options do not have it. */
type Said<O, Name extends string> = Name extends keyof O ? O[Name] : undefined;

/** Whether the bytes of a section given like this belong to the caller. An unknown number may be 0. */
type Ownership<Given> = Given extends number
  ? number extends Given
    ? 'maybe'
    : Given extends 0
      ? 'no'
      : 'yes'
  : 'no';

/** The same for a union: 'maybe' if its members differ. */
type Owned<Given> = [Ownership<Given>] extends ['yes']
  ? 'yes'
  : [Ownership<Given>] extends ['no']
    ? 'no'
    : 'maybe';

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

/** Demands `deliver` where a section is a literal number above 0. */
export type DeliverSaid<O extends LengthPrefixedOptions> = [Names<O, 'yes'>] extends [never]
  ? unknown
  : [Said<O, 'deliver'>] extends [undefined]
    ? { readonly deliver: 'parts' | 'payload' | 'frame' }
    : unknown;
