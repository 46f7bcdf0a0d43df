// Frames to and from programs in Python, over TCP and over Python's own TLS.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { describe, expect, test, onTestFinished } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { cert, key } from '../support/self-signed.ts';
import { portOf } from '../support/sockets.ts';
import { foreignServer } from './support/foreign-process.ts';
import { FEW_SCHEDULES, prove, provingTime, safeAfter, spansOf } from './support/proving.ts';
import { python, pythonServer, runPython } from './support/python.ts';

/** What the Python client sends over TCP, and over TLS. */
const framesOfClient = { tcp: '1009', tls: '1006' };

const frames = [
  Buffer.alloc(0),
  Buffer.from('粘包，半包'),
  randomBytes(1 << 20),
  Buffer.alloc(0),
  ...Array.from({ length: 1000 }, (_, at) => Buffer.from(`frame ${at}`)),
];

/** Sends all frames at once, ends, and gives all that came back. */
async function echoed(socket: Socket): Promise<Buffer> {
  const connection = framed(socket, lengthPrefixed());
  const sent = Promise.all(frames.map((frame) => connection.send(frame)));
  const received: Uint8Array[] = [];
  for await (const frame of connection) {
    received.push(frame);
    if (received.length === frames.length) {
      break;
    }
  }
  await sent;
  await connection.end();
  return Buffer.concat(received);
}

async function echo(connection: Connection<Uint8Array, Uint8Array>): Promise<void> {
  for await (const frame of connection) {
    await connection.send(frame);
  }
}

describe.skipIf(python === undefined)('frames and Python (needs python3)', () => {
  describe('a server in Python', () => {
    const server = foreignServer(({ port }) => pythonServer('echo_server', `${port}`));

    test('gives back every frame', async () => {
      const received = await echoed(connect(server.port, '127.0.0.1'));
      expect(received.equals(Buffer.concat(frames))).toBe(true);
    });

    test('answers the same however frames are cut', { timeout: provingTime }, async () => {
      const send = ['', '粘包', 'hello'].map((text) =>
        Buffer.concat(lengthPrefixed().encode(Buffer.from(text))),
      );
      const spans = spansOf(send, 4);
      const proof = {
        port: server.port,
        send,
        expect: Buffer.concat(send),
        frames: spans,
        runs: FEW_SCHEDULES,
      };
      expect(await prove('Python echo', proof)).toEqual(safeAfter(FEW_SCHEDULES));
    });
  });

  test('answers a client in Python frame by frame', async () => {
    const server = serve(lengthPrefixed(), echo);
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    expect(await runPython('echo_client', `${server.port}`)).toBe(framesOfClient.tcp);
  });

  describe('over TLS', () => {
    const server = foreignServer(async ({ port, folder }) => {
      const file = join(folder, 'both.pem');
      await writeFile(file, key + cert);
      return pythonServer('echo_server', `${port}`, file);
    });

    test('gets every frame back from a server in Python', async () => {
      const socket = connectTls({ port: server.port, host: '127.0.0.1', ca: cert });
      await once(socket, 'secureConnect');
      expect((await echoed(socket)).equals(Buffer.concat(frames))).toBe(true);
    });

    test('answers a client in Python frame by frame', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'unstick-interop-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const file = join(folder, 'cert.pem');
      await writeFile(file, cert);
      const ended: Promise<void>[] = [];
      const listener = createTlsServer({ key, cert }, (socket) => {
        ended.push(echo(framed(socket, lengthPrefixed())));
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void listener.close());
      await once(listener, 'listening');
      const said = await runPython('echo_client', `${portOf(listener)}`, file);
      expect(said).toBe(framesOfClient.tls);
      await Promise.all(ended);
      expect(ended).toHaveLength(1);
    });
  });
});
