// What a real receiver's reads see when a schedule is played at it.

import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test, onTestFinished } from 'vitest';
import { openGate } from '../../src/deliver/gate.ts';
import { KernelTables } from '../../src/deliver/kernel-tables.ts';
import { play } from '../../src/deliver/play.ts';
import type { Played } from '../../src/deliver/play.ts';
import { dribble, planSchedule } from '../../src/schedule/plans.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

const tables = KernelTables.open();

function scheduleOf(...ops: string[]): Schedule {
  return { v: 1, seed: 0, direction: 'to-server', ops: ops.map(parseOp) };
}

interface Receiver {
  readonly port: number;
  /** Every chunk that it read, of all connections, when the last connection has ended. */
  chunks(): Promise<readonly string[]>;
}

async function receiver(
  host: string,
  onSocket?: (socket: net.Socket) => void,
  options: net.ServerOpts = {},
): Promise<Receiver> {
  const seen: string[] = [];
  const server = net.createServer(options, (socket) => {
    socket.on('error', () => socket.destroy());
    if (onSocket === undefined) {
      socket.on('data', (chunk) => seen.push(chunk.toString()));
    } else {
      onSocket(socket);
    }
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return {
    port: address.port,
    chunks: async () => {
      server.close();
      await once(server, 'close');
      return seen;
    },
  };
}

async function playAt(
  target: { port: number; host: string; patience?: number },
  schedule: Schedule,
  ...chunks: string[]
): Promise<Played> {
  const { patience = 10_000, ...address } = target;
  const socket = net.connect({ ...address, noDelay: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  const gate = tables && openGate(tables, socket);
  const delivery = { schedule, chunks: chunks.map((chunk) => Buffer.from(chunk)) };
  const played = await play(socket, delivery, { gate, pause: 5, patience });
  if (!socket.destroyed) {
    socket.end();
  }
  return played;
}

describe.skipIf(tables === undefined)('a gated play (needs /proc/net/tcp)', () => {
  test.each([
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv4 to a dual-stack server', '::', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
  ])('shows the receiver each piece alone over %s', async (_, listen, host) => {
    const server = await receiver(listen);
    const text = 'each byte arrives alone';
    const schedule = planSchedule(dribble, { seed: 0, length: text.length });
    const played = await playAt({ port: server.port, host }, schedule, text);
    expect(played.complete).toBe(true);
    expect(played.boundaries).toEqual(Array.from({ length: text.length - 1 }, () => 'exact'));
    expect(await server.chunks()).toEqual(text.split(''));
  });

  test('holds together what a schedule holds together', async () => {
    const server = await receiver('127.0.0.1');
    const target = { port: server.port, host: '127.0.0.1' };
    await playAt(target, scheduleOf('hold 7', 'cut 1'), 'hello', 'world');
    expect(await server.chunks()).toEqual(['hellowo', 'r', 'ld']);
  });

  test('keeps boundaries on a connection whose receiver has answered before', async () => {
    const seen: string[] = [];
    const server = await receiver('127.0.0.1', (socket) => {
      socket.on('data', (chunk) => {
        seen.push(chunk.toString());
        if (seen.length === 1) {
          socket.write('ok');
        }
      });
    });
    const text = 'x'.repeat(30);
    const schedule = planSchedule(dribble, { seed: 0, length: 30 });
    const played = await playAt({ port: server.port, host: '127.0.0.1' }, schedule, text);
    await server.chunks();
    expect(new Set(played.boundaries)).toEqual(new Set(['exact']));
    expect(seen).toHaveLength(30);
  });

  test('claims no boundary where the receiver does not read', async () => {
    const server = await receiver('127.0.0.1', () => undefined, { pauseOnConnect: true });
    const target = { port: server.port, host: '127.0.0.1', patience: 50 };
    const played = await playAt(target, scheduleOf('cut 2', 'rst@4'), 'hello');
    expect(played.boundaries).toEqual(['lost']);
  });

  test('stops without an error when the receiver resets the connection', async () => {
    const server = await receiver('127.0.0.1', (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const schedule = planSchedule(dribble, { seed: 0, length: 200 });
    const target = { port: server.port, host: '127.0.0.1' };
    const played = await playAt(target, schedule, 'x'.repeat(200));
    expect(played.complete).toBe(false);
    expect(played.sent).toBeLessThan(200);
  });
});

describe('a play without a gate', () => {
  test('pauses between pieces and says so', async () => {
    const server = await receiver('127.0.0.1');
    const socket = net.connect({ port: server.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const delivery = { schedule: scheduleOf('cut 2', 'delay 1'), chunks: [Buffer.from('hello')] };
    const played = await play(socket, delivery, { pause: 1 });
    socket.end();
    expect(played).toEqual({ boundaries: ['delayed'], unread: 0, sent: 5, complete: true });
    expect((await server.chunks()).join('')).toBe('hello');
  });

  test('refuses a schedule that does not fit before anything is sent', async () => {
    const server = await receiver('127.0.0.1');
    const socket = net.connect({ port: server.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const delivery = { schedule: scheduleOf('cut 6'), chunks: [Buffer.from('hello')] };
    await expect(play(socket, delivery)).rejects.toMatchObject({ code: 'ERR_SCHEDULE' });
    socket.end();
    expect(await server.chunks()).toEqual([]);
  });
});
