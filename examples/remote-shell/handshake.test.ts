// The handshake over real sockets: who is let in, and how little a stranger can do.

import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { cert, key } from '../../test/support/self-signed.ts';
import { framed, messages } from '../../src/entries/main.ts';
import { admitClient, admitServer, HANDSHAKE_LENGTH } from './both/handshake.ts';
import { randomToken } from './both/token.ts';

const token = randomToken();
const patient = new AbortController().signal;
const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) {
    one.close();
  }
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Resolves when the socket has closed, for whatever reason. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.resume().once('close', () => resolve()));
}

/**
 * Connects to a server that admits with this token. Returns the socket, and the outcome on the server's side.
 */
async function knock(signal = patient): Promise<{ socket: Socket; admitted: Promise<Duplex> }> {
  const server = net.createServer();
  const port = await listening(server);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = net.connect(port, '127.0.0.1');
  // Ignore errors here: only the server's side knows why a connection ended.
  socket.on('error', () => undefined);
  open.push({ close: () => socket.destroy() });
  const admitted = accepted.then(([there]) => {
    open.push({ close: () => there.destroy() });
    return admitClient(there, token, signal);
  });
  admitted.catch(() => undefined);
  return { socket, admitted };
}

describe('the handshake', () => {
  test('lets both sides in who have the token, and loses no byte that follows', async () => {
    const { socket, admitted } = await knock();
    const here = await admitServer(socket, token, patient);
    here.write('from here');
    const there = await admitted;
    there.write('from there');
    expect(String((await once(there, 'data'))[0])).toBe('from here');
    expect(String((await once(here, 'data'))[0])).toBe('from there');
  });

  test('refuses another token, and says so to both sides', async () => {
    const { socket, admitted } = await knock();
    await expect(admitServer(socket, randomToken(), patient)).rejects.toThrow('refused the token');
    await expect(admitted).rejects.toThrow('another token');
  });

  test('refuses a server that does not have the token, also one that sends back what it got', async () => {
    const lying = net.createServer((client) => {
      const there = framed(client, messages());
      const nonce = Buffer.alloc(32).toString('base64');
      void there
        .send({ header: { hello: 'unstick-shell 2', nonce } })
        .then(() => there.receive())
        // Send the client's own proof back, which is not the server's proof.
        .then((message) => there.send({ header: { proof: message?.header['proof'] ?? '' } }));
    });
    const socket = net.connect(await listening(lying), '127.0.0.1');
    await expect(admitServer(socket, token, patient)).rejects.toThrow('does not have the token');
  });

  test('is worth nothing on another connection: not later, and not through a relay', async () => {
    const first = await knock();
    const said: Buffer[] = [];
    const relay = net.createServer((client) => {
      client.on('error', () => undefined).on('data', (piece) => said.push(piece));
      client.pipe(first.socket).pipe(client);
    });
    // The relay passes every byte on unchanged.
    const client = net.connect(await listening(relay), '127.0.0.1');
    await expect(admitServer(client, token, patient)).rejects.toThrow(/relays the connection/);
    await expect(first.admitted).rejects.toThrow('another token');
    const second = await knock();
    second.socket.write(Buffer.concat(said));
    await expect(second.admitted).rejects.toThrow('another token');
  });

  test('over TLS is bound to the session: a relay that ends TLS gets nothing', async () => {
    const admitted: Promise<Duplex>[] = [];
    const server = tls.createServer({ key, cert }, (socket) => {
      open.push({ close: () => socket.destroy() });
      const one = admitClient(socket, token, patient);
      // The client may be refused before the test awaits this.
      one.catch(() => undefined);
      admitted.push(one);
    });
    const port = await listening(server);
    const relay = tls.createServer({ key, cert }, (socket) => {
      const on = tls.connect({ port, host: '127.0.0.1', ca: cert });
      open.push({ close: () => on.destroy() }, { close: () => socket.destroy() });
      socket
        .on('error', () => undefined)
        .pipe(on.on('error', () => undefined))
        .pipe(socket);
    });
    const straight = tls.connect({ port, host: '127.0.0.1', ca: cert });
    await once(straight, 'secureConnect');
    await admitServer(straight, token, patient);
    await admitted[0];
    const relayed = tls.connect({ port: await listening(relay), host: '127.0.0.1', ca: cert });
    await once(relayed, 'secureConnect');
    const refused = admitServer(relayed, token, patient).catch(String);
    await expect.poll(() => admitted.length).toBe(2);
    await expect(admitted[1]).rejects.toThrow('another token');
    expect(await refused).toMatch(/relays/);
    straight.destroy();
  });

  test.each([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['zeros', Buffer.alloc(64)],
    ['a header without a nonce', Buffer.from('\0\0\0\x02{}', 'latin1')],
    ['a header that declares more than 4 KiB', Buffer.from([0, 0, 0x10, 0])],
    ['an endless header', Buffer.alloc(1 << 20, 0xff)],
    ['another thing than JSON', Buffer.from('\0\0\0\x04{{{{', 'latin1')],
  ])('refuses a client that sends %s', async (_name, bytes) => {
    const { socket, admitted } = await knock();
    const over = closed(socket);
    socket.write(bytes);
    await expect(admitted).rejects.toBeInstanceOf(Error);
    await over;
    expect(socket.bytesRead).toBeLessThan(HANDSHAKE_LENGTH);
  });

  test('refuses a client that sends more than the handshake', async () => {
    const { socket, admitted } = await knock();
    const nonce = Buffer.alloc(32).toString('base64');
    const codec = messages();
    const message = codec.encode({ header: { nonce, proof: nonce } });
    socket.write(Buffer.concat([...message, Buffer.from('more')]));
    await expect(admitted).rejects.toThrow(/more than the handshake|another token/);
  });

  test('ends when its time is over, whatever was heard', async () => {
    const over = new AbortController();
    const { socket, admitted } = await knock(over.signal);
    const gone = closed(socket);
    socket.write(Buffer.alloc(3));
    over.abort(new Error('too late'));
    await expect(admitted).rejects.toBeInstanceOf(Error);
    await gone;
    expect(socket.bytesRead).toBeLessThan(HANDSHAKE_LENGTH);
  });
});
