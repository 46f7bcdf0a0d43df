// The strangers' formats on the wire. A stranger is a decoder of another author, with its samples.

import type {
  DecoderCheck,
  DecoderTarget,
  FramedSample,
  ProveDecoderOptions,
} from '../../../src/entries/testing.ts';

/** A decoder of another author, and the samples with which it is proven. */
export interface Stranger {
  readonly name: string;
  readonly target: DecoderTarget<never, unknown>;
  readonly options: ProveDecoderOptions<never, unknown>;
}

/** A decoder with a mistake. */
export interface BrokenStranger extends Stranger {
  /** The check that must find the mistake. */
  readonly foundBy: DecoderCheck;
}

export const WORDS = ['hi', '', 'a longer one', '粘包 naïve'];
export const PAYLOADS = WORDS.map((word) => Buffer.from(word));

/** Makes the samples of a format: one stream, with a frame for each value. */
export function samplesOf<T>(
  values: readonly T[],
  wire: (value: T) => Uint8Array,
): readonly FramedSample<T>[] {
  return [{ frames: values.map(wire), values }];
}

export function u32be(payload: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(payload.length);
  return Buffer.concat([prefix, payload]);
}

export function u16le(payload: Uint8Array): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16LE(payload.length);
  return Buffer.concat([prefix, payload]);
}

export const u8 = (payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(payload.length), payload]);

export const line = (text: string): Buffer => Buffer.from(`${text}\r\n`);

export const netstring = (payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${payload.length}:`), payload, Buffer.from(',')]);

/** Makes an OCTET STRING in DER. */
export function der(payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = length < 128 ? [4, length] : [4, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Makes a chunk of HTTP/1.1. */
export const httpChunk = (payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${payload.length.toString(16)}\r\n`), payload, Buffer.from('\r\n')]);

/** Makes a head that ends with an empty line, as in HTTP and SIP. */
export const head = (text: string): Buffer => Buffer.from(`${text}\r\n\r\n`);
