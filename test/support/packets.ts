// Builds captures for tests: TCP packets in IP packets in Ethernet frames, in a pcap or pcapng file.

import { join } from './bytes.ts';

export interface TcpFields {
  readonly from?: string;
  readonly to?: string;
  readonly sequence: number;
  readonly acknowledged?: number;
  /** The flags as letters: S for SYN, F for FIN, R for RST, A for ACK, as in "SA". Default "A". */
  readonly flags?: string;
  readonly payload?: Uint8Array;
}

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, A: 16 };

export const CLIENT = '10.0.0.1:40000';
export const SERVER = '10.0.0.2:9000';

function u16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

export function zeroBytes(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

function endpoint(text: string): { readonly address: number[]; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  const isV6 = host.startsWith('[');
  const address = isV6 ? ipv6(host.slice(1, -1)) : host.split('.').map(Number);
  return { address, port: Number(port) };
}

function ipv6(text: string): number[] {
  const [front = '', back = ''] = text.split('::');
  const start = groupsOf(front);
  const end = groupsOf(back);
  return [...start, ...zeroBytes(8 - start.length - end.length), ...end].flatMap(u16);
}

function groupsOf(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

/** A TCP header of 20 bytes, and the payload. */
function tcp(fields: TcpFields): Uint8Array {
  const { from = CLIENT, to = SERVER, sequence, acknowledged = 0, flags = 'A', payload } = fields;
  const bits = Array.from(flags).reduce((all, letter) => all | (FLAGS[letter] ?? 0), 0);
  const header = [
    ...u16(endpoint(from).port),
    ...u16(endpoint(to).port),
    ...u32(sequence),
    ...u32(acknowledged),
    0x50,
    bits,
    ...u16(0xffff),
    ...u32(0),
  ];
  return join([Uint8Array.from(header), payload ?? new Uint8Array(0)]);
}

export interface IpOptions {
  /** A false value for the length field of the IP header. Default: the true length. */
  readonly totalLength?: number;
  /** The IPv4 field with the flags and the offset of a fragment. */
  readonly fragment?: number;
  readonly protocol?: number;
  /** IPv6 extension headers: the protocol number of each, and its bytes without the first. */
  readonly extensions?: readonly (readonly [number, readonly number[]])[];
}

/** An IP packet around a TCP packet. The addresses decide whether it is IPv4 or IPv6. */
export function ip(fields: TcpFields, options: IpOptions = {}): Uint8Array {
  const source = endpoint(fields.from ?? CLIENT).address;
  const destination = endpoint(fields.to ?? SERVER).address;
  const inner = tcp(fields);
  const { protocol = 6, fragment = 0, extensions = [] } = options;
  if (source.length === 4) {
    const total = options.totalLength ?? 20 + inner.length;
    const head = [0x45, 0, ...u16(total), 0, 0, ...u16(fragment), 64, protocol, 0, 0];
    return join([Uint8Array.from([...head, ...source, ...destination]), inner]);
  }
  const kinds = [...extensions.map(([kind]) => kind), protocol];
  const more = extensions.flatMap(([, rest], i) => [kinds[i + 1] ?? protocol, ...rest]);
  const length = options.totalLength ?? more.length + inner.length;
  const head = [0x60, 0, 0, 0, ...u16(length), kinds[0] ?? protocol, 64];
  return join([Uint8Array.from([...head, ...source, ...destination, ...more]), inner]);
}

/** An Ethernet frame around an IP packet. `tags` are the bytes of VLAN tags in front of its type field. */
export function ethernet(packet: Uint8Array, tags: readonly number[] = []): Uint8Array {
  const type = (packet[0] ?? 0) >> 4 === 6 ? [0x86, 0xdd] : [0x08, 0x00];
  return join([Uint8Array.from([...zeroBytes(12), ...tags, ...type]), packet]);
}

export interface Captured {
  readonly bytes: Uint8Array;
  /** Time in ms. */
  readonly time?: number;
  /** Length on the wire, if the capture kept only some of the bytes. */
  readonly length?: number;
}

export interface PcapOptions {
  readonly linkType?: number;
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  readonly #littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const bytes = Uint8Array.from(u32(value));
      this.#parts.push(this.#littleEndian ? bytes.toReversed() : bytes);
    }
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      const bytes = Uint8Array.from(u16(value));
      this.#parts.push(this.#littleEndian ? bytes.toReversed() : bytes);
    }
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  done(): Uint8Array {
    return join(this.#parts);
  }
}

/** A capture file in the classic pcap format. */
export function pcap(packets: readonly Captured[], options: PcapOptions = {}): Uint8Array {
  const { linkType = 1, littleEndian = true, nanoseconds = false } = options;
  const writer = new Writer(littleEndian);
  writer
    .u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(2, 4)
    .u32(0, 0, 65_535, linkType);
  for (const { bytes, time = 0, length = bytes.length } of packets) {
    const fraction = Math.round((time % 1000) * (nanoseconds ? 1e6 : 1e3));
    writer.u32(Math.floor(time / 1000), fraction, bytes.length, length).bytes(bytes);
  }
  return writer.done();
}

export interface PcapngOptions {
  readonly linkType?: number;
  readonly littleEndian?: boolean;
  /** The value of the option if_tsresol. By default the option is left out, which means microseconds. */
  readonly resolution?: number;
  readonly block?: 'enhanced' | 'simple' | 'old';
  readonly snapLength?: number;
  /** The body of a block of an unknown type, in front of the packets. */
  readonly stranger?: Uint8Array;
}

function padded(bytes: Uint8Array): Uint8Array {
  return join([bytes, new Uint8Array(-bytes.length & 3)]);
}

/** A section of a pcapng file, with one interface. */
export function pcapng(packets: readonly Captured[], options: PcapngOptions = {}): Uint8Array {
  const { linkType = 1, littleEndian = true, resolution, block = 'enhanced' } = options;
  const writer = new Writer(littleEndian);
  const put = (type: number, body: Uint8Array): void => {
    const length = 12 + body.length;
    writer.u32(type, length).bytes(body).u32(length);
  };
  const fields = (): Writer => new Writer(littleEndian);
  put(0x0a0d0d0a, fields().u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).done());
  const clock = fields();
  if (resolution !== undefined) {
    clock
      .u16(9, 1)
      .bytes(Uint8Array.of(resolution, 0, 0, 0))
      .u16(0, 0);
  }
  const face = fields()
    .u16(linkType, 0)
    .u32(options.snapLength ?? 0);
  put(1, face.bytes(clock.done()).done());
  if (options.stranger !== undefined) {
    put(0x0bad, padded(options.stranger));
  }
  for (const { bytes, time = 0, length = bytes.length } of packets) {
    const isBinary = resolution !== undefined && resolution >= 0x80;
    const perMs = (isBinary ? 2 ** (resolution - 0x80) : 10 ** (resolution ?? 6)) / 1000;
    const units = Math.round(time * perMs);
    const clockFields = [Math.floor(units / 2 ** 32), units % 2 ** 32];
    if (block === 'simple') {
      put(3, fields().u32(length).bytes(padded(bytes)).done());
    } else if (block === 'old') {
      const old = fields()
        .u16(0, 0)
        .u32(...clockFields, bytes.length, length);
      put(2, old.bytes(padded(bytes)).done());
    } else {
      const enhanced = fields().u32(0, ...clockFields, bytes.length, length);
      put(6, enhanced.bytes(padded(bytes)).done());
    }
  }
  return writer.done();
}

/** TCP packets over Ethernet in a classic capture file. */
export function capture(...packets: readonly TcpFields[]): Uint8Array {
  return pcap(packets.map((fields) => ({ bytes: ethernet(ip(fields)) })));
}
