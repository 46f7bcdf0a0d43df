// One packet of a capture file, as every file format gives it.

export interface Packet {
  /** Number of the link layer, as tcpdump.org lists them. */
  readonly linkType: number;
  /** Time in ms since 1970; undefined where the file has none. */
  readonly time: number | undefined;
  /** What was captured. Valid only during the visit. */
  readonly bytes: Uint8Array;
  /** Number of bytes on the wire. A snaplen may have cut some. */
  readonly length: number;
}

export type PacketVisitor = (packet: Packet) => void;

/** Reads one file format. It parses what is whole, and leaves the rest in the buffer. */
export interface FormatReader {
  read(visit: PacketVisitor): void;
}

/**
 * Maximum length of a packet or block in bytes. Tools write 256 KiB at most for networks, so a larger number
 * is damage, and believing it would swallow the rest of the file.
 */
export const MAX_BLOCK_LENGTH: number = 16 * 1024 * 1024;
