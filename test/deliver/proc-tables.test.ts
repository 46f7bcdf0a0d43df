// The kernel's tables of this machine, with real connections and real TIME_WAIT rows in them.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ProcTables } from '../../src/deliver/proc-tables.ts';
import type { Sought } from '../../src/deliver/proc-tables.ts';
import { endpointForms } from '../../src/deliver/tables/proc-net-tcp.ts';
import { connect, serveWith } from '../chop/sockets.ts';

const hasTables = ProcTables.open() !== undefined;

/** Open tables; closed with the test. */
function open(): ProcTables {
  const tables = ProcTables.open();
  if (tables === undefined) {
    throw new Error('no tables');
  }
  onTestFinished(() => tables.close());
  return tables;
}

/** A server that reads nothing: the kernel keeps what comes. */
async function serveUnread(): Promise<number> {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The receiver's end of a connection. */
function receiverOf(socket: net.Socket, port: number): Sought {
  const near = { address: '127.0.0.1', port: socket.localPort ?? 0 };
  const far = { address: '127.0.0.1', port };
  return { local: endpointForms(far, true), remote: endpointForms(near, true) };
}

/** Opens connections and ends them, this side first, `count` in all. */
async function leaveTimeWait(port: number, count: number): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left--;
      const socket = net.connect({ port, host: '127.0.0.1' });
      socket.resume();
      await once(socket, 'connect');
      socket.end();
      await once(socket, 'close');
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

/** Rows of TIME_WAIT in the table of IPv4. */
function countTimeWait(): number {
  return readFileSync('/proc/net/tcp', 'latin1').match(/ 06 /g)?.length ?? 0;
}

describe.skipIf(!hasTables)('the tables (need /proc/net/tcp)', () => {
  test('show unread bytes, to all who look in one turn, also with thousands of rows in between', async () => {
    const tables = open();
    const port = await serveUnread();
    const sockets = await Promise.all(Array.from({ length: 9 }, () => connect(port)));
    const soughts = sockets.map((socket) => receiverOf(socket, port));
    const look = () => Promise.all(soughts.map((sought) => tables.queues(sought)));
    const before = await look();
    expect(before.map((queues) => queues?.unread)).toEqual(sockets.map(() => 0));
    const other = await serveWith((socket) => void socket.resume().on('end', () => socket.end()));
    await leaveTimeWait(other, 1500);
    expect(countTimeWait()).toBeGreaterThan(1000);
    await Promise.all(
      sockets.map((socket, at) => new Promise((sent) => socket.write('x'.repeat(at + 1), sent))),
    );
    const after = await look();
    expect(after.map((queues) => queues?.unread)).toEqual(sockets.map((_, at) => at + 1));
  });

  test('forget a place where the row is no longer, and find the row again', async () => {
    const tables = open();
    const port = await serveUnread();
    const sought = receiverOf(await connect(port), port);
    const [table = 0] = [(await tables.queues(sought)) && sought.place?.table];
    for (const at of [0, 150, 1_000_000]) {
      sought.place = { table, at };
      expect(await tables.queues(sought)).toMatchObject({ unread: 0 });
    }
  });

  test('say nothing of a connection that is not there, nor after close', async () => {
    const tables = ProcTables.open();
    const port = await serveUnread();
    const socket = await connect(port);
    const there = receiverOf(socket, port);
    expect(await tables?.queues({ ...there, local: there.remote })).toBeUndefined();
    const late = tables?.queues(there);
    tables?.close();
    expect(await late).toBeUndefined();
  });

  test('know a port where somebody listens', async () => {
    const tables = open();
    const port = await serveWith(() => undefined);
    const client = await connect(port);
    expect(tables.listening(port)).toBe(true);
    expect(tables.listening(client.localPort ?? 0)).toBe(false);
  });
});
