// A relay has a certificate that the client accepts, and passes every byte of the login on to the real
// server. It has two TLS sessions, and each proof is bound to one of them. So the login fails, and the relay
// gets nothing.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, connect as connectTls } from 'node:tls';
import { writeFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { cert, key } from '../../test/support/self-signed.ts';
import { World } from './testing/world.ts';

let secure: World;
let plain: World;
let certFile = '';
beforeAll(async () => {
  plain = await World.open();
  certFile = plain.here('cert.pem');
  writeFileSync(certFile, cert);
  writeFileSync(plain.here('key.pem'), key);
  secure = await World.open({
    args: ['--tls-key', plain.here('key.pem'), '--tls-cert', certFile],
  });
});
afterAll(async () => {
  await secure.end();
  await plain.end();
});

/**
 * What the relay speaks with each side: its own TLS, or plain bytes (which may be TLS that it cannot read).
 */
interface Relay {
  readonly toClient: 'tls' | 'plain';
  readonly toServer: 'tls' | 'plain';
}

/** Starts a relay that passes bytes on. Returns its port, and the bytes that it reads, which grow. */
async function relay(world: World, { toClient, toServer }: Relay): Promise<[number, Buffer[]]> {
  const heard: Buffer[] = [];
  const attend = (client: Duplex): void => {
    const server: Duplex =
      toServer === 'tls'
        ? connectTls({ port: world.port, host: '127.0.0.1', ca: cert, servername: 'localhost' })
        : connect(world.port, '127.0.0.1');
    client.on('error', () => server.destroy()).on('data', (chunk: Buffer) => heard.push(chunk));
    server.on('error', () => client.destroy()).on('data', (chunk: Buffer) => heard.push(chunk));
    client.pipe(server).pipe(client);
  };
  const listener: Server =
    toClient === 'tls' ? createTlsServer({ key, cert }, attend) : createServer(attend);
  const open = new Set<Socket>();
  listener.on('connection', (socket: Socket) => open.add(socket));
  onTestFinished(() => {
    open.forEach((socket) => socket.destroy());
    listener.close();
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return [(listener.address() as AddressInfo).port, heard];
}

/** The client accepts the relay's certificate, which is the server's own, as if its key had been stolen. */
function clientFlags({ toClient }: Relay): string[] {
  return toClient === 'tls' ? ['--ca', certFile, '--host', 'localhost'] : [];
}

const refused: Record<string, Relay> = {
  'has TLS sessions with both sides': { toClient: 'tls', toServer: 'tls' },
  'takes TLS away from the client': { toClient: 'plain', toServer: 'tls' },
  'takes TLS away from the server': { toClient: 'tls', toServer: 'plain' },
};

test.each(Object.entries(refused))('a relay that %s gets nothing', async (_, sides) => {
  const world = sides.toServer === 'tls' ? secure : plain;
  const [port, heard] = await relay(world, sides);
  const words = [...clientFlags(sides), 'mkdir', 'a-secret-name'];
  const { code, stdout, stderr } = await world.start(words, { port }).ended;
  expect(stderr).toContain('The server says "The user or the password is wrong." [E_LOGIN]\n');
  expect([code, stdout]).toEqual([1, '']);
  await world.log('not let in: "The user or the password is wrong."');
  // The relay has heard the login, and nothing after it.
  const text = Buffer.concat(heard).toString('latin1');
  expect(text).toContain('"proof"');
  expect(text).not.toContain('"signature"');
  expect(text).not.toContain('a-secret-name');
});

test('a relay that opens nothing of TLS is no harm, and the login passes', async () => {
  const [port, heard] = await relay(secure, { toClient: 'plain', toServer: 'plain' });
  const words = ['--ca', certFile, '--host', 'localhost', 'mkdir', 'a-secret-name'];
  const { code, stdout } = await secure.start(words, { port }).ended;
  expect([code, stdout]).toEqual([0, '/a-secret-name\n']);
  expect(heard.length).toBeGreaterThan(0);
  expect(Buffer.concat(heard).toString('latin1')).not.toContain('a-secret-name');
});
