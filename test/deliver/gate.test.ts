// Gates by transport: a receiver sees each piece alone, over everything in which the kernel tells.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import tls from 'node:tls';
import type { Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openGate } from '../../src/deliver/gate.ts';
import { KernelTables } from '../../src/deliver/kernel-tables.ts';
import { play } from '../../src/deliver/play.ts';
import type { Played } from '../../src/deliver/play.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import { cert, key } from '../support/self-signed.ts';

const tables = KernelTables.open();
const hasSs = process.platform === 'linux' && spawnSync('ss', ['-V']).error === undefined;
const TEXT = 'pieces';
const ALONE = TEXT.split('');

/** Plays the text byte by byte. */
async function playBytes(stream: Writable): Promise<Played> {
  onTestFinished(() => void stream.destroy());
  const ops = ALONE.slice(1).map(() => parseOp('cut 1'));
  const schedule = { v: 1, seed: 0, direction: 'to-server', ops } as const;
  const gate = openGate(tables, stream);
  const options = { gate, pause: 1, patience: 15_000 };
  return play(stream, { schedule, chunks: [Buffer.from(TEXT)] }, options);
}

/** What a server reads of one connection, chunk by chunk. */
async function chunksOf(server: net.Server, stream: () => net.Socket): Promise<string[]> {
  onTestFinished(() => void server.close());
  const event = server instanceof tls.Server ? 'secureConnection' : 'connection';
  const chunks: string[] = [];
  const ended = new Promise((resolve) => {
    server.once(event, (socket: net.Socket) => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
      socket.on('end', resolve);
    });
  });
  const socket = stream();
  await once(socket, socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect');
  const played = await playBytes(socket);
  expect(new Set(played.boundaries)).toEqual(new Set(['exact']));
  socket.end();
  await ended;
  return chunks;
}

async function listenOn(server: net.Server, path?: string): Promise<number> {
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path });
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a gate', () => {
  test.skipIf(tables === undefined)('shows a TLS server each record alone', async () => {
    const server = tls.createServer({ key, cert, noDelay: true });
    const port = await listenOn(server);
    const connectTls = (): net.Socket => {
      const socket = tls.connect({ port, host: '127.0.0.1', ca: cert, servername: 'localhost' });
      return socket.setNoDelay(true);
    };
    expect(await chunksOf(server, connectTls)).toEqual(ALONE);
  });

  test.skipIf(!hasSs)('shows a server on a unix socket each piece alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unstick-gate-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'a socket');
    const server = net.createServer();
    await listenOn(server, path);
    expect(await chunksOf(server, () => net.connect({ path }))).toEqual(ALONE);
  });

  test.skipIf(!hasSs)('shows a child each piece of its standard input alone', async () => {
    const script = 'process.stdin.on("data", (chunk) => console.log(String(chunk)))';
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    const played = await playBytes(child.stdin);
    child.stdin.end();
    await once(child, 'close');
    expect(new Set(played.boundaries)).toEqual(new Set(['exact']));
    expect(output.trim().split('\n')).toEqual(ALONE);
  });

  test.skipIf(!hasSs)('claims nothing of a child that does not read', async () => {
    const child = spawn('sleep', ['60'], { stdio: ['pipe', 'ignore', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.write('unread');
    expect(await openGate(tables, child.stdin)?.settled(6, 0)).toBe('unread');
  });

  test.skipIf(!hasSs)('sees a child that is gone', async () => {
    const child = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.on('error', () => undefined);
    const gate = openGate(tables, child.stdin);
    await once(child, 'close');
    child.stdin.destroy();
    expect(await gate?.settled(1, 15_000)).toBe('gone');
  });

  test('is none where no table shows the stream: pauses have to do', async () => {
    const stream = new PassThrough();
    expect(openGate(tables, stream)).toBeUndefined();
    const { boundaries } = await playBytes(stream);
    expect(new Set(boundaries)).toEqual(new Set(['delayed']));
  });
});
