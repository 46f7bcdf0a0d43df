// Changing the faults of a proxy while connections are open.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { ChopChanges } from '../../src/chop/lanes.ts';
import type { FrameFinder } from '../../src/chop/plan/slicing.ts';
import { KernelTables } from '../../src/deliver/kernel-tables.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import { connect, hear, listener, proxyTo, serveWith, text } from './sockets.ts';

const hasTables = KernelTables.open() !== undefined;

/** A finder that takes every byte for a frame. */
const finder = (): FrameFinder => (chunk) => Array.from(chunk, (_, at) => at + 1);

describe('a change', () => {
  test.skipIf(!hasTables)('of the plan cuts an open connection otherwise', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port, { patience: 10_000 });
    const client = await connect(proxy.port);
    const changes: readonly ChopChanges[] = [
      { toServer: { plan: 'dribble' } },
      { toServer: { plan: null } },
      { toServer: { plan: { finder } } },
    ];
    let bytes = 0;
    for (const change of changes) {
      proxy.change(change);
      client.write('four');
      bytes += 4;
      while (proxy.connections()[0]?.toServer.bytes !== bytes) {
        await new Promise((resolve) => void setImmediate(resolve));
      }
    }
    client.end();
    const { chunks } = await server.next();
    // The last plan is by frames: it is for new connections, as it must see a stream from the start.
    expect(chunks.slice(0, 4).map(String)).toEqual(['f', 'o', 'u', 'r']);
    expect(chunks.slice(4).join('')).toBe('fourfour');
    expect(chunks.length).toBeLessThan(7);
  });

  test('of the plan takes the place of a schedule, its ending included', async () => {
    const server = await listener();
    const ops = ['hold 2', 'rst@3'].map(parseOp);
    const schedules = [{ v: 1, seed: 0, direction: 'to-server', ops } as const];
    const proxy = await proxyTo(server.port, { schedules });
    proxy.change({ toServer: { plan: 'coalesce' } });
    (await connect(proxy.port)).end('hello');
    const heard = await server.next();
    expect([text(heard), heard.end]).toEqual(['hello', 'FIN']);
  });

  test('that adds a fault moves no fault that was there', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port, { faults: ['fin@6'], direction: 'to-server' });
    const client = await connect(proxy.port);
    client.write('abc');
    while (proxy.connections()[0]?.toServer.bytes !== 3) {
      await new Promise((resolve) => void setImmediate(resolve));
    }
    const { faults } = proxy.state().toServer;
    proxy.change({ toServer: { faults: [...faults, 'delay:1ms'] } });
    client.write('defghi');
    expect(text(await server.next())).toBe('abcdef');
  });

  test('that takes a stall away lets later bytes pass', async () => {
    const port = await serveWith((socket) => void socket.pipe(socket));
    const proxy = await proxyTo(port, { faults: ['stall@0'], direction: 'to-client' });
    const client = await connect(proxy.port);
    client.write('dropped or not');
    while (proxy.connections()[0]?.toServer.bytes !== 14) {
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(proxy.connections()[0]?.toClient.bytes).toBe(0);
    proxy.change({ toClient: { faults: [] } });
    client.write('!');
    const [answer]: unknown[] = await once(client, 'data');
    expect(String(answer)).toMatch(/^(?:dropped or not)?!?$/);
  });

  test('reaches a connection that has nothing to read', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port);
    const client = await connect(proxy.port);
    client.write('x');
    while (proxy.connections()[0]?.toServer.bytes !== 1) {
      await new Promise((resolve) => void setImmediate(resolve));
    }
    proxy.change({ toClient: { faults: ['fin@0'] } });
    expect((await hear(client)).end).toBe('FIN');
  });

  test('of a direction that passed as it came puts it into the record, from its first byte', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port, { direction: 'to-client', record: true });
    const client = await connect(proxy.port);
    client.write('before');
    while (proxy.connections()[0]?.toServer.bytes !== 6) {
      await new Promise((resolve) => void setImmediate(resolve));
    }
    const isInRecord = (): boolean =>
      proxy.recording().some(({ direction }) => direction === 'to-server');
    expect(isInRecord()).toBe(false);
    proxy.change({ toServer: { plan: 'dribble' } });
    expect(isInRecord()).toBe(true);
    client.end('cut');
    await server.next();
    const record = proxy.recording().find(({ direction }) => direction === 'to-server');
    const holds = record?.ops.flatMap((op) => (op.kind === 'hold' ? [op.n] : []));
    expect(holds).toEqual([6, 1, 1, 1]);
  });

  test.each<readonly [string, ChopChanges]>([
    ['a plan that nobody knows', { toServer: { plan: 'slices' } }],
    ['a fault that nobody knows', { toServer: { faults: [] }, toClient: { faults: ['explode'] } }],
    ['two ways of cutting', { toServer: { plan: 'dribble', faults: ['coalesce'] } }],
    ['a fault that cuts beside the plan', { toServer: { faults: ['slice:1-2'] } }],
  ])('that asks for %s is refused and changes nothing', async (_, changes) => {
    const proxy = await proxyTo(9, { plan: 'halves', faults: ['delay:1ms'] });
    const before = proxy.state();
    expect(() => proxy.change(changes)).toThrow(/Plans are|Faults are|one way only/);
    expect(proxy.state()).toEqual(before);
  });
});
