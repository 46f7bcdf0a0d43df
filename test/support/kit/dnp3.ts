// The link layer of DNP3: a head with a CRC, then blocks of at most 16 bytes, each with a CRC of its own.

import { CRC_16_DNP } from '../../../src/codec/crc-presets.ts';
import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: dnp3
export interface Dnp3Frame {
  readonly control: number;
  readonly destination: number;
  readonly source: number;
  readonly payload: Uint8Array;
}

const HEAD_LENGTH = 10;
const BLOCK_LENGTH = 16;
/** The length counts control and addresses, and no CRC. */
const COUNTED = 5;

const withCrc = (bytes: Uint8Array): Uint8Array[] => [
  bytes,
  CRC_16_DNP.compute(bytes).toReversed(),
];

export const dnp3 = defineCodec<Dnp3Frame>({
  maxLength: 292,
  encode({ control, destination, source, payload }) {
    const head = new Uint8Array(8);
    const view = new DataView(head.buffer);
    view.setUint16(0, 0x0564);
    view.setUint8(2, payload.length + COUNTED);
    view.setUint8(3, control);
    view.setUint16(4, destination, true);
    view.setUint16(6, source, true);
    const pieces = withCrc(head);
    for (let at = 0; at < payload.length; at += BLOCK_LENGTH) {
      pieces.push(...withCrc(payload.subarray(at, at + BLOCK_LENGTH)));
    }
    return pieces;
  },
  next(queue) {
    for (const [at, byte] of [0x05, 0x64].entries()) {
      if (!queue.has(at + 1)) {
        return undefined;
      }
      if (queue.byteAt(at) !== byte) {
        return queue.refuse('A DNP3 frame begins with 05 64');
      }
    }
    const checked = (from: number, length: number): Uint8Array => {
      const bytes = queue.peek(length, from);
      const [low, high] = CRC_16_DNP.compute(bytes).toReversed();
      if (queue.byteAt(from + length) !== low || queue.byteAt(from + length + 1) !== high) {
        queue.refuse('The CRC of a block is wrong', { code: 'ERR_FRAME_CHECKSUM' });
      }
      return bytes;
    };
    if (!queue.has(HEAD_LENGTH)) {
      return undefined;
    }
    const head = checked(0, HEAD_LENGTH - 2);
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    const length = view.getUint8(2) - COUNTED;
    if (length < 0) {
      return queue.refuse('The length of a DNP3 frame is at least 5', {
        code: 'ERR_FRAME_LENGTH_INVALID',
      });
    }
    const frameLength = HEAD_LENGTH + length + 2 * Math.ceil(length / BLOCK_LENGTH);
    if (!queue.hasFrame(frameLength)) {
      return undefined;
    }
    const payload = new Uint8Array(length);
    for (
      let at = 0, from = HEAD_LENGTH;
      at < length;
      at += BLOCK_LENGTH, from += BLOCK_LENGTH + 2
    ) {
      payload.set(checked(from, Math.min(BLOCK_LENGTH, length - at)), at);
    }
    queue.skip(frameLength);
    return {
      control: view.getUint8(3),
      destination: view.getUint16(4, true),
      source: view.getUint16(6, true),
      payload,
    };
  },
});
// end
