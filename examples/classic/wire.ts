// The wire format of the course. An answer is struct.pack('i', len(header)) + JSON header with total_size +
// that many bytes. A command is bare, without any boundary, or has a length in front. This file is pure.

import { createHash } from 'node:crypto';
import { lengthPrefixed, messages, rawBytes } from '../../src/entries/main.ts';
import type { Codec, Message, OutgoingMessage } from '../../src/entries/main.ts';
import { Complaint } from '../support/program.ts';

/**
 * 'i' of Python's struct is a signed int of this machine: 4 bytes, little-endian on all machines that we
 * test.
 */
const PREFIX = 'i32le';

/** Answers: a header with the length of the output, and the output. */
export const answers: Codec<OutgoingMessage, Message> = messages({
  prefix: PREFIX,
  bodyLengthKey: 'total_size',
});

/** How commands travel: bare, as the course sends them, or with a length in front, as they should. */
export const commandCodecs: Readonly<Record<'bare' | 'framed', Codec<Uint8Array>>> = {
  bare: rawBytes(),
  framed: lengthPrefixed({ prefix: PREFIX }),
};

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

export type CommandFraming = keyof typeof commandCodecs;

/** Reads the value of --commands. Throws a Complaint for an unknown one. */
export function commandFraming(name: string): CommandFraming {
  if (name === 'bare' || name === 'framed') {
    return name;
  }
  throw new Complaint(`--commands is "${name}"; it must be bare or framed.`, 2);
}
