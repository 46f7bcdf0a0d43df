// dial() and dialMessages() give a connection, or an error with the address and the reason.

import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { getEventListeners, once } from 'node:events';

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial, dialMessages, lengthPrefixed, serveMessages } from '../../src/entries/main.ts';
import type { DialOptions } from '../../src/entries/main.ts';
import { utf8 } from '../support/bytes.ts';
import { cert, key } from '../support/self-signed.ts';
import { echo, fateOf, start } from '../support/servers.ts';
import { portOf } from '../support/sockets.ts';
import { emitted, rejection, until } from '../support/waiting.ts';
import { freePort } from '../support/free-port.ts';

const codec = lengthPrefixed();

/** Starts a server that accepts and does nothing, and gives the sockets that it has. */
async function deaf(): Promise<{ readonly port: number; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  return { port: portOf(server), sockets };
}

describe('dial', () => {
  test('connects over TCP, a unix socket and TLS', async () => {
    const folder = await mkdtemp(joinPath(tmpdir(), 'unstick-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = joinPath(folder, 'socket');
    const plain = await start();
    const unix = await start(echo, { path });
    expect(unix.address).toBe(path);
    const secure = await start(echo, { tls: { key, cert } });
    const secureUnix = await start(echo, { path: joinPath(folder, 'tls'), tls: { key, cert } });
    const places: DialOptions[] = [
      { port: plain.port },
      { port: plain.port, host: 'localhost' },
      { path },
      { port: secure.port, host: 'localhost', tls: { ca: cert } },
      { port: secure.port, tls: { ca: cert } },
      { path: joinPath(folder, 'tls'), tls: { ca: cert } },
    ];
    for (const place of places) {
      const connection = await dial(codec, place);
      await connection.send(utf8('hi'));
      expect(String(await connection.receive())).toBe('hi');
      await connection.close();
    }
    for (const server of [plain, unix, secure, secureUnix]) {
      await until(() => server.connections === 0, 'all are let go');
    }
  });

  test('destroys a TLS connection with a reset', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const server = await start(echo, { tls: { key, cert }, onError });
    const connection = await dial(codec, { port: server.port, tls: { ca: cert } });
    await connection.send(utf8('hi'));
    await connection.receive();
    connection.destroy();
    await until(() => errors.length === 1, 'the server hears of it');
    expect(errors).toMatchObject([{ code: 'ERR_CONNECTION_LOST', reason: 'ECONNRESET' }]);
  });

  test('says where to, and why not', async () => {
    const port = await freePort();
    const error = await rejection(dial(codec, { port }));
    expect(error).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECT',
      reason: 'ECONNREFUSED',
      remoteAddress: `127.0.0.1:${port}`,
      message: `Cannot connect: ECONNREFUSED (remote 127.0.0.1:${port}). Is the server running?`,
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
    // If a name has several addresses, connecting fails with an error that holds several errors.
    expect(await rejection(dial(codec, { port, host: 'localhost' }))).toMatchObject({
      code: 'ERR_CONNECT',
      reason: 'ECONNREFUSED',
    });
    expect(await rejection(dial(codec, { path: '/nowhere/at/all' }))).toMatchObject({
      code: 'ERR_CONNECT',
      reason: 'ENOENT',
      remoteAddress: '/nowhere/at/all',
    });
    expect(await rejection(dial(codec, { port, host: 'no.such.name.invalid' }))).toMatchObject({
      code: 'ERR_CONNECT',
      remoteAddress: `no.such.name.invalid:${port}`,
    });
  });

  test('makes errors of TLS readable', async () => {
    const server = await start(echo, { tls: { key, cert } });
    const { port } = server;
    expect(await rejection(dial(codec, { port, tls: {} }))).toMatchObject({
      code: 'ERR_CONNECT',
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      message: expect.stringMatching(/certificate was not accepted.*tls\.ca/),
    });
    const named = dial(codec, { port, tls: { ca: cert, servername: 'other.example' } });
    expect(await rejection(named)).toMatchObject({
      code: 'ERR_CONNECT',
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
      message: expect.stringContaining('name in the certificate'),
    });
    const plain = await start();
    const garbage = dial(codec, { port: plain.port, tls: {} });
    expect(await rejection(garbage)).toMatchObject({ code: 'ERR_CONNECT' });
    await until(() => server.connections + plain.connections === 0, 'all are let go');
  });

  test('is given up after connectTimeout, the handshake included', async () => {
    const { port, sockets } = await deaf();
    const error = await rejection(dial(codec, { port, tls: {}, connectTimeout: 40 }));
    expect(error).toMatchObject({ code: 'ERR_CONNECT', reason: 'timeout', limit: 40 });
    const [socket] = sockets;
    if (socket !== undefined) {
      await emitted(socket.resume(), 'end');
    }
  });

  test('is given up by its signal, which ends the connection later', async () => {
    const { port } = await deaf();
    const controller = new AbortController();
    const { signal } = controller;
    const dialing = dial(codec, { port, tls: {}, signal });
    controller.abort(new Error('enough'));
    expect(await rejection(dialing)).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      reason: 'aborted',
      cause: expect.objectContaining({ message: 'enough' }),
    });
    expect(await rejection(dial(codec, { port, signal }))).toMatchObject({ reason: 'aborted' });
    const later = new AbortController();
    const connection = await dial(codec, { port, signal: later.signal });
    later.abort();
    expect(await rejection(connection.receive())).toMatchObject({ reason: 'aborted' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(getEventListeners(later.signal, 'abort')).toEqual([]);
  });

  test('refuses what only the handshake of node checks, without ending the process', async () => {
    const { port } = await deaf();
    const dialing = dial(codec, {
      port,
      tls: { servername: 'a\0b', ALPNProtocols: ['x'.repeat(999)] },
    });
    expect(await rejection(dialing)).toMatchObject({ name: expect.stringMatching(/Error$/) });
  });

  test('closes the socket when the codec makes no decoder', async () => {
    const { port, sockets } = await deaf();
    const broken = {
      ...codec,
      decoder: () => {
        throw new Error('no zlib here');
      },
    };
    expect(await rejection(dial(broken, { port }))).toMatchObject({ message: 'no zlib here' });
    await until(() => sockets.length === 1, 'it was accepted');
    const [socket] = sockets;
    if (socket !== undefined) {
      await emitted(socket.resume(), 'end');
    }
  });

  test.each<[string, object, string]>([
    ['no port', {}, 'needs a port'],
    ['a port of text', { port: '9000' }, 'not the string "9000"'],
    ['port 0', { port: 0 }, 'not 0'],
    ['port and path', { port: 1, path: '/x' }, 'unix socket has neither'],
    ['a host that is none', { port: 1, host: 5 }, 'host'],
    ['a misspelt option', { port: 1, conectTimeout: 5 }, 'conectTimeout'],
    ['an option of serve', { port: 1, maxConnections: 5 }, 'maxConnections'],
    ['a timeout of 0', { port: 1, connectTimeout: 0 }, 'Infinity'],
    ['a port inside tls', { port: 1, tls: { port: 2 } }, 'beside tls'],
    ['a socket inside tls', { port: 1, tls: { socket: {} } }, 'because this call opens the socket'],
    ['a timeout inside tls', { port: 1, tls: { timeout: 5 } }, 'connectTimeout, beside tls'],
    ['tls: true', { port: 1, tls: true }, 'tls'],
    ['an authority that is none', { port: 1, tls: { ca: 5 } }, 'tls was refused'],
    ['a key that is none', { port: 1, tls: { key: 'x', cert: 'y' } }, 'tls was refused'],
    ['no signal', { port: 1, signal: {} }, 'AbortSignal'],
    ['a wrong option of framing', { port: 1, maxQueuedLength: -1 }, 'maxQueuedLength'],
  ])('refuses %s', async (_, options, words) => {
    const error = await rejection(Reflect.apply(dial, undefined, [codec, options]));
    expect(error).toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(words),
    });
  });
});

