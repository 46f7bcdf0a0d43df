// Questions and answers in bytes. They are the same in a datagram and in a frame, as in DNS.
//
//   question: number (2 bytes) │ format (UTF-8)
//   answer:   number (2 bytes) │ kind (1 byte) │ text (UTF-8)
//
// The client chooses the number, and the answer repeats it. TCP would not need it, because answers come in
// order, and none is lost. Over UDP only the number says which question an answer belongs to. This file uses
// no socket.

import { formats, lengthPrefixed } from '../../src/entries/main.ts';
import type { FrameCodec } from '../../src/entries/main.ts';
import { DEFAULT_FORMAT, strftime } from './strftime.ts';

/** Maximum length of an answer in a datagram: the network may fragment or drop longer datagrams. */
export const MAX_DATAGRAM_LENGTH = 1232;
/**
 * Maximum length of a question. The answer may be five times as long ("%F"), and must fit into 65,535 bytes.
 */
export const MAX_QUESTION_LENGTH = 10_000;

const NUMBER_LENGTH = 2;
const HEAD_LENGTH = 3;

/** Frames over TCP, as in DNS over TCP: 2 bytes of length, then the bytes of a datagram. */
export const questionFrames: FrameCodec = lengthPrefixed({
  ...formats.dnsOverTcp,
  maxPayloadLength: MAX_QUESTION_LENGTH,
});
export const answerFrames: FrameCodec = lengthPrefixed(formats.dnsOverTcp);

const kinds = ['time', 'refused', 'too-long'] as const;

export interface Question {
  readonly number: number;
  readonly format: string;
}

export interface Answer {
  readonly number: number;
  /** Whether `text` is the time or the reason for a refusal. With `too-long`, ask again over TCP. */
  readonly kind: (typeof kinds)[number];
  readonly text: string;
}

export function encodeQuestion({ number, format }: Question): Uint8Array {
  const bytes = Buffer.alloc(NUMBER_LENGTH + Buffer.byteLength(format));
  bytes.writeUInt16BE(number);
  bytes.write(format, NUMBER_LENGTH);
  return bytes;
}

/** The answer of the server, over TCP and UDP alike. */
export function answerTo({ number, format }: Question, time: Date): Answer {
  try {
    return { number, kind: 'time', text: strftime(format === '' ? DEFAULT_FORMAT : format, time) };
  } catch (error) {
    return { number, kind: 'refused', text: error instanceof Error ? error.message : '' };
  }
}

/** Reads a question. Returns `undefined` for anything else. */
export function decodeQuestion(bytes: Uint8Array): Question | undefined {
  if (bytes.length < NUMBER_LENGTH || bytes.length > MAX_QUESTION_LENGTH) {
    return undefined;
  }
  const message = Buffer.from(bytes);
  return { number: message.readUInt16BE(), format: message.toString('utf8', NUMBER_LENGTH) };
}

export function encodeAnswer({ number, kind, text }: Answer): Uint8Array {
  const bytes = Buffer.alloc(HEAD_LENGTH + Buffer.byteLength(text));
  bytes.writeUInt16BE(number);
  bytes.writeUInt8(kinds.indexOf(kind), NUMBER_LENGTH);
  bytes.write(text, HEAD_LENGTH);
  return bytes;
}

/** Reads an answer. Returns `undefined` for anything else, since any host can send a datagram. */
export function decodeAnswer(bytes: Uint8Array): Answer | undefined {
  if (bytes.length < HEAD_LENGTH) {
    return undefined;
  }
  const message = Buffer.from(bytes);
  const kind = kinds[message.readUInt8(NUMBER_LENGTH)];
  if (kind === undefined) {
    return undefined;
  }
  return { number: message.readUInt16BE(), kind, text: message.toString('utf8', HEAD_LENGTH) };
}
