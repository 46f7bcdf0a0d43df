// Omnicomm trackers: the length of a frame is itself escaped and counts unescaped bytes. So the end of a
// frame is found by removing the escapes one byte after the other.

import { CRC_16_IBM_3740 } from '../../../src/codec/crc-presets.ts';
import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: omnicomm
export interface OmnicommFrame {
  readonly command: number;
  readonly data: Uint8Array;
}

const START = 0xc0;
const ESCAPE = 0xdb;
const CODES: Readonly<Record<number, number>> = { 0xdc: START, 0xdd: ESCAPE };
const MAX_DATA_LENGTH = 4096;
/** In front of the data: the command and two bytes of length. After the data: two bytes of the CRC. */
const [HEAD_LENGTH, CRC_LENGTH] = [3, 2];

const escaped = (byte: number): number[] => {
  const code = Object.keys(CODES).find((each) => CODES[Number(each)] === byte);
  return code === undefined ? [byte] : [ESCAPE, Number(code)];
};

/** How many unescaped bytes a frame has; only those of the head while the length has not come yet. */
function wantedOf(plain: readonly number[]): number {
  const [, low = 0, high] = plain;
  return high === undefined ? HEAD_LENGTH : HEAD_LENGTH + low + 256 * high + CRC_LENGTH;
}

export const omnicomm = defineCodec({
  maxLength: 1 + 2 * (HEAD_LENGTH + MAX_DATA_LENGTH + CRC_LENGTH),
  encode({ command, data }: OmnicommFrame) {
    if (data.length > MAX_DATA_LENGTH) {
      throw new RangeError(`A frame has at most ${MAX_DATA_LENGTH} bytes of data`);
    }
    const plain = Uint8Array.of(command, data.length & 0xff, data.length >> 8, ...data);
    const all = [...plain, ...CRC_16_IBM_3740.compute(plain)];
    return Uint8Array.of(START, ...all.flatMap(escaped));
  },
  memory: () => ({ at: 0, plain: [] as number[] }),
  next(queue, memory): OmnicommFrame | undefined {
    const { plain } = memory;
    if (memory.at === 0) {
      const first = queue.byteAt(0);
      if (first === undefined) {
        return undefined;
      }
      memory.at = first === START ? 1 : queue.refuse('A frame of Omnicomm begins with c0');
    }
    while (plain.length < wantedOf(plain)) {
      const byte = queue.byteAt(memory.at);
      const code = byte === ESCAPE ? queue.byteAt(memory.at + 1) : byte;
      if (byte === undefined || code === undefined) {
        return undefined;
      }
      if (byte === START) {
        return queue.refuse('A frame began inside of another one');
      }
      plain.push(
        byte === ESCAPE ? (CODES[code] ?? queue.refuse('An escape is db dc or db dd')) : byte,
      );
      memory.at += byte === ESCAPE ? 2 : 1;
      if (wantedOf(plain) > HEAD_LENGTH + MAX_DATA_LENGTH + CRC_LENGTH) {
        return queue.refuse('The length of the data is too large', {
          code: 'ERR_FRAME_LENGTH_INVALID',
        });
      }
    }
    const bytes = Uint8Array.from(plain);
    const summed = bytes.subarray(0, -CRC_LENGTH);
    const [high, low] = CRC_16_IBM_3740.compute(summed);
    if (bytes.at(-2) !== high || bytes.at(-1) !== low) {
      const init = { code: 'ERR_FRAME_CHECKSUM', frameLength: memory.at } as const;
      return queue.refuse('The CRC is wrong', init);
    }
    queue.skip(memory.at);
    return { command: plain[0] ?? 0, data: summed.slice(HEAD_LENGTH) };
  },
});
// end
