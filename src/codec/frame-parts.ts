// What the values of lengthPrefixed() are, worked out from its options by the type system: a section
// whose number is written in the options is there, one that may be there is optional, others are not.

import type { Bytes } from './byte-types.ts';
import type { FrameCodec, PackingCodec } from './codec.ts';
import type { LengthPrefixedOptions } from './frame-layout.ts';

/** A frame in its parts: the payload, and those of the others that are bytes of the caller's. */
export interface FrameParts<B extends Uint8Array = Uint8Array> {
  readonly before?: B;
  readonly after?: B;
  readonly payload: B;
  readonly trailer?: B;
}

type SectionName = 'before' | 'after' | 'trailer';

/** What the options say under a name; `undefined` where they do not have it. */
type Said<O, Name extends string> = Name extends keyof O ? O[Name] : undefined;

/** Whether one way of giving a section makes its bytes the caller's. A number that is not known may be 0. */
type Ownership<Given> = Given extends number
  ? number extends Given
    ? 'maybe'
    : Given extends 0
      ? 'no'
      : 'yes'
  : 'no';

/** The same for all ways that the type leaves open. */
type Owned<Given> = [Ownership<Given>] extends ['yes']
  ? 'yes'
  : [Ownership<Given>] extends ['no']
    ? 'no'
    : 'maybe';

type Names<O, Answer> = {
  [N in SectionName]: Owned<Said<O, N>> extends Answer ? N : never;
}[SectionName];

/** The parts of a frame of these options: `PartsOf<typeof formats.postgres>`. */
export type PartsOf<O extends LengthPrefixedOptions, B extends Uint8Array = Uint8Array> = {
  readonly [N in Names<O, 'yes'> | 'payload']: B;
} & { readonly [N in Names<O, 'maybe'>]?: B } extends infer Parts
  ? { readonly [N in keyof Parts]: Parts[N] }
  : never;

/** The codec of these options. Options that leave `deliver` open give the union of what it may be. */
export type CodecFor<O extends LengthPrefixedOptions> =
  Said<O, 'deliver'> extends infer Deliver
    ? Deliver extends 'parts'
      ? PackingCodec<PartsOf<O>, PartsOf<O, Bytes>>
      : FrameCodec
    : never;

/** Demands `deliver` where a section is a literal number above 0. */
export type DeliverSaid<O extends LengthPrefixedOptions> = [Names<O, 'yes'>] extends [never]
  ? unknown
  : [Said<O, 'deliver'>] extends [undefined]
    ? { readonly deliver: 'parts' | 'payload' | 'frame' }
    : unknown;
