// Types of the descriptions of framings: for each codec, the options that JSON may give. src/framing makes
// codecs from descriptions, and the rows of `formats` are descriptions with facts. An option that has no
// comment here means the same as in the options of its codec.

import type { Deliver } from '../frame-layout.ts';
import type { FixedPrefix } from '../number-field.ts';
import type { LengthPrefix } from '../prefixes.ts';
import type { ResyncOptions } from '../resync.ts';
import type { FramePart, FrameRange } from '../sections.ts';

/** Facts about a format, for people. Codecs ignore them. */
export interface FramingFacts {
  /** Name or address of the specification of the format, for people. */
  readonly source?: string | undefined;
  /** Remark that a user should read before using the format. */
  readonly note?: string | undefined;
  /** Word for how the format is known. In a row of `formats` it is a word of `Known`. */
  readonly known?: string | undefined;
  /** Places where frames of the format were seen: a capture, or a test of another project. */
  readonly seen?: string | undefined;
}

/**
 * How the row of a format was checked. 'capture': against frames that the real program sent, or that the
 * dissector of another project found in a capture. 'device': against bytes in the tests of another project.
 * 'specification': against no frames; the row follows the text of the specification.
 */
export type Known = 'capture' | 'device' | 'specification';

/** Names for prefixes that are values in code, and that have no name there. */
export type NamedPrefix = 'berLength' | 'berTagAndLength' | 'decimalAndSpace' | 'i32OrU64';

/** `swapIf` of `number()` in JSON: bits of the head that swap the byte order of the number. */
export interface SwapDescription {
  /** Index of the byte in the frame. */
  readonly at: number;
  /** The bits of that byte, in hex. */
  readonly mask: string;
}

/** Options of `number()` in JSON, with masks in hex. */
export interface NumberDescription {
  readonly type: FixedPrefix;
  readonly mask?: string | undefined;
  readonly unit?: number | undefined;
  readonly swapIf?: SwapDescription | undefined;
  readonly flags?: 'ignore' | undefined;
}

/**
 * A length prefix in JSON. Names and functions are the same as in code, but `digitsUntil` takes its byte in
 * hex.
 */
export type PrefixDescription =
  | LengthPrefix
  | NamedPrefix
  | NumberDescription
  | { readonly digits: number }
  | { readonly hexDigits: number; readonly letters?: 'lower' | 'upper' | undefined }
  | { readonly bcd: number }
  | { readonly digitsUntil: string; readonly leadingZeros?: 'ignore' | undefined };

/** A checksum in a section. */
export interface ChecksumDescription {
  /** Name of the algorithm: of a CRC its name in the reveng catalogue, of others a name such as 'xor8'. */
  readonly checksum: string;
  /** Parts that the checksum covers. Default: every byte of the frame in front of the checksum. */
  readonly over?: readonly FrameRange[] | undefined;
  /** Order of the bytes of the stored value. Default 'be'. */
  readonly order?: 'be' | 'le' | undefined;
}

/** A piece of a section: a number of bytes that belong to the caller, fixed bytes in hex, or a checksum. */
export type PieceDescription = number | string | ChecksumDescription;

/** Bytes around a payload: one piece, or several in the order of the wire. */
export type SectionDescription = PieceDescription | readonly PieceDescription[];

/** An escape map with its bytes in hex: `{ "escape": "7d", "codes": { "7d": "01" } }`. */
export interface EscapeMapDescription {
  readonly escape: string;
  readonly codes: Readonly<Record<string, string>>;
  readonly xor?: string | undefined;
}

/** An escape map by its name, or a map, or a list of maps for a format with several escape bytes. */
export type EscapeDescription =
  | 'slip'
  | 'hdlc'
  | 'jt808'
  | 'jt809'
  | 'dle'
  | EscapeMapDescription
  | readonly EscapeMapDescription[];

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
  /** Whether decode searches for the next frame behind noise. An object gives the limits. Default false. */
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
  /**
   * Name of a checksum behind the payload, or an object that also gives the order of its bytes. Default: none.
   */
  readonly checksum?: string | Omit<ChecksumDescription, 'over'> | undefined;
  readonly maxLength?: number | undefined;
  readonly strip?: boolean | undefined;
  readonly skipEmpty?: boolean | undefined;
  /** Whether decode searches for the next frame behind noise. An object gives the limits. Default false. */
  readonly resync?: boolean | ResyncOptions | undefined;
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

/** The argument of `fixedLength` in JSON. */
export interface FixedLengthFraming extends FramingFacts {
  readonly codec: 'fixedLength';
  /** Length of every frame in bytes. */
  readonly length: number;
}

/** Bits of a fragment that say whether the fragment is the last of its message. */
export interface ContinuedMark {
  /** Part of a value that has the bits: `flags`, or the bytes of the caller in `before` or `after`. */
  readonly part: 'flags' | 'before' | 'after';
  /** Index of the byte in `part`, if that is `before` or `after`. It is ignored for `flags`. Default 0. */
  readonly at?: number | undefined;
  /** Bits of the mark in hex: bits of the flags, up to 4 bytes, or bits of the byte at `at`. */
  readonly mask: string;
  /**
   * Meaning of a fragment in which one of the bits is set. 'last': it is the last fragment. 'more': more
   * fragments follow.
   */
  readonly means: 'last' | 'more';
}

/** Options of `continued` in JSON, where bits of each fragment say whether another follows. */
export interface ContinuedFraming extends FramingFacts {
  readonly codec: 'continued';
  /** Description of a fragment. `deliver` is always 'parts'. */
  readonly frame: LengthPrefixedFraming;
  readonly mark: ContinuedMark;
  /** Maximum length in bytes of the payload of a fragment that encode makes. */
  readonly fragmentLength: number;
  readonly maxLength?: number | undefined;
  readonly maxFragments?: number | undefined;
}

/**
 * A wire format as JSON: the name of a codec, its options, and facts for people, which codecs ignore.
 * `framing()` makes the codec.
 */
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

/** A row of `formats`: a description with facts about the format. */
export type Format = Framing & {
  readonly source: string;
  readonly note: string;
  readonly known: Known;
};
