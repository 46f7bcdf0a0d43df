// Encoding in one process: many frames are made as they would be given to a socket.

import { lengthPrefixed } from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';
import type { Contender, Contest } from './harness.ts';

const TOTAL_LENGTH = 32 * 1024 * 1024;
const SLAB_LENGTH = 65_536;
const codec = lengthPrefixed();

/** Encodes `frames` frames. Returns the number of bytes. */
type Encode = (payload: Buffer, frames: number) => number;

function passes(payloadLength: number, encode: Encode): Contender {
  const payload = Buffer.alloc(payloadLength, 120);
  const frames = Math.ceil(TOTAL_LENGTH / (payloadLength + 4));
  return async () => {
    let bytes = 0;
    const time = await seconds(() => {
      bytes = encode(payload, frames);
    });
    if (bytes !== frames * (payloadLength + 4)) {
      throw new Error(`${bytes} bytes were written`);
    }
    return frames / time / 1e6;
  };
}

const copyEach: Encode = (payload, frames) => {
  let bytes = 0;
  for (let i = 0; i < frames; i++) {
    const frame = Buffer.allocUnsafe(4 + payload.length);
    frame.writeUInt32BE(payload.length, 0);
    payload.copy(frame, 4);
    bytes += frame.length;
  }
  return bytes;
};

const concatEach: Encode = (payload, frames) => {
  let bytes = 0;
  for (let i = 0; i < frames; i++) {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(payload.length);
    bytes += Buffer.concat([prefix, payload]).length;
  }
  return bytes;
};

const piecesEach: Encode = (payload, frames) => {
  let bytes = 0;
  for (let i = 0; i < frames; i++) {
    const prefix = Buffer.allocUnsafe(4);
    prefix.writeUInt32BE(payload.length, 0);
    for (const piece of [prefix, payload]) {
      bytes += piece.length;
    }
  }
  return bytes;
};

const encodeEach: Encode = (payload, frames) => {
  let bytes = 0;
  for (let i = 0; i < frames; i++) {
    for (const piece of codec.encode(payload)) {
      bytes += piece.length;
    }
  }
  return bytes;
};

const packByHand: Encode = (payload, frames) => {
  const slab = Buffer.allocUnsafeSlow(SLAB_LENGTH);
  let bytes = 0;
  let at = 0;
  for (let i = 0; i < frames; i++) {
    if (at + 4 + payload.length > slab.length) {
      at = 0;
    }
    slab.writeUInt32BE(payload.length, at);
    slab.set(payload, at + 4);
    at += 4 + payload.length;
    bytes += 4 + payload.length;
  }
  return bytes;
};

const packByEncodeInto: Encode = (payload, frames) => {
  const slab = Buffer.allocUnsafeSlow(SLAB_LENGTH);
  let bytes = 0;
  let at = 0;
  for (let i = 0; i < frames; i++) {
    const length = codec.encodedLength(payload);
    if (at + length > slab.length) {
      at = 0;
    }
    at = codec.encodeInto(payload, slab, at);
    bytes += length;
  }
  return bytes;
};

const PACKED = 'packed into a slab by hand';
const COPIED = 'a Buffer each by hand';
const PIECES = 'prefix and payload by hand';

function sized(payloadLength: number, label: string): Contest {
  return {
    title: `encode ${label} payloads`,
    unit: 'M frames/s',
    reference: COPIED,
    contenders: {
      [COPIED]: passes(payloadLength, copyEach),
      'Buffer.concat each by hand': passes(payloadLength, concatEach),
      [PIECES]: passes(payloadLength, piecesEach),
      encode: passes(payloadLength, encodeEach),
      [PACKED]: passes(payloadLength, packByHand),
      'encodedLength, encodeInto': passes(payloadLength, packByEncodeInto),
    },
  };
}

await hold(import.meta.url, [sized(16, '16 B'), sized(256, '256 B'), sized(4096, '4 KiB')]);