describe('dialMessages and serveMessages', () => {
  test('exchange messages, also with a header that has a type', async () => {
    const server = serveMessages(async (stream) => {
      for await (const message of stream) {
        const text = await message.text();
        await stream.send({
          header: { got: message.header['n'] ?? null },
          body: text.toUpperCase(),
        });
      }
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const stream = await dialMessages({
      port: server.port,
      parseHeader: (header: unknown): { got: unknown } => ({
        got: Reflect.get(Object(header), 'got'),
      }),
    });
    await stream.send({ header: { n: 1 }, body: 'hello' });
    const answer = await stream.receive();
    expect(answer?.header.got).toBe(1);
    expect(await answer?.text()).toBe('HELLO');
    const closing = server.close();
    expect(await stream.receive()).toBeUndefined();
    await stream.close();
    await closing;
  });

  test('a handler that throws resets, and its error is told with the stream', async () => {
    const told: unknown[] = [];
    const server = serveMessages(
      async (stream) => {
        await stream.receive();
        throw new Error('bug');
      },
      { onError: (error, stream) => told.push([error, stream?.stats.received.frames]) },
    );
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const stream = await dialMessages({ port: server.port });
    await stream.send({ header: {} });
    expect((await fateOf(stream.release())).how).toBe('RST');
    expect(told).toEqual([[expect.objectContaining({ message: 'bug' }), 1]]);
  });

  test.each<[string, object]>([
    ['a misspelt option', { maxBodyLenght: 5 }],
    ['onSkip', { onSkip: () => undefined }],
    ['a wrong limit', { maxBodyLength: -1 }],
    ['a wrong header length', { maxHeaderLength: 'x' }],
  ])('refuse %s', async (_, options) => {
    const refused = expect.objectContaining({ code: 'ERR_OPTION' });
    expect(() => serveMessages(() => undefined, options)).toThrow(refused);
    const dialing: unknown = Reflect.apply(dialMessages, undefined, [{ port: 9, ...options }]);
    expect(await rejection(Promise.resolve(dialing))).toMatchObject({ code: 'ERR_OPTION' });
  });
});
