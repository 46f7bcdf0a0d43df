// One packet of a capture file, in the form that all file formats share.

export interface Packet {
  /** Number of the link layer, as tcpdump.org lists them. */
  readonly linkType: number;
  /** Time in ms since 1970. It is undefined if the file has none. */
  readonly time: number | undefined;
  /** The captured bytes. They are valid only during the visit. */
  readonly bytes: Uint8Array;
  /** Number of bytes on the wire. A snaplen may have cut some of them off. */
  readonly length: number;
}

export type PacketVisitor = (packet: Packet) => void;

/** Reads one file format. It parses whole packets and blocks, and leaves the rest in the buffer. */
export interface FormatReader {
  read(visit: PacketVisitor): void;
}

/**
 * Maximum length of a packet or block in bytes. Tools write at most 256 KiB for networks. A larger number is
 * damage, and a reader that believed it would skip the rest of the file.
 */
export const MAX_BLOCK_LENGTH: number = 16 * 1024 * 1024;
