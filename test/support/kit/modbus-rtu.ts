// Modbus RTU has no length; on a serial line silence ends a frame. In a stream the function code gives the
// length of a frame, for requests by other rules than for responses.

import { CRC_16_MODBUS } from '../../../src/codec/crc-presets.ts';
import { defineCodec } from '../../../src/codec/define-codec.ts';
import type { Codec } from '../../../src/codec/codec.ts';

// kit: modbus-rtu
export interface RtuFrame {
  readonly unit: number;
  readonly code: number;
  readonly data: Uint8Array;
}

const CRC_LENGTH = 2;
/** The bytes around the data: unit and function code in front, the CRC after them. */
const AROUND = 2 + CRC_LENGTH;

/** How to find the length of the data: the index of the byte that counts it, or a fixed length. */
function shapeOf(
  side: 'request' | 'response',
  code: number,
): { countAt: number } | { length: number } | undefined {
  if (side === 'response' && code >= 0x80) {
    return { length: 1 };
  }
  if (code >= 1 && code <= 4) {
    return side === 'request' ? { length: 4 } : { countAt: 2 };
  }
  if (code === 5 || code === 6) {
    return { length: 4 };
  }
  if (code === 15 || code === 16) {
    return side === 'request' ? { countAt: 6 } : { length: 4 };
  }
  return undefined;
}

/** Reads and writes the frames that a master sends (`request`), or those that a slave sends (`response`). */
export const modbusRtu = (side: 'request' | 'response'): Codec<RtuFrame> =>
  defineCodec({
    maxLength: 256,
    encode({ unit, code, data }) {
      const frame = Uint8Array.of(unit, code, ...data);
      return [frame, CRC_16_MODBUS.compute(frame).toReversed()];
    },
    next(queue): RtuFrame | undefined {
      const code = queue.byteAt(1);
      if (code === undefined) {
        return undefined;
      }
      const shape =
        shapeOf(side, code) ?? queue.refuse(`The length of function ${code} is not known`);
      let length = 0;
      if ('length' in shape) {
        length = shape.length;
      } else {
        const count = queue.byteAt(shape.countAt);
        if (count === undefined) {
          return undefined;
        }
        length = shape.countAt - 1 + count;
      }
      if (!queue.hasFrame(length + AROUND)) {
        return undefined;
      }
      const frame = queue.peek(length + 2);
      const [low, high] = CRC_16_MODBUS.compute(frame).toReversed();
      if (queue.byteAt(length + 2) !== low || queue.byteAt(length + 3) !== high) {
        return queue.refuse('The CRC is wrong', {
          code: 'ERR_FRAME_CHECKSUM',
          frameLength: length + AROUND,
        });
      }
      queue.skip(length + AROUND);
      return { unit: frame[0] ?? 0, code, data: frame.slice(2) };
    },
  });
// end
