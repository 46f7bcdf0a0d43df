// The entry `unstick/formats`: wire formats as data, the codecs that are made from this data, and the words
// that name a format on a command line. This entry is pure, as `unstick/codec` is.

export { framing } from '../framing/framing.ts';
export { parseFraming, printFraming } from '../framing/words.ts';
export { formats } from '../codec/formats/formats.ts';
export type {
  AnyFramingCodec,
  ContinuedCodec,
  FormatName,
  FramingCodec,
  FramingOverrides,
  MessagesCodec,
} from '../framing/codec-types.ts';
export type { ReadText } from '../framing/words.ts';
export type { Formats } from '../codec/formats/formats.ts';
export type {
  ChecksumDescription,
  CobsFraming,
  ContentLengthFraming,
  ContinuedFraming,
  ContinuedMark,
  DelimitedFraming,
  EscapeDescription,
  EscapeMapDescription,
  FixedLengthFraming,
  Format,
  Framing,
  FramingCodecName,
  FramingFacts,
  FramingFor,
  Known,
  LengthPrefixedFraming,
  LinesFraming,
  MessagesFraming,
  NamedPrefix,
  NetstringsFraming,
  NumberDescription,
  PieceDescription,
  PrefixDescription,
  SectionDescription,
  SwapDescription,
} from '../codec/formats/framing-types.ts';
