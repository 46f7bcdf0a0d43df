// A framing as data. Types only: what a description in JSON may say, for each codec. src/framing makes
// codecs of descriptions, and the rows of `formats` are descriptions with facts.

import type { Deliver } from '../frame-layout.ts';
import type { LengthPrefix } from '../prefixes.ts';
import type { FramePart } from '../sections.ts';

/** Facts about a format, for people. Codecs ignore them. */
export interface FramingFacts {
  /** Specification of the format. */
  readonly source?: string | undefined;
  /** What to know before you use it. */
  readonly note?: string | undefined;
  /** How the format is known: the words are those of `Known`. */
  readonly known?: string | undefined;
  /** Where its frames were seen: a capture, or a test of another project. */
  readonly seen?: string | undefined;
}

/**
 * How a format is known. `capture`: frames that the real program sent, or that another dissector found in a
 * capture. `device`: bytes published in another project's tests. `specification`: read, and never run.
 */
export type Known = 'capture' | 'device' | 'specification';

/** Prefixes that only descriptions have a name for. */
export type NamedPrefix = 'berTagAndLength' | 'decimalAndSpace' | 'i32OrU64' | 'recordMark';

/** A length prefix in JSON: its name. */
export type PrefixDescription = LengthPrefix | NamedPrefix;

/** Bytes around a payload: a number means that many bytes of the caller's, hex means exactly these. */
export type SectionDescription = number | string;

/** Options of `lengthPrefixed` in JSON. */
export interface LengthPrefixedFraming extends FramingFacts {
  readonly codec: 'lengthPrefixed';
  readonly prefix?: PrefixDescription | undefined;
  readonly counts?: readonly FramePart[] | undefined;
  readonly before?: SectionDescription | undefined;
  readonly after?: SectionDescription | undefined;
  readonly trailer?: SectionDescription | undefined;
  readonly deliver?: Deliver | undefined;
  readonly maxPayloadLength?: number | undefined;
}

/** Options of `netstrings` in JSON. */
export interface NetstringsFraming extends FramingFacts {
  readonly codec: 'netstrings';
  readonly maxPayloadLength?: number | undefined;
}

/** Options of `contentLength` in JSON. */
export interface ContentLengthFraming extends FramingFacts {
  readonly codec: 'contentLength';
  readonly maxPayloadLength?: number | undefined;
  readonly maxHeaderLength?: number | undefined;
}

/** Options of `messages` in JSON. */
export interface MessagesFraming extends FramingFacts {
  readonly codec: 'messages';
  readonly prefix?: PrefixDescription | undefined;
  readonly bodyLengthKey?: string | undefined;
  readonly maxHeaderLength?: number | undefined;
  readonly maxBodyLength?: number | undefined;
}

/** A wire format as JSON: the name of a codec, and its options. `framing()` makes the codec. */
export type Framing =
  LengthPrefixedFraming | NetstringsFraming | ContentLengthFraming | MessagesFraming;

/** Name of a codec that a description can ask for. */
export type FramingCodecName = Framing['codec'];

/** The description for one codec. */
export type FramingFor<Name extends FramingCodecName> = Extract<Framing, { readonly codec: Name }>;

/** A row of `formats`: a description, and what is known of the format. */
export type Format = Framing & {
  readonly source: string;
  readonly note: string;
  readonly known: Known;
};
