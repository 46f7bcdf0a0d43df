// A dissector for Wireshark and tshark in Lua, for any framing that is described as data. Pure.
//
// Each kind of framing gives a Lua function that finds a frame, and a loop. lua-frame.ts says what both must
// do. Every value of a description that becomes Lua passes through lua-words.ts.

import type { Framing, FramingCodecName, FramingFor } from '../codec/formats/framing-types.ts';
import { toFraming } from '../framing/framing.ts';
import { refuse } from '../options.ts';
import { cobsBody, delimitedBody, linesBody } from './lua-delimited.ts';
import { FOOT, head, SHOW } from './lua-frame.ts';
import { contentLengthBody, continuedBody, fixedLengthBody, netstringsBody } from './lua-others.ts';
import { lengthPrefixedBody } from './lua-prefixed.ts';
import { protocolName } from './lua-words.ts';

/** Lua that finds frames, and Lua that reads segments with it. */
interface Body {
  readonly finder: string;
  readonly loop: string;
}

type Bodies = {
  readonly [Name in FramingCodecName]: (given: FramingFor<Name>) => Body;
};

/** Makes the Lua for each codec. A codec without a row does not compile. */
const BODIES: Bodies = {
  lengthPrefixed: lengthPrefixedBody,
  delimited: delimitedBody,
  lines: ({ maxLength }) => linesBody(maxLength),
  cobs: ({ maxLength }) => cobsBody(maxLength),
  fixedLength: ({ length }) => fixedLengthBody(length),
  continued: continuedBody,
  netstrings: netstringsBody,
  contentLength: contentLengthBody,
  messages: () =>
    refuse(
      'A Wireshark dissector cannot be made for the codec messages.',
      'The length of a body is in a JSON header. Make a dissector for the headers alone, such as u32be.',
    ),
};

function bodyOf(given: Framing): Body {
  const make: (given: never) => Body = BODIES[given.codec];
  // The table has the function for this codec, which the compiler cannot see for a union.
  return make(given as never);
}

/** How Wireshark names a framing: a format by its name, another description by its codec. */
export interface DissectorName {
  /** Name of the format; undefined for other descriptions. */
  readonly format?: string | undefined;
}

/**
 * Returns the text of a Lua file for Wireshark, and the name of its protocol, by which filters and Decode As
 * know it. Throws UsageError ERR_OPTION for a description that `framing` refuses, and for the codec
 * `messages`.
 */
export function wiresharkDissector(
  given: Framing,
  { format }: DissectorName = {},
): { readonly lua: string; readonly protocol: string } {
  const framing = toFraming(given);
  const { finder, loop } = bodyOf(framing);
  const { source: _source, note: _note, known: _known, seen: _seen, ...plain } = framing;
  const protocol = protocolName(format ?? '');
  const words = {
    protocol,
    title: format ?? `frames of ${framing.codec}`,
    framing: JSON.stringify(plain),
  };
  return { lua: [head(words), finder, SHOW, loop, FOOT].join(''), protocol };
}
