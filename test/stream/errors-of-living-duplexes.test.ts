// A duplex may emit 'error' and stay open: a TLSSocket that gets an alert after its handshake, and any duplex
// with `autoDestroy: false`. Such a duplex never closes by itself, so the connection has to end it.

import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial, framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { cert, key } from '../support/self-signed.ts';
import { echo, start } from '../support/servers.ts';
import { rejection } from '../support/waiting.ts';

type Framed = Connection<Uint8Array, Uint8Array>;

/** Makes a duplex that gives a frame and then reports an error, as the driver of a device does. */
function device(): Duplex {
  const duplex = new Duplex({
    autoDestroy: false,
    read() {},
    write: (_bytes, _encoding, done) => done(),
  });
  onTestFinished(() => void duplex.destroy());
  duplex.push(hex('00000002 6869'));
  setImmediate(() => duplex.emit('error', new Error('unplugged')));
  return duplex;
}

/** Opens a server that asks its clients for a certificate, and resolves to its port. */
async function strictServer(): Promise<number> {
  const { port } = await start(echo, { tls: { key, cert, requestCert: true, ca: cert } });
  return port;
}

const trust = { ca: cert };

const LIVING: Record<string, () => Promise<Framed>> = {
  'a duplex with autoDestroy: false': async () => framed(device()),
  'TLS of dial, without the certificate': async () =>
    dial(lengthPrefixed(), { port: await strictServer(), host: 'localhost', tls: trust }),
  'a TLSSocket without the certificate': async () =>
    framed(connectTls({ port: await strictServer(), host: 'localhost', ...trust })),
  'a TLSSocket over a socket, without the certificate': async () =>
    framed(
      connectTls({ socket: connect(await strictServer()), servername: 'localhost', ...trust }),
    ),
};

describe.each(Object.entries(LIVING))('an error of %s', (_, open) => {
  test('ends the connection, the duplex and close', async () => {
    const connection = await open();
    const error = await connection.closed;
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(connection.duplex.destroyed).toBe(true);
    expect(await rejection(drained(connection))).toBe(error);
    await connection.close();
  });

  test('ends a close that waits', async () => {
    const connection = await open();
    await connection.close();
    expect(connection.duplex.destroyed).toBe(true);
  });
});

test('what came before the error can be read', async () => {
  const connection = framed(device());
  await connection.closed;
  expect(String(await connection.receive())).toBe('hi');
  expect(connection.stats.received.bytes % 6).toBe(0);
});

async function drained(connection: Framed): Promise<void> {
  for await (const frame of connection) {
    expect(String(frame)).toBe('hi');
  }
}
