// The kernel's tables, as recorded on Linux 6.18, little-endian; one row from a big-endian machine.

import { describe, expect, test } from 'vitest';
import {
  endpointForms,
  findRow,
  hasListener,
  inputQueuesEmpty,
} from '../../../src/deliver/tables/proc-net-tcp.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const tcp = `${head}\
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1598 1 00000000cade04dd 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:0000002A 00:00000000 00000000  1000        0 4242 2 00000000cade04de 20 4 0 10 -1
   2: 0100007F:C001 0100007F:1F90 01 0000002A:00000000 01:00000014 00000000  1000        0 4243 2 00000000cade04df 20 4 30 10 -1
`;
const tcp6 = `${head}\
   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1 00000000cade04e0 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:0BB8 0000000000000000FFFF00000100007F:C002 01 00000000:00000007 00:00000000 00000000     0        0 22 1 00000000cade04e1 20 4 0 10 -1
   2: 00000000000000000000000001000000:0BB8 00000000000000000000000001000000:C003 08 00000000:00000000 00:00000000 00000000     0        0 23 1 00000000cade04e2 20 4 0 10 -1
`;

/** The queues of the socket at `port` that talks to `peer`, in any form of the address. */
function look(table: string, address: string, port: number, peer: number) {
  const local = endpointForms({ address, port }, true);
  const remote = endpointForms({ address, port: peer }, true);
  return local
    .map((form, index) => findRow(table, form, remote[index] ?? '')?.queues)
    .find((queues) => queues !== undefined);
}

describe('findRow', () => {
  test("reads the receiver's unread bytes", () => {
    expect(look(tcp, '127.0.0.1', 8080, 0xc001)).toEqual({
      state: 1,
      unacknowledged: 0,
      unread: 42,
    });
  });

  test("reads the sender's unacknowledged bytes", () => {
    expect(look(tcp, '127.0.0.1', 0xc001, 8080)?.unacknowledged).toBe(42);
  });

  test('finds an IPv4 client of a dual-stack server in the other table', () => {
    expect(look(tcp6, '127.0.0.1', 3000, 0xc002)?.unread).toBe(7);
    expect(look(tcp6, '::ffff:127.0.0.1', 3000, 0xc002)?.unread).toBe(7);
    expect(look(tcp, '::ffff:127.0.0.1', 8080, 0xc001)?.unread).toBe(42);
  });

  test('finds an IPv6 connection, also one whose sender has ended', () => {
    expect(look(tcp6, '::1', 3000, 0xc003)).toEqual({ state: 8, unacknowledged: 0, unread: 0 });
  });

  test('does not take one connection for another', () => {
    expect(look(tcp, '127.0.0.1', 8080, 0xc002)).toBeUndefined();
    expect(look(tcp, '127.0.0.2', 8080, 0xc001)).toBeUndefined();
    expect(look(tcp6, '::1', 3000, 0xc002)).toBeUndefined();
  });

  test('finds nothing in a table that is cut short or not a table', () => {
    expect(look(tcp.slice(0, tcp.indexOf('0000002A')), '127.0.0.1', 8080, 0xc001)).toBeUndefined();
    expect(look('', '127.0.0.1', 8080, 0xc001)).toBeUndefined();
  });
});

describe('endpointForms', () => {
  test('writes addresses in the byte order of the machine', () => {
    expect(endpointForms({ address: '10.1.2.3', port: 80 }, true)[0]).toBe('0302010A:0050');
    expect(endpointForms({ address: '10.1.2.3', port: 80 }, false)[0]).toBe('0A010203:0050');
  });

  test('expands IPv6, with and without a zone', () => {
    const form = '000080FE00000000FF005450B6AD1DFE:0016';
    const address = 'fe80::5054:ff:fe1d:adb6';
    expect(endpointForms({ address, port: 22 }, true)).toEqual([form]);
    expect(endpointForms({ address: `${address}%eth0`, port: 22 }, true)).toEqual([form]);
  });
});

describe('hasListener', () => {
  test('sees listeners of both tables, and not connections on their port', () => {
    expect(hasListener(tcp, 2024)).toBe(true);
    expect(hasListener(tcp6, 3000)).toBe(true);
    expect(hasListener(tcp, 8080)).toBe(false);
  });
});

/** One processor's line of softnet_stat; the length of its queue is the twelfth number. */
function line(length: string, columns = 15): string {
  return Array.from({ length: columns }, (_, index) => (index === 11 ? length : '0')).join(' ');
}

describe('inputQueuesEmpty', () => {
  test('asks every processor', () => {
    expect(inputQueuesEmpty(`${line('00000000')}\n${line('00000000')}\n`)).toBe(true);
    expect(inputQueuesEmpty(`${line('00000000')}\n${line('00000001')}\n`)).toBe(false);
  });

  test('does not know on a kernel that prints fewer columns', () => {
    expect(inputQueuesEmpty(`${line('00000000', 11)}\n`)).toBeUndefined();
  });
});
