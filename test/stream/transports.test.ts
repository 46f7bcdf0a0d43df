// The same connection over every transport of Node: TCP, TLS, unix sockets, the pipes of a child process, and
// a duplex that Duplex.from makes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { tcpPair, tlsPair, unixPair } from '../support/sockets.ts';
import { rejection } from '../support/waiting.ts';
import { freePort } from '../support/free-port.ts';

/** Both ends of a connection. If the other end is not a socket of this process, it echoes. */
interface Ends {
  readonly near: Duplex;
  /** The far end. If it is undefined, `near` echoes what it is given. */
  readonly far: Duplex | undefined;
}

/** Starts a child process, using only Node, that gives back what it gets. */
function echoingChild(): Duplex {
  const child = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  });
  return Duplex.from({ readable: child.stdout, writable: child.stdin });
}

function passThroughPair(): Ends {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return {
    near: Duplex.from({ readable: back, writable: there }),
    far: Duplex.from({ readable: there, writable: back }),
  };
}

const transports: Record<string, () => Promise<Ends>> = {
  TCP: tcpPair,
  TLS: tlsPair,
  'a unix socket': unixPair,
  'the pipes of a child process': async () => ({ near: echoingChild(), far: undefined }),
  'Duplex.from of two streams': async () => passThroughPair(),
};

async function echo(duplex: Duplex): Promise<void> {
  const connection = framed(duplex);
  for await (const value of connection) {
    await connection.send(value);
  }
  await connection.end();
}

describe.each(Object.entries(transports))('over %s', (_, open) => {
  test('values go there and back, and both sides end', async () => {
    const { near, far } = await open();
    const echoing = far === undefined ? undefined : echo(far);
    const connection = framed(near);
    const values = [utf8('hello'), hex(''), Buffer.alloc(300_000, 7), utf8('bye')];
    const sending = (async () => {
      for (const value of values) {
        await connection.send(value);
      }
      await connection.end();
    })();
    const seen: boolean[] = [];
    for await (const value of connection) {
      seen.push(Buffer.from(values[seen.length] ?? '?').equals(value));
    }
    expect(seen).toEqual([true, true, true, true]);
    await sending;
    await echoing;
    expect(connection.stats).toMatchObject({ received: { frames: 4 }, sent: { frames: 4 } });
  });
});

describe('a half-closed connection', () => {
  test.each([
    ['TCP', tcpPair],
    ['TLS', tlsPair],
    ['a unix socket', unixPair],
  ])('still gets its answers (%s)', async (_, open) => {
    const { near, far } = await open();
    const connection = framed(near);
    far.allowHalfOpen = true;
    far.end(join([hex('00000001 61'), hex('00000001 62')]));
    const requests: string[] = [];
    for await (const value of connection) {
      requests.push(String(value));
    }
    expect(requests).toEqual(['a', 'b']);
    const answer = once(far, 'data');
    await connection.send(utf8('late answer'));
    expect((await answer)[0]).toEqual(Buffer.concat([hex('0000000b'), utf8('late answer')]));
    await connection.end();
  });
});

describe('remoteAddress', () => {
  test('is address and port over TCP, and stays when the socket is gone', async () => {
    const { near } = await tcpPair();
    const expected = `127.0.0.1:${near.remotePort}`;
    const connection = framed(near);
    connection.destroy();
    expect(connection.remoteAddress).toBe(expected);
    expect(await rejection(connection.receive())).toMatchObject({
      remoteAddress: expected,
      message: expect.stringContaining(expected),
    });
  });

  test('is the one that other code gave the socket, as behind a proxy', async () => {
    const { near } = await tcpPair();
    Object.defineProperty(near, 'remoteAddress', { value: '203.0.113.7' });
    expect(framed(near).remoteAddress).toBe(`203.0.113.7:${near.remotePort}`);
  });

  test('is left out where there is none', async () => {
    const { near } = await unixPair();
    const connection = framed(near);
    connection.destroy();
    const error = await rejection(connection.receive());
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
    expect(error).not.toHaveProperty('remoteAddress');
  });
});

test('a connection that cannot be made is ERR_CONNECTION_LOST with its cause', async () => {
  const port = await freePort();
  const connection = framed(connect(port, '127.0.0.1'));
  expect(await rejection(connection.receive())).toMatchObject({
    code: 'ERR_CONNECTION_LOST',
    reason: 'ECONNREFUSED',
    cause: { port },
  });
  expect(await rejection(connection.send(hex('61')))).toMatchObject({
    code: 'ERR_CONNECTION_LOST',
  });
});

test('a child process that dies in the middle of a frame is reported', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'process.stdout.write(Buffer.from([0, 0, 0, 1, 97, 0, 0]))',
  ]);
  const exited = once(child, 'exit');
  const connection = framed(Duplex.from({ readable: child.stdout, writable: child.stdin }));
  expect(String(await connection.receive())).toBe('a');
  expect(await rejection(connection.receive())).toMatchObject({ code: 'ERR_FRAME_TRUNCATED' });
  await exited;
});
