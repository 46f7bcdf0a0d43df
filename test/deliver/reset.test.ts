// A reset at every moment in the life of a socket: the socket always closes, so that no descriptor is lost.

import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { reset } from '../../src/deliver/reset.ts';
import { connect, serveWith, untilClosed } from '../chop/sockets.ts';

const MEBIBYTES = Buffer.alloc(8 << 20);

/** How a connection ends. Node takes a reset behind bytes for an end; then a write of nothing fails. */
function endOf(socket: net.Socket): Promise<'FIN' | 'RST'> {
  return new Promise((resolve) => {
    socket.once('error', () => resolve('RST'));
    socket.resume().once('end', () => {
      socket.write('', (error) => resolve(error instanceof Error ? 'RST' : 'FIN'));
    });
  });
}

type Moment = readonly [name: string, prepare: (socket: net.Socket) => unknown, end: RegExp];

describe('reset', () => {
  test.each<Moment>([
    ['of a socket at rest', () => undefined, /^RST$/],
    ['right behind a write', (socket) => socket.write('bytes'), /^RST$/],
    ['right behind end()', (socket) => socket.end(), /^FIN$/],
    ['right behind end(bytes)', (socket) => socket.end('bytes'), /^FIN$/],
    ['when FIN has left', async (socket) => once(socket.end(), 'finish'), /FIN|RST/],
    ['behind end(), with bytes that wait', (socket) => socket.end(MEBIBYTES), /^RST$/],
    ['behind destroy()', (socket) => socket.destroy(), /^FIN$/],
  ])('%s closes it', async (_, prepare, end) => {
    let heard: Promise<string> | undefined;
    const port = await serveWith((socket) => {
      heard = endOf(socket);
    });
    const socket = await connect(port);
    socket.on('error', () => undefined);
    await prepare(socket);
    reset(socket);
    await untilClosed(socket);
    expect(await heard).toMatch(end);
  });

  test('while it connects closes it', async () => {
    const port = await serveWith(() => undefined);
    const socket = net.connect({ port, host: '127.0.0.1' });
    reset(socket);
    await untilClosed(socket);
    expect(socket.destroyed).toBe(true);
  });
});
