// Reads the kernel's tables of TCP connections: the text of /proc/net/tcp, tcp6 and softnet_stat. Pure
// functions over text, so that tests can use recorded tables. ../proc-tables.ts opens the files.
//
// A row reads `sl: local remote st tx_queue:rx_queue …`. Addresses are 32-bit words printed in the
// machine's byte order: 127.0.0.1 is 0100007F on a little-endian machine.

/** One end of a connection. */
export interface Endpoint {
  /** IPv4 or IPv6 address in the form that Node writes. A zone (`%eth0`) is ignored. */
  readonly address: string;
  readonly port: number;
}

/** The facts that a row gives about its socket. */
export interface Queues {
  /** TCP state. 1: established. 3: not yet made by the kernel. 8: the remote has ended. 10: listening. */
  readonly state: number;
  /** Number of bytes that this socket has sent and the remote's kernel has not acknowledged. */
  readonly unacknowledged: number;
  /** Number of bytes that have come and that the process of this socket has not read. */
  readonly unread: number;
  /** Number of all bytes that have come. It is `undefined` where the kernel does not say. */
  readonly received?: number | undefined;
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function ipv4Bytes(address: string): number[] {
  return address.split('.').map(Number);
}

/**
 * Returns the bytes of an address, without its zone. There are 4 bytes for IPv4, even if it is mapped into
 * IPv6 (`::ffff:127.0.0.1`), and 16 bytes for IPv6.
 */
export function addressBytes(text: string): readonly number[] {
  const [address = ''] = text.split('%');
  const bytes = address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
  return isMapped(bytes) ? bytes.slice(MAPPED_PREFIX.length) : bytes;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && MAPPED_PREFIX.every((byte, index) => bytes[index] === byte);
}

function ipv6Bytes(address: string): number[] {
  const halves = address.split('::').map((half) =>
    half
      .split(':')
      .filter((group) => group !== '')
      .flatMap((group) => {
        if (group.includes('.')) {
          return ipv4Bytes(group);
        }
        const word = Number.parseInt(group, 16);
        return [word >> 8, word & 0xff];
      }),
  );
  const [head = [], tail = []] = halves;
  return [...head, ...Array.from({ length: 16 - head.length - tail.length }, () => 0), ...tail];
}

function words(bytes: readonly number[], littleEndian: boolean): string {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const text: string[] = [];
  for (let at = 0; at < hex.length; at += 4) {
    const word = hex.slice(at, at + 4);
    text.push(...(littleEndian ? word.toReversed() : word));
  }
  return text.join('').toUpperCase();
}

/**
 * Returns the forms of an endpoint in the tables. IPv4 has two forms: itself in `tcp`, and mapped into IPv6
 * in `tcp6`.
 */
export function endpointForms(endpoint: Endpoint, littleEndian: boolean): readonly string[] {
  const port = `:${endpoint.port.toString(16).toUpperCase().padStart(4, '0')}`;
  const bytes = addressBytes(endpoint.address);
  const mapped = [...MAPPED_PREFIX, ...bytes];
  const forms =
    bytes.length === 16
      ? [bytes]
      : endpoint.address.includes(':')
        ? [mapped, bytes]
        : [bytes, mapped];
  return forms.map((form) => words(form, littleEndian) + port);
}

/** A row, and the offset at which it begins in the text. */
export interface Row {
  readonly at: number;
  readonly queues: Queues;
}

/**
 * Returns the row of the socket with these ends, or `undefined` if there is none. The ends have the form that
 * `endpointForms` writes.
 */
export function findRow(table: string, local: string, remote: string): Row | undefined {
  const needle = `: ${local} ${remote} `;
  const at = table.indexOf(needle);
  if (at < 0) {
    return undefined;
  }
  const row = /^([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) /.exec(
    table.slice(at + needle.length, at + needle.length + 24),
  );
  if (row === null) {
    return undefined;
  }
  const [, state = '', sending = '', receiving = ''] = row;
  const queues = {
    state: Number.parseInt(state, 16),
    unacknowledged: Number.parseInt(sending, 16),
    unread: Number.parseInt(receiving, 16),
  };
  return { at: table.lastIndexOf('\n', at) + 1, queues };
}

/**
 * Returns whether a socket listens on the port, on any address. Returns `undefined` if more of the table must
 * be read: the kernel prints the listening sockets first, so the first connection ends the search.
 */
export function hasListener(table: string, port: number): boolean | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  if (new RegExp(String.raw`: [0-9A-F]+:${hex} 0+:0000 0A `).test(table)) {
    return true;
  }
  return /^ *\d+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} (?!0A )/m.test(table)
    ? false
    : undefined;
}

/**
 * Returns whether no segment waits between two sockets of this machine, which means that every processor's
 * input queue is empty. Returns `undefined` where the kernel (before 5.10) does not print the length of the
 * queue.
 */
export function inputQueuesEmpty(softnetStat: string): boolean | undefined {
  const lengths = softnetStat
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[11]);
  if (lengths.some((length) => length === undefined)) {
    return undefined;
  }
  return lengths.every((length) => Number.parseInt(length ?? '', 16) === 0);
}
