// socat and netcat: an echo that nobody here wrote, and programs whose pipes are the duplex.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, test, onTestFinished } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { FramedServer } from '../../src/entries/main.ts';
import { foreignServer } from './support/foreign-process.ts';
import { prove, provingTime, safeAfter } from './support/proving.ts';
import { findProgram } from './support/software.ts';

const socat = findProgram('socat');
const netcat = findProgram('nc.openbsd');

const frames = [
  Buffer.alloc(0),
  Buffer.from('粘包'),
  randomBytes(300_000),
  ...Array.from({ length: 100 }, (_, at) => Buffer.from(`frame ${at}`)),
];

/** Gives back every frame. */
async function echoServer(): Promise<FramedServer> {
  const server = serve(lengthPrefixed(), async (connection) => {
    for await (const frame of connection) {
      await connection.send(frame);
    }
  });
  onTestFinished(() => server.close({ within: 0 }));
  await server.ready;
  return server;
}

/** A program as a duplex: what it reads and what it prints. */
function piped(file: string, args: readonly string[]): { duplex: Duplex; ended: Promise<unknown> } {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  return { duplex, ended: once(child, 'exit') };
}

/** Sends all frames and ends; gives what comes back until the other side ends. */
async function echoed(duplex: Duplex): Promise<Uint8Array[]> {
  const connection = framed(duplex, lengthPrefixed(), { copy: true });
  const sent = Promise.all(frames.map((frame) => connection.send(frame)));
  const closed = sent.then(() => connection.end());
  const received: Uint8Array[] = [];
  for await (const frame of connection) {
    received.push(frame);
  }
  await closed;
  return received;
}

function sameAsSent(received: readonly Uint8Array[]): boolean {
  return (
    received.length === frames.length &&
    frames.every((frame, at) => frame.equals(received[at] ?? Buffer.of(0)))
  );
}

describe.skipIf(socat === undefined)('socat (needs socat)', () => {
  // Small blocks, so that frames are cut on their way through.
  const server = foreignServer(({ port }) => ({
    file: socat ?? '',
    args: ['-b', '1000', `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, 'EXEC:cat'],
  }));

  test('gives back every frame, and then the end', async () => {
    expect(sameAsSent(await echoed(connect(server.port, '127.0.0.1')))).toBe(true);
  });

  test('carries frames from its pipes to serve() and back', async () => {
    const { port } = await echoServer();
    const { duplex, ended } = piped(socat ?? '', [
      '-b',
      '777',
      '-t',
      '20',
      '-',
      `TCP:127.0.0.1:${port}`,
    ]);
    expect(sameAsSent(await echoed(duplex))).toBe(true);
    expect(await ended).toEqual([0, null]);
  });

  test.each(['same-length', 'eof'] as const)(
    'gives back the same however bytes are cut, until %s',
    { timeout: provingTime },
    async (until) => {
      const bytes = Buffer.from('any bytes, 任何字节');
      const proof = { port: server.port, send: bytes, expect: bytes, until, runs: 40 };
      expect(await prove(`socat, until ${until}`, proof)).toEqual(safeAfter(40));
    },
  );
});

describe.skipIf(netcat === undefined)('netcat (needs netcat-openbsd)', () => {
  test('gets every answer to what it sent before it ended', async () => {
    const { port } = await echoServer();
    const { duplex, ended } = piped(netcat ?? '', ['-N', '127.0.0.1', `${port}`]);
    expect(sameAsSent(await echoed(duplex))).toBe(true);
    expect(await ended).toEqual([0, null]);
  });
});
