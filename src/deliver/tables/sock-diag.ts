// The messages in which Linux tells about one socket (sock_diag(7)), as bytes: requests and replies for TCP
// and unix sockets. This file is pure. ../sock-diag.ts sends them.
//
// The kernel finds a socket by its hash, in some 6 µs, however many other sockets there are.
//
// Rule: all requests have the same length, so that a program that reads them from a pipe can separate them.
// The kernel ignores the zeros behind a shorter request.

import { addressBytes } from './proc-net-tcp.ts';
import type { Endpoint, Queues } from './proc-net-tcp.ts';

/** Length of each request in bytes. */
export const REQUEST_LENGTH = 72;

/** `nlmsghdr`: length, type, flags, sequence number, port. */
const HEADER = 16;
const NLMSG_ERROR = 2;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const ANY = 0xffff_ffff;

const ENOENT = 2;
/**
 * State TCP_LISTEN. If there is no connection between the two ends, the kernel shows the listening socket
 * instead.
 */
const LISTENS = 10;

/**
 * INET_DIAG_INFO as a bit of a request, and as a kind of attribute. The offset of tcpi_bytes_received in it.
 */
const WITH_INFO = 2;
const INFO = 2;
const BYTES_RECEIVED = 128;
/** Offsets of the fields in `inet_diag_msg`, which follows the header, and the length of that message. */
const INET = { state: 1, unread: 56, unacknowledged: 60, length: 72 };

/** UDIAG_SHOW_RQLEN, UNIX_DIAG_RQLEN, and the length of `unix_diag_msg`. */
const WITH_QUEUES = 16;
const QUEUES = 4;
const UNIX_LENGTH = 16;

/**
 * A reply about a socket. 'row': the facts about it. 'none': there is no such socket. 'untold': the kernel
 * did not say.
 */
export type Reply<T> =
  | { readonly kind: 'row'; readonly row: T }
  | { readonly kind: 'none' }
  | { readonly kind: 'untold' };

const UNTOLD = { kind: 'untold' } as const;
const NONE = { kind: 'none' } as const;

function request(littleEndian: boolean): DataView {
  const view = new DataView(new ArrayBuffer(REQUEST_LENGTH));
  view.setUint32(0, REQUEST_LENGTH, littleEndian);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, littleEndian);
  view.setUint16(6, NLM_F_REQUEST, littleEndian);
  return view;
}

const bytesOf = ({ buffer }: DataView): Uint8Array => new Uint8Array(buffer);

/** Makes a request for the TCP socket with these ends. */
export function tcpRequest(local: Endpoint, remote: Endpoint, littleEndian: boolean): Uint8Array {
  const view = request(littleEndian);
  const source = addressBytes(local.address);
  view.setUint8(HEADER, source.length === 4 ? AF_INET : AF_INET6);
  view.setUint8(HEADER + 1, IPPROTO_TCP);
  view.setUint8(HEADER + 2, WITH_INFO);
  view.setUint32(HEADER + 4, ANY, littleEndian); // Ask for sockets in all states.
  view.setUint16(HEADER + 8, local.port); // Ports and addresses have the byte order of the network.
  view.setUint16(HEADER + 10, remote.port);
  const bytes = bytesOf(view);
  bytes.set(source, HEADER + 12);
  bytes.set(addressBytes(remote.address), HEADER + 28);
  view.setUint32(HEADER + 48, ANY, littleEndian); // Give no cookie.
  view.setUint32(HEADER + 52, ANY, littleEndian);
  return bytes;
}

/** Makes a request for the unix socket with this inode. */
export function unixRequest(inode: number, littleEndian: boolean): Uint8Array {
  const view = request(littleEndian);
  view.setUint8(HEADER, AF_UNIX);
  view.setUint32(HEADER + 4, ANY, littleEndian);
  view.setUint32(HEADER + 8, inode, littleEndian);
  view.setUint32(HEADER + 12, WITH_QUEUES, littleEndian);
  view.setUint32(HEADER + 16, ANY, littleEndian);
  view.setUint32(HEADER + 20, ANY, littleEndian);
  return bytesOf(view);
}

/**
 * Returns the value of an attribute, which follows the fixed part of a reply, or `undefined` if there is
 * none.
 */
function attribute(view: DataView, from: number, wanted: number): DataView | undefined {
  const isLittle = isLittleEndian(view);
  for (let at = from; at + 4 <= view.byteLength;) {
    const length = view.getUint16(at, isLittle);
    const kind = view.getUint16(at + 2, isLittle);
    if (length < 4 || at + length > view.byteLength) {
      return undefined;
    }
    if (kind === wanted) {
      return new DataView(view.buffer, view.byteOffset + at + 4, length - 4);
    }
    at += (length + 3) & ~3;
  }
  return undefined;
}

/**
 * Returns whether the machine is little-endian. The first field of a reply is its length. The length is
 * small, so its bytes show the order.
 */
function isLittleEndian(view: DataView): boolean {
  return view.getUint8(0) !== 0 || view.getUint8(1) !== 0;
}

/**
 * Reads the header of a reply. A reply that tells about a socket is at least `least` bytes longer than the
 * header.
 */
function open(reply: Uint8Array, least: number): Reply<DataView> {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  if (view.byteLength < HEADER + 4) {
    return UNTOLD;
  }
  const isLittle = isLittleEndian(view);
  const type = view.getUint16(4, isLittle);
  if (type === NLMSG_ERROR) {
    return view.getInt32(HEADER, isLittle) === -ENOENT ? NONE : UNTOLD;
  }
  const isWhole = type === SOCK_DIAG_BY_FAMILY && view.byteLength >= HEADER + least;
  return isWhole ? { kind: 'row', row: view } : UNTOLD;
}

function readReceived(view: DataView): number | undefined {
  const info = attribute(view, HEADER + INET.length, INFO);
  return info === undefined || info.byteLength < BYTES_RECEIVED + 8
    ? undefined
    : Number(info.getBigUint64(BYTES_RECEIVED, isLittleEndian(view)));
}

/** Reads what a reply says about a TCP connection. */
export function readTcpReply(reply: Uint8Array): Reply<Queues> {
  const opened = open(reply, INET.length);
  if (opened.kind !== 'row') {
    return opened;
  }
  const view = opened.row;
  const isLittle = isLittleEndian(view);
  const state = view.getUint8(HEADER + INET.state);
  if (state === LISTENS) {
    return NONE;
  }
  const unread = view.getUint32(HEADER + INET.unread, isLittle);
  const unacknowledged = view.getUint32(HEADER + INET.unacknowledged, isLittle);
  return { kind: 'row', row: { state, unread, unacknowledged, received: readReceived(view) } };
}

/**
 * Reads what a reply says about a unix socket: the memory in bytes of the data that the socket has sent and
 * its receiver has not read.
 */
export function readUnixReply(reply: Uint8Array): Reply<number> {
  const opened = open(reply, UNIX_LENGTH);
  if (opened.kind !== 'row') {
    return opened;
  }
  const queues = attribute(opened.row, HEADER + UNIX_LENGTH, QUEUES);
  return queues === undefined || queues.byteLength < 8
    ? UNTOLD
    : { kind: 'row', row: queues.getUint32(4, isLittleEndian(opened.row)) };
}
