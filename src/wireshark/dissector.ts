// Writes a dissector for Wireshark and tshark in Lua, for any framing that is described as data, except those
// of the codec `messages`. This file is pure.
//
// Each kind of framing gives a Lua function that finds a frame, and a loop. lua-frame.ts says what the
// function and the loop must do. Every value of a description that becomes Lua passes through lua-words.ts.

import type { Framing, FramingCodecName, FramingFor } from '../codec/formats/framing-types.ts';
import { toFraming } from '../framing/framing.ts';
import { refuse } from '../options.ts';
import { cobsBody, delimitedBody, linesBody } from './lua-delimited.ts';
import { FOOT, head, SHOW } from './lua-frame.ts';
import { contentLengthBody, continuedBody, fixedLengthBody, netstringsBody } from './lua-others.ts';
import { lengthPrefixedBody } from './lua-prefixed.ts';
import { protocolName } from './lua-words.ts';

/** The Lua function that finds frames, and the Lua loop that reads segments with this function. */
interface Body {
  readonly finder: string;
  readonly loop: string;
}

type Bodies = {
  readonly [Name in FramingCodecName]: (given: FramingFor<Name>) => Body;
};

/** The functions that make the Lua for each codec. If a codec has no row, this table does not compile. */
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
  // The table has the function for this codec. The compiler cannot see that for a union.
  return make(given as never);
}

/**
 * Gives the name of the protocol in Wireshark: `unstick_` and the name of the format. For a description
 * without a format the protocol is `unstick`.
 */
export interface DissectorName {
  /** Name of the format. `undefined` for any other description. */
  readonly format?: string | undefined;
}

/**
 * Returns the text of a Lua file for Wireshark, and the name of its protocol, which filters and Decode As
 * use. Throws UsageError ERR_OPTION for a description that `framing` refuses, and for the codec `messages`.
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
