// A framing as data. Types only: what a description in JSON may say, for each codec. src/framing makes
// codecs of descriptions, and the rows of `formats` are descriptions with facts.

import type { Deliver } from '../frame-layout.ts';
import type { FixedPrefix } from '../number-field.ts';
import type { LengthPrefix } from '../prefixes.ts';
import type { ResyncOptions } from '../resync.ts';
import type { FramePart, FrameRange } from '../sections.ts';

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
export type NamedPrefix = 'berLength' | 'berTagAndLength' | 'decimalAndSpace' | 'i32OrU64';

/** The byte of the head, and its bits in hex, that swap the byte order of a number. */
export interface SwapDescription {
  readonly at: number;
  readonly mask: string;
}

/** Options of `number()` in JSON: masks are hex. */
export interface NumberDescription {
  readonly type: FixedPrefix;
  readonly mask?: string | undefined;
  readonly unit?: number | undefined;
  readonly swapIf?: SwapDescription | undefined;
  readonly flags?: 'ignore' | undefined;
}

/** A length prefix in JSON. `digitsUntil` is the byte that ends the digits, in hex. */
export type PrefixDescription =
  | LengthPrefix
  | NamedPrefix
  | NumberDescription
  | { readonly digits: number }
  | { readonly hexDigits: number; readonly letters?: 'lower' | 'upper' | undefined }
  | { readonly bcd: number }
  | { readonly digitsUntil: string; readonly leadingZeros?: 'ignore' | undefined };

/** A checksum in a section, by the name that the reveng catalogue has for its algorithm. */
export interface ChecksumDescription {
  readonly checksum: string;
  /** Parts that it covers. Default every byte of the frame in front of it. */
  readonly over?: readonly FrameRange[] | undefined;
  /** Order of the bytes of the stored value. Default 'be'. */
  readonly order?: 'be' | 'le' | undefined;
}

/** A number means that many bytes of the caller, hex means exactly these, a checksum is computed. */
export type PieceDescription = number | string | ChecksumDescription;

/** Bytes around a payload: one piece, or several in the order of the wire. */
export type SectionDescription = PieceDescription | readonly PieceDescription[];

/** An escape map by its name, or with its bytes in hex: `{ "escape": "7d", "codes": { "7d": "01" } }`. */
export type EscapeDescription =
  | 'slip'
  | 'hdlc'
  | 'jt808'
  | 'jt809'
  | 'dle'
  | {
      readonly escape: string;
      readonly codes: Readonly<Record<string, string>>;
      readonly xor?: string | undefined;
    };

/** Options of `lengthPrefixed` in JSON. */
export interface LengthPrefixedFraming extends FramingFacts {
  readonly codec: 'lengthPrefixed';
  readonly prefix?: PrefixDescription | undefined;
  readonly counts?: readonly FramePart[] | undefined;
  readonly adjust?: number | undefined;
  readonly before?: SectionDescription | undefined;
  readonly after?: SectionDescription | undefined;
  readonly trailer?: SectionDescription | undefined;
  readonly deliver?: Deliver | undefined;
  readonly maxPayloadLength?: number | undefined;
  /** Whether decode searches for the next frame behind noise, or limits of the search. Default false. */
  readonly resync?: boolean | ResyncOptions | undefined;
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

/** Options of `delimited` in JSON. */
export interface DelimitedFraming extends FramingFacts {
  readonly codec: 'delimited';
  readonly start?: string | undefined;
  readonly end: string;
  readonly escape?: EscapeDescription | undefined;
  /** Name of a checksum behind the payload, or with the order of its bytes. */
  readonly checksum?: string | Omit<ChecksumDescription, 'over'> | undefined;
  readonly maxLength?: number | undefined;
  readonly strip?: boolean | undefined;
  readonly skipEmpty?: boolean | undefined;
}

/** Options of `lines` in JSON. */
export interface LinesFraming extends FramingFacts {
  readonly codec: 'lines';
  readonly maxLength?: number | undefined;
  readonly newline?: 'lf' | 'crlf' | undefined;
}

/** Options of `cobs` in JSON. */
export interface CobsFraming extends FramingFacts {
  readonly codec: 'cobs';
  readonly maxLength?: number | undefined;
}

/** The length of `fixedLength` in JSON. */
export interface FixedLengthFraming extends FramingFacts {
  readonly codec: 'fixedLength';
  readonly length: number;
}

/** Bits that say whether a fragment is the last of its message. */
export interface ContinuedMark {
  /** Where the bits are: the part `flags`, or the bytes of the caller in a section. */
  readonly part: 'flags' | 'before' | 'after';
  /** Number of the byte in the section. Default 0. */
  readonly at?: number | undefined;
  /** The bits in hex: of the flags, or of that byte. */
  readonly mask: string;
  /** What they mean when one is set: `last` fragment, or `more` fragments follow. */
  readonly means: 'last' | 'more';
}

/** Options of `continued` in JSON, where bits of each fragment say whether another follows. */
export interface ContinuedFraming extends FramingFacts {
  readonly codec: 'continued';
  /** The fragments. Their values are parts. */
  readonly frame: LengthPrefixedFraming;
  readonly mark: ContinuedMark;
  /** Maximum length of the payload of a fragment that encode makes. */
  readonly fragmentLength: number;
  readonly maxLength?: number | undefined;
  readonly maxFragments?: number | undefined;
}

/** A wire format as JSON: the name of a codec, and its options. `framing()` makes the codec. */
export type Framing =
  | LengthPrefixedFraming
  | DelimitedFraming
  | LinesFraming
  | CobsFraming
  | FixedLengthFraming
  | ContinuedFraming
  | NetstringsFraming
  | ContentLengthFraming
  | MessagesFraming;

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
