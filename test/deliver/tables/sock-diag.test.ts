// Messages of sock_diag, as recorded on Linux 6.18, little-endian; big-endian ones are made from them.

import { describe, expect, test } from 'vitest';
import {
  readTcpReply,
  readUnixReply,
  REQUEST_LENGTH,
  tcpRequest,
  unixRequest,
} from '../../../src/deliver/tables/sock-diag.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** 127.0.0.1:8080 has got 100 bytes from 127.0.0.1:49153 and has not read 42 of them. */
const receiver = hex(`
  98010000 1400 0000 00000000 24120000
  02 01 00 00 1f90 c001 7f000001000000000000000000000000 7f000001000000000000000000000000
  00000000 5705000000000000 00000000 2a000000 00000000 00000000 5d4e0200
  0500 0800 00 000000
  0800 0f00 00000000
  0c00 1500 0100000000000000
  0600 1600 52000000
  1c01 0200 01000000 0007aa01 400d0300 409c0000 00800000 18020000${'00'.repeat(36)}
    ffff0000 cbff0000 26000000 13000000 ffffff7f 0a000000 cbff0000 03000000 00000000 cbff0000 00000000
    5207e1bc05000000 ffffffffffffffff 0000000000000000 6400000000000000 ${'00'.repeat(148)}`);
const listener = hex(
  `98010000 1400 0000 00000000 24120000 02 0a 00 00 1f90 0000 7f000001${'00'.repeat(400 - 24)}`,
);
const noSuchSocket = hex(`5c000000 0200 0000 00000000 24120000 feffffff ${'00'.repeat(72)}`);
const notAllowed = hex(`5c000000 0200 0000 00000000 24120000 ffffffff ${'00'.repeat(72)}`);
/** It has sent 5 bytes, which take 768 bytes of memory. */
const unixSender = hex(`
  34000000 1400 0000 00000000 24120000 01 01 01 00 5e4e0200 5905000000000000
  0c00 0400 00000000 00030000
  0500 0600 00000000`);

describe('a reply of sock_diag', () => {
  test('tells what a receiver has got and not read', () => {
    expect(readTcpReply(receiver)).toEqual({
      kind: 'row',
      row: { state: 1, unread: 42, unacknowledged: 0, received: 100 },
    });
  });

  test('tells no count where the kernel sends none, as of a connection in TIME_WAIT', () => {
    const short = receiver.subarray(0, 16 + 72 + 8);
    expect(readTcpReply(short)).toMatchObject({ kind: 'row', row: { received: undefined } });
  });

  test.each([
    ['an error that says so', noSuchSocket],
    ['the listener, which the kernel shows instead', listener],
  ])('tells of no connection by %s', (_, reply) => {
    expect(readTcpReply(reply)).toEqual({ kind: 'none' });
  });

  test.each([
    ['another error', notAllowed],
    ['nothing', hex('')],
    ['another message', hex(`14000000 0300 0200 00000000 24120000 00000000`)],
    ['a part of a message', receiver.subarray(0, 60)],
  ])('tells nothing by %s', (_, reply) => {
    expect(readTcpReply(reply)).toEqual({ kind: 'untold' });
    expect(readUnixReply(reply)).toEqual({ kind: 'untold' });
  });

  test('tells what a unix socket has sent that is not read', () => {
    expect(readUnixReply(unixSender)).toEqual({ kind: 'row', row: 768 });
  });

  test('may be cut anywhere, or be full of noise, without a count that is not in it', () => {
    for (let end = 0; end < receiver.length; end++) {
      const { kind } = readTcpReply(receiver.subarray(0, end));
      expect(kind).toBe(end < 16 + 72 ? 'untold' : 'row');
    }
    const noise = Buffer.concat([receiver.subarray(0, 88), Buffer.alloc(300, 0xff)]);
    expect(readTcpReply(noise)).toMatchObject({ row: { received: undefined } });
  });

  test("is read in the machine's byte order", () => {
    const big = hex(`
      00000058 0014 0000 00000000 00000000
      02 01 00 00 1f90 c001 ${'00'.repeat(48)} 0000002a 00000007 00000000 00000001`);
    expect(readTcpReply(big)).toMatchObject({ row: { state: 1, unread: 42, unacknowledged: 7 } });
  });
});

describe('a request to sock_diag', () => {
  const local = { address: '127.0.0.1', port: 8080 };
  const remote = { address: '127.0.0.1', port: 49_153 };

  test('names both ends of a TCP connection, and asks for the counts', () => {
    expect(Buffer.from(tcpRequest(local, remote, true))).toEqual(
      hex(`
        48000000 1400 0100 00000000 00000000 02 06 02 00 ffffffff
        1f90 c001 7f000001000000000000000000000000 7f000001000000000000000000000000
        00000000 ffffffffffffffff`),
    );
  });

  test('of an IPv6 socket that speaks IPv4 is the same', () => {
    const mapped = { address: '::ffff:127.0.0.1', port: 8080 };
    expect(tcpRequest(mapped, remote, true)).toEqual(tcpRequest(local, remote, true));
  });

  test('names IPv6 ends', () => {
    const request = Buffer.from(tcpRequest({ address: '::1', port: 1 }, remote, true));
    expect(request.subarray(16, 17)).toEqual(hex('0a'));
    expect(request.subarray(28, 44)).toEqual(hex(`${'00'.repeat(15)}01`));
  });

  test('names a unix socket by its inode, in the same length', () => {
    const request = Buffer.from(unixRequest(0x1234, true));
    expect(request).toHaveLength(REQUEST_LENGTH);
    expect(request.subarray(16, 40)).toEqual(
      hex('01 00 0000 ffffffff 34120000 10000000 ffffffffffffffff'),
    );
  });

  test("is written in the machine's byte order, ports and addresses as on the network", () => {
    const request = Buffer.from(tcpRequest(local, remote, false));
    expect(request.subarray(0, 8)).toEqual(hex('00000048 0014 0001'));
    expect(request.subarray(24, 32)).toEqual(hex('1f90 c001 7f000001'));
  });
});
