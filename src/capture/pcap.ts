// Reads the classic file format, pcap: a header of 24 bytes, then for each packet 16 bytes and the captured
// bytes.
//
//   magic 2+2 version  zone  figures  snaplen  link type      seconds  fraction  captured  on the wire
//
// The magic gives the byte order, and tells whether the fraction counts microseconds or nanoseconds.

import type { BlockBuffer } from './block-buffer.ts';
import { CaptureError } from './capture-error.ts';
import { MAX_BLOCK_LENGTH } from './packet.ts';
import type { FormatReader, PacketVisitor } from './packet.ts';

const FILE_HEADER_LENGTH = 24;
const PACKET_HEADER_LENGTH = 16;
const LINK_TYPE_AT = 20;
/** Bits of the field that hold the link type. The upper bits give the length of a frame check sequence. */
const LINK_TYPE_MASK = 0xffff;

/** For each magic number, the number of units of the field `fraction` in a ms. */
export const PCAP_MAGICS: ReadonlyMap<number, number> = new Map([
  [0xa1b2c3d4, 1e3],
  [0xa1b23c4d, 1e6],
]);

export interface PcapVariant {
  readonly littleEndian: boolean;
  readonly unitsPerMs: number;
}

export class PcapReader implements FormatReader {
  readonly #buffer: BlockBuffer;
  readonly #variant: PcapVariant;
  #linkType: number | undefined;

  constructor(buffer: BlockBuffer, variant: PcapVariant) {
    this.#buffer = buffer;
    this.#variant = variant;
  }

  read(visit: PacketVisitor): void {
    if (this.#linkType === undefined) {
      if (this.#buffer.length < FILE_HEADER_LENGTH) {
        return;
      }
      const { view, at } = this.#buffer;
      const field = view.getUint32(at + LINK_TYPE_AT, this.#variant.littleEndian);
      this.#linkType = field & LINK_TYPE_MASK;
      this.#buffer.skip(FILE_HEADER_LENGTH);
    }
    while (this.#buffer.length >= PACKET_HEADER_LENGTH && this.#packet(this.#linkType, visit)) {
      // Each turn takes one packet.
    }
  }

  #packet(linkType: number, visit: PacketVisitor): boolean {
    const { view, at, bytes, length, offset } = this.#buffer;
    const { littleEndian, unitsPerMs } = this.#variant;
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > MAX_BLOCK_LENGTH) {
      throw tooLong(captured, offset);
    }
    if (length < PACKET_HEADER_LENGTH + captured) {
      return false;
    }
    const seconds = view.getUint32(at, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    const start = at + PACKET_HEADER_LENGTH;
    visit({
      linkType,
      time: seconds * 1000 + fraction / unitsPerMs,
      bytes: bytes.subarray(start, start + captured),
      length: Math.max(captured, view.getUint32(at + 12, littleEndian)),
    });
    this.#buffer.skip(PACKET_HEADER_LENGTH + captured);
    return true;
  }
}

function tooLong(length: number, byteOffset: number): CaptureError {
  return new CaptureError(
    `A packet claims ${length} bytes, but the maximum is ${MAX_BLOCK_LENGTH}`,
    {
      byteOffset,
      length,
      limit: MAX_BLOCK_LENGTH,
      hint: 'The file is damaged from here on, or is no pcap.',
    },
  );
}
