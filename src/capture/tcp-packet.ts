// The TCP packet inside an IP packet. One object is filled again and again, because captures have millions of
// packets.
//
// Rules:
// - The length that IP declares counts, not that of the captured packet, because Ethernet pads short packets.
// - A packet that the snaplen cut has fewer bytes than its length says.
// - If offload left the IP length at 0, or it exceeds the packet, the length of the packet counts.
// - Checksums are not verified, because network cards fill them in after the packet was captured.

/** Reason why a packet is not a TCP packet that can be followed. */
export type NotTcp = 'otherProtocol' | 'fragment' | 'damaged';

export const SYN = 0x02;
export const FIN = 0x01;
export const RST = 0x04;
export const ACK = 0x10;

const TCP = 6;
const IPV4_HEADER_LENGTH = 20;
const IPV6_HEADER_LENGTH = 40;
const TCP_HEADER_LENGTH = 20;
/** Protocol numbers of IPv4 and IPv6 inside of another IP packet. */
const TUNNELS: ReadonlySet<number> = new Set([4, 41]);
/**
 * Maximum number of IP packets around an IP packet. Networks use one or two. A packet of a hostile file could
 * have so many that the stack overflows.
 */
const MAX_TUNNELS = 16;
/** Bits of the flag "more fragments", and of the offset of the fragment. */
const FRAGMENT_BITS = 0x3fff;
const IPV6_FRAGMENT = 44;
const IPV6_FRAGMENT_BITS = 0xfff9;
const AUTHENTICATION = 51;
/**
 * Numbers of the extension headers hop by hop, routing, destination and mobility. Each gives its length in
 * units of 8 bytes, without the first unit.
 */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);

export class TcpPacket {
  bytes: Uint8Array = new Uint8Array(0);
  /** Offsets of the addresses, and the length of each: 4 or 16 bytes. */
  sourceAt = 0;
  destinationAt = 0;
  addressLength = 4;
  sourcePort = 0;
  destinationPort = 0;
  sequence = 0;
  acknowledged = 0;
  flags = 0;
  /** Offsets of the payload, as far as it was captured. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Number of payload bytes on the wire. */
  payloadLength = 0;
  /** Number of IP packets around the one that is read. */
  #tunnels = 0;

  /**
   * Reads the IP packet at `at`. `wireLength` is the length on the wire of the whole packet, counted from
   * offset 0.
   */
  read(bytes: Uint8Array, at: number, wireLength: number): NotTcp | undefined {
    this.bytes = bytes;
    this.#tunnels = 0;
    return this.#readIp(at, wireLength);
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  #readIp(at: number, wireLength: number): NotTcp | undefined {
    const version = (this.bytes[at] ?? 0) >> 4;
    if (version === 4) {
      return this.#readIpv4(at, wireLength);
    }
    return version === 6 ? this.#readIpv6(at, wireLength) : 'otherProtocol';
  }

  /** Reads an IP packet inside of another one. */
  #readInner(at: number, wireLength: number): NotTcp | undefined {
    this.#tunnels++;
    return this.#tunnels > MAX_TUNNELS ? 'damaged' : this.#readIp(at, wireLength);
  }

  #readIpv4(at: number, wireLength: number): NotTcp | undefined {
    const { bytes } = this;
    const headerLength = ((bytes[at] ?? 0) & 0x0f) * 4;
    const total = Math.min(read16(bytes, at + 2) || Infinity, wireLength - at);
    if (headerLength < IPV4_HEADER_LENGTH || total < headerLength) {
      return 'damaged';
    }
    const protocol = bytes[at + 9] ?? 0;
    if (protocol !== TCP && !TUNNELS.has(protocol)) {
      return 'otherProtocol';
    }
    if ((read16(bytes, at + 6) & FRAGMENT_BITS) !== 0) {
      return 'fragment';
    }
    if (protocol !== TCP) {
      return this.#readInner(at + headerLength, at + total);
    }
    this.sourceAt = at + 12;
    this.destinationAt = at + 16;
    this.addressLength = 4;
    return this.#readTcp(at + headerLength, at + total);
  }

  #readIpv6(at: number, wireLength: number): NotTcp | undefined {
    const { bytes } = this;
    const declared = read16(bytes, at + 4);
    const declaredEnd = declared === 0 ? Infinity : at + IPV6_HEADER_LENGTH + declared;
    const end = Math.min(declaredEnd, wireLength);
    this.sourceAt = at + 8;
    this.destinationAt = at + 24;
    this.addressLength = 16;
    let next = bytes[at + 6];
    let nextAt = at + IPV6_HEADER_LENGTH;
    while (next !== TCP) {
      if (next !== undefined && TUNNELS.has(next)) {
        return this.#readInner(nextAt, end);
      }
      const length = next === undefined ? 0 : this.#extension(next, nextAt);
      if (length <= 0) {
        return length < 0 ? 'fragment' : 'otherProtocol';
      }
      next = bytes[nextAt];
      nextAt += length;
    }
    return this.#readTcp(nextAt, end);
  }

  /**
   * Returns the length of an extension header. Returns 0 if `kind` is no extension header, and -1 for the
   * header of a true fragment.
   */
  #extension(kind: number, at: number): number {
    const { bytes } = this;
    if (kind === IPV6_FRAGMENT) {
      return (read16(bytes, at + 2) & IPV6_FRAGMENT_BITS) === 0 ? 8 : -1;
    }
    if (kind === AUTHENTICATION) {
      return ((bytes[at + 1] ?? 0) + 2) * 4;
    }
    return EXTENSIONS.has(kind) ? ((bytes[at + 1] ?? 0) + 1) * 8 : 0;
  }

  #readTcp(at: number, end: number): NotTcp | undefined {
    const { bytes } = this;
    if (at + TCP_HEADER_LENGTH > bytes.length) {
      return 'damaged';
    }
    const headerLength = ((bytes[at + 12] ?? 0) >> 4) * 4;
    if (headerLength < TCP_HEADER_LENGTH || at + headerLength > end) {
      return 'damaged';
    }
    this.sourcePort = read16(bytes, at);
    this.destinationPort = read16(bytes, at + 2);
    this.sequence = read32(bytes, at + 4);
    this.acknowledged = read32(bytes, at + 8);
    this.flags = bytes[at + 13] ?? 0;
    this.payloadLength = end - at - headerLength;
    this.payloadEnd = Math.min(end, bytes.length);
    this.payloadStart = Math.min(at + headerLength, this.payloadEnd);
    return undefined;
  }
}

function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function read32(bytes: Uint8Array, at: number): number {
  return ((read16(bytes, at) << 16) | read16(bytes, at + 2)) >>> 0;
}
