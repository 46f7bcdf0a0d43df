// Reads the newer file format, pcapng, which consists of sections of blocks.
//
//   type  length  …  length        the length counts the whole block and is at both ends
//
// A section header gives the byte order of the whole section, including its own length. Interfaces are
// numbered from 0 in each section. Blocks of unknown types are dropped as they come, however long they are.

import type { BlockBuffer } from './block-buffer.ts';
import { CaptureError } from './capture-error.ts';
import { MAX_BLOCK_LENGTH } from './packet.ts';
import type { FormatReader, PacketVisitor } from './packet.ts';

export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const ORDER_MAGIC = 0x1a2b3c4d;
const ORDER_MAGIC_AT = 8;
/** Minimum length in bytes of any block: type, length, and the length again. */
const LEAST_LENGTH = 12;
const HEADER_LENGTH = 8;
/** Minimum length in bytes of a block of each known type. */
const LEAST: Readonly<Record<number, number>> = {
  [SECTION_HEADER]: 28,
  [INTERFACE]: 20,
  [OLD_PACKET]: 32,
  [SIMPLE_PACKET]: 16,
  [ENHANCED_PACKET]: 32,
};

const RESOLUTION_OPTION = 9;
const OFFSET_OPTION = 14;
const MS_PER_SECOND = 1000;
const UNITS_PER_LOW_WORD = 2 ** 32;

/** Maximum number of interfaces in a section. Each interface takes memory until the section ends. */
const MAX_INTERFACES = 65_536;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Number of units of the interface's clock in a ms. */
  readonly unitsPerMs: number;
  /** Time in ms that is added to the time of each packet. */
  readonly offsetMs: number;
}

/** Place of the parts of a packet in its block. */
interface Place {
  readonly at: number;
  readonly captured: number;
  readonly length: number;
  readonly time: number | undefined;
}

export class PcapngReader implements FormatReader {
  readonly #buffer: BlockBuffer;
  #littleEndian = true;
  #interfaces: Interface[] = [];

  constructor(buffer: BlockBuffer) {
    this.#buffer = buffer;
  }

  read(visit: PacketVisitor): void {
    while (!this.#buffer.isSkipping && this.#buffer.length >= LEAST_LENGTH && this.#block(visit)) {
      // Each turn takes one block.
    }
  }

  #block(visit: PacketVisitor): boolean {
    const { view, at } = this.#buffer;
    const isSection = view.getUint32(at, true) === SECTION_HEADER;
    if (isSection) {
      this.#readOrder();
    }
    const type = view.getUint32(at, this.#littleEndian);
    const length = view.getUint32(at + 4, this.#littleEndian);
    const least = LEAST[type];
    if (length < (least ?? LEAST_LENGTH) || length % 4 !== 0) {
      throw this.#wrong(`A block of type ${type} claims ${length} bytes`, length);
    }
    if (least !== undefined) {
      if (length > MAX_BLOCK_LENGTH) {
        const facts = `A block claims ${length} bytes, but the maximum is ${MAX_BLOCK_LENGTH}`;
        throw this.#wrong(facts, length);
      }
      if (this.#buffer.length < length) {
        return false;
      }
      this.#known(type, length, visit);
    }
    this.#buffer.skip(length);
    return true;
  }

  #readOrder(): void {
    const { view, at } = this.#buffer;
    const isLittle = view.getUint32(at + ORDER_MAGIC_AT, true) === ORDER_MAGIC;
    if (!isLittle && view.getUint32(at + ORDER_MAGIC_AT, false) !== ORDER_MAGIC) {
      throw this.#wrong('A section has no byte order magic');
    }
    this.#littleEndian = isLittle;
  }

  #known(type: number, length: number, visit: PacketVisitor): void {
    if (type === SECTION_HEADER) {
      this.#interfaces = [];
    } else if (type === INTERFACE) {
      this.#addInterface(length);
    } else {
      this.#packet(type, length, visit);
    }
  }

  #packet(type: number, blockLength: number, visit: PacketVisitor): void {
    const { view, at, bytes } = this.#buffer;
    const little = this.#littleEndian;
    const id =
      type === SIMPLE_PACKET
        ? 0
        : type === OLD_PACKET
          ? view.getUint16(at + HEADER_LENGTH, little)
          : view.getUint32(at + HEADER_LENGTH, little);
    const face = this.#interfaces[id];
    if (face === undefined) {
      const count = this.#interfaces.length;
      throw this.#wrong(
        `A packet names interface ${id}, and the section has ${count}, counted from 0`,
      );
    }
    const place = type === SIMPLE_PACKET ? this.#simple(face, blockLength) : this.#timed(face);
    if (place.captured > blockLength - (place.at - at) - 4) {
      throw this.#wrong(`A packet claims ${place.captured} bytes in a block of ${blockLength}`);
    }
    visit({
      linkType: face.linkType,
      time: place.time,
      bytes: bytes.subarray(place.at, place.at + place.captured),
      length: Math.max(place.captured, place.length),
    });
  }

  #simple({ snapLength }: Interface, blockLength: number): Place {
    const { view, at } = this.#buffer;
    const length = view.getUint32(at + HEADER_LENGTH, this.#littleEndian);
    const room = blockLength - 16;
    const most = snapLength === 0 ? room : Math.min(snapLength, room);
    return { at: at + 12, captured: Math.min(length, most), length, time: undefined };
  }

  #timed({ unitsPerMs, offsetMs }: Interface): Place {
    const { view, at } = this.#buffer;
    const little = this.#littleEndian;
    const high = view.getUint32(at + 12, little);
    const low = view.getUint32(at + 16, little);
    return {
      at: at + 28,
      captured: view.getUint32(at + 20, little),
      length: view.getUint32(at + 24, little),
      time: (high * UNITS_PER_LOW_WORD + low) / unitsPerMs + offsetMs,
    };
  }

  #addInterface(length: number): void {
    if (this.#interfaces.length >= MAX_INTERFACES) {
      throw this.#wrong(`A section has more than ${MAX_INTERFACES} interfaces`);
    }
    const { view, at } = this.#buffer;
    const little = this.#littleEndian;
    let unitsPerMs = 1e3;
    let offsetMs = 0;
    const end = at + length - 4;
    for (let option = at + 16; option + 4 <= end;) {
      const code = view.getUint16(option, little);
      const size = view.getUint16(option + 2, little);
      const value = option + 4;
      if (code === 0 || value + size > end) {
        break;
      }
      if (code === RESOLUTION_OPTION && size >= 1) {
        unitsPerMs = unitsOf(view.getUint8(value));
      } else if (code === OFFSET_OPTION && size >= 8) {
        offsetMs = Number(view.getBigInt64(value, little)) * MS_PER_SECOND;
      }
      option = value + size + (-size & 3);
    }
    this.#interfaces.push({
      linkType: view.getUint16(at + HEADER_LENGTH, little),
      snapLength: view.getUint32(at + 12, little),
      unitsPerMs,
      offsetMs,
    });
  }

  #wrong(facts: string, length?: number): CaptureError {
    return new CaptureError(facts, {
      byteOffset: this.#buffer.offset,
      hint: 'The file is damaged from here on.',
      ...(length === undefined ? {} : { length }),
    });
  }
}

/**
 * Returns the number of units of a clock in a ms. The highest bit of the resolution tells whether it is a
 * power of 2 or of 10.
 */
function unitsOf(resolution: number): number {
  const power = resolution & 0x7f;
  return (resolution < 0x80 ? 10 ** power : 2 ** power) / MS_PER_SECOND;
}
