// Reads the packets of a capture file while its bytes come. The first four bytes show the format of the file.

import { BlockBuffer } from './block-buffer.ts';
import { CaptureError } from './capture-error.ts';
import type { FormatReader, PacketVisitor } from './packet.ts';
import { PCAP_MAGICS, PcapReader } from './pcap.ts';
import { PcapngReader, SECTION_HEADER } from './pcapng.ts';
import { quantity } from '../text.ts';

const MAGIC_LENGTH = 4;
const GZIP_MAGIC = 0x1f8b;

/** Formats that people mistake for pcap, by the number in their first four bytes, each with advice. */
const OTHERS: ReadonlyMap<number, string> = new Map([
  [0xa1b2cd34, 'It is a pcap of a patched libpcap: convert it with editcap -F pcap.'],
  [0x34cdb2a1, 'It is a pcap of a patched libpcap: convert it with editcap -F pcap.'],
  [0x736e6f6f, 'It is a snoop file: convert it with editcap -F pcap.'],
  [0x474d4255, 'It is a file of Microsoft Network Monitor: convert it with editcap -F pcap.'],
  [0x28b52ffd, 'It is compressed with zstd: decompress it first.'],
  [0xfd377a58, 'It is compressed with xz: decompress it first.'],
  [0x504b0304, 'It is a zip file: unpack it first.'],
  [0x04224d18, 'It is compressed with lz4: decompress it first.'],
]);

/**
 * Guesses the kind of a file from its first bytes. 'capture': a file for CaptureReader. 'gzip': a compressed
 * file, which may hold a capture. A format in OTHERS counts as 'capture', too, so that the error of
 * CaptureReader gives the advice. Returns `undefined` for any other file, and for less than four bytes.
 */
export function captureKind(start: Uint8Array): 'capture' | 'gzip' | undefined {
  if (start.length < MAGIC_LENGTH) {
    return undefined;
  }
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  if (view.getUint16(0) === GZIP_MAGIC) {
    return 'gzip';
  }
  const magics = [view.getUint32(0), view.getUint32(0, true)];
  const isKnown = magics.some((magic) => PCAP_MAGICS.has(magic) || magic === SECTION_HEADER);
  return isKnown || OTHERS.has(view.getUint32(0)) ? 'capture' : undefined;
}

export class CaptureReader {
  readonly #buffer = new BlockBuffer();
  #format: FormatReader | undefined;
  #failure: CaptureError | undefined;

  /**
   * Takes a chunk of the file, which must not change before the next call. Calls `visit` for each packet that
   * ends in the chunk. If the file is damaged, throws CaptureError after the last good packet, and again at
   * every later call.
   */
  push(chunk: Uint8Array, visit: PacketVisitor): void {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    this.#buffer.push(chunk);
    if (this.#format === undefined && this.#buffer.length < MAGIC_LENGTH) {
      return;
    }
    try {
      this.#format ??= this.#detect();
      this.#format.read(visit);
    } catch (error) {
      this.#failure = error instanceof CaptureError ? error : undefined;
      throw error;
    }
  }

  /** Call this when the file is over. Throws CaptureError if the file ends inside a packet or block. */
  end(): void {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    const { length, offset, isSkipping } = this.#buffer;
    if (this.#format === undefined) {
      const hint = 'Is it a capture at all? pcap and pcapng can be read.';
      throw new CaptureError(`The file has ${quantity(length, 'byte')}`, { byteOffset: 0, hint });
    }
    if (length > 0 || isSkipping) {
      const isHeader = offset === 0;
      throw new CaptureError(`The file ends inside ${isHeader ? 'its header' : 'a packet'}`, {
        byteOffset: offset,
        hint: isHeader ? 'It has no packet.' : 'All packets before it were read.',
      });
    }
  }

  #detect(): FormatReader {
    const { view, at } = this.#buffer;
    for (const littleEndian of [true, false]) {
      const magic = view.getUint32(at, littleEndian);
      const unitsPerMs = PCAP_MAGICS.get(magic);
      if (unitsPerMs !== undefined) {
        return new PcapReader(this.#buffer, { littleEndian, unitsPerMs });
      }
      if (magic === SECTION_HEADER) {
        return new PcapngReader(this.#buffer);
      }
    }
    const magic = view.getUint32(at);
    throw new CaptureError('The file is neither pcap nor pcapng', {
      byteOffset: 0,
      hint:
        OTHERS.get(magic) ??
        'Only captures are read while they are compressed: decompress other files first.',
    });
  }
}
