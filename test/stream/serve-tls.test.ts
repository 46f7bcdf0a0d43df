// TLS at a server: the handshake counts as a connection and has a deadline, and failures reset the raw socket
// below.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer, ServeOptions } from '../../src/entries/main.ts';
import { utf8 } from '../support/bytes.ts';
import { dial, echo, fateOf, start, warnings } from '../support/servers.ts';
import { cert, key } from '../support/self-signed.ts';
import { emitted, until, settled } from '../support/waiting.ts';

const codec = lengthPrefixed();
const tls = { key, cert };

/** Makes a raw socket with TLS over it, as a client of another author does. */
function dialTls(
  { port }: FramedServer,
  options: ConnectionOptions = {},
): { readonly raw: Socket; readonly secure: TLSSocket } {
  const raw = dial({ port });
  const secure = connect({ socket: raw, ca: cert, servername: 'localhost', ...options });
  secure.on('error', () => undefined);
  onTestFinished(() => {
    secure.destroy();
  });
  return { raw, secure };
}

test('serves over TLS, and ends in order', async () => {
  const server = await start(echo, { tls });
  const connection = framed(dialTls(server).secure, codec);
  await connection.send(utf8('hi'));
  expect(String(await connection.receive())).toBe('hi');
  expect(server.connections).toBe(1);
  const closing = server.close();
  expect(await connection.receive()).toBeUndefined();
  await connection.close();
  await closing;
});

describe('a failure resets the raw socket', () => {
  const FAILURES: Record<
    string,
    { handler?: (c: Connection<Uint8Array, Uint8Array>) => unknown; options?: ServeOptions }
  > = {
    'a handler that throws': {
      handler: async (connection) => {
        await connection.receive();
        throw new Error('bug');
      },
      options: { onError: () => undefined },
    },
    'a handler that throws after a release': {
      handler: async (connection) => {
        await connection.receive();
        connection.release();
        throw new Error('bug');
      },
      options: { onError: () => undefined },
    },
    idleness: { options: { idleTimeout: 30 } },
  };

  test.each(Object.keys(FAILURES))('%s', async (name) => {
    const { handler = echo, options } = FAILURES[name] ?? {};
    const server = await start(handler, { tls, ...options });
    const { raw, secure } = dialTls(server);
    secure.resume();
    const broken = once(secure, 'error');
    await once(secure, 'secureConnect');
    // To Node a reset that is found together with the last bytes of the handshake looks like an end.
    await settled(() => raw.bytesRead, 20);
    secure.write('\0\0\0\u0002hi');
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(raw.destroyed).toBe(true);
    await until(() => server.connections === 0, 'it is let go');
  });

  test('a protocol error, after the answers in front of it', async () => {
    const server = await start(echo, { tls });
    const { secure } = dialTls(server);
    const heard = fateOf(secure);
    secure.write('\0\0\0\u0002hiGET / HTTP/1.1\r\n\r\n');
    expect(await heard).toEqual({ how: 'RST', received: '\0\0\0\u0002hi' });
  });

  test('close whose time runs out', async () => {
    const server = await start(
      async (connection) => {
        await connection.send(utf8('hi'));
        await new Promise(() => undefined);
      },
      { tls },
    );
    const { secure } = dialTls(server);
    await once(secure, 'data');
    const broken = once(secure, 'error');
    await server.close({ within: 5 });
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});

describe('a handshake', () => {
  test('that is not finished counts, and is reset after handshakeTimeout', async () => {
    const seen = warnings();
    const server = await start(echo, { tls, maxConnections: 1, handshakeTimeout: 60 });
    const silent = dial(server);
    const fate = fateOf(silent);
    await until(() => server.connections === 1, 'it counts');
    expect((await fate).how).toBe('RST');
    await until(() => server.connections === 0, 'it is let go');
    expect(seen).toEqual([]);
  });

  test('that dribbles is reset after handshakeTimeout as well', async () => {
    const server = await start(echo, { tls, handshakeTimeout: 100 });
    const slow = dial(server);
    const fate = fateOf(slow);
    // The head of a TLS record that promises 16 KiB.
    slow.write(Buffer.from([0x16, 3, 1, 0x40, 0]));
    const dribble = setInterval(() => slow.write('\0'), 5);
    onTestFinished(() => clearInterval(dribble));
    expect((await fate).how).toBe('RST');
  });

  test.each<[string, (server: FramedServer) => Promise<unknown>]>([
    [
      'by a client that sent nothing',
      async (server) => {
        const socket = dial(server);
        await until(() => server.connections === 1, 'it counts');
        socket.end();
      },
    ],
    [
      'by a client that sent a part of its hello',
      async (server) => {
        const socket = dial(server);
        socket.end(Uint8Array.of(0x16, 3, 1, 2, 0, 1));
        await emitted(socket, 'finish');
      },
    ],
    [
      'by a client that refused the certificate',
      async (server) => {
        const { secure } = dialTls(server, { ca: [] });
        await emitted(secure, 'close');
      },
    ],
  ])('that is left %s counts no more', async (_, leave) => {
    const server = await start(echo, { tls, handshakeTimeout: Infinity });
    await leave(server);
    await until(() => server.connections === 0, 'the connection is gone');
    expect(server.address).toBeDefined();
  });

  test('that is over leaves a socket that answers behind the end of its remote', async () => {
    const server = await start(
      async (connection) => {
        const value = await connection.receive();
        expect(await connection.receive()).toBeUndefined();
        await connection.send(value ?? utf8('nothing came'));
      },
      { tls },
    );
    const connection = framed(dialTls(server).secure, codec);
    await connection.send(utf8('hi'));
    await connection.end();
    expect(String(await connection.receive())).toBe('hi');
  });

  test('that is over has no deadline any more', async () => {
    // The first handshake has to be done in this time, whatever else runs on the machine.
    const server = await start(echo, { tls, handshakeTimeout: 2000 });
    const connection = framed(dialTls(server).secure, codec);
    await connection.send(utf8('a'));
    await connection.receive();
    // The handshake of this socket begins later and times out. The first socket must still be there then.
    expect((await fateOf(dial(server))).how).toBe('RST');
    await connection.send(utf8('b'));
    expect(String(await connection.receive())).toBe('b');
  });

  test('is ended by close at once', async () => {
    const server = await start(echo, { tls, handshakeTimeout: Infinity });
    const fate = fateOf(dial(server));
    await until(() => server.connections === 1, 'it counts');
    await server.close({ within: Infinity });
    expect((await fate).how).toBe('RST');
  });

  test.each([
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['garbage', '\0'.repeat(100)],
  ])('of %s fails without a warning, and the next one is served', async (_, words) => {
    const seen = warnings();
    const server = await start(echo, { tls });
    const stranger = dial(server);
    stranger.end(words);
    await emitted(stranger.resume(), 'close');
    await until(() => server.connections === 0, 'it is let go');
    const connection = framed(dialTls(server).secure, codec);
    await connection.send(utf8('a'));
    expect(String(await connection.receive())).toBe('a');
    expect(seen).toEqual([]);
  });

  test('that is reset fails without a warning', async () => {
    const seen = warnings();
    const server = await start(echo, { tls });
    const { raw } = dialTls(server);
    await once(raw, 'connect');
    raw.resetAndDestroy();
    await until(() => server.connections === 0, 'it is let go');
    expect(seen).toEqual([]);
  });

  test.each(['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'SSH-2.0-x\r\n', '\0\0\0\x05hello'])(
    'of a client that speaks no TLS is an end, and no byte: %j',
    async (words) => {
      const seen = warnings();
      const client = dial(await start(echo, { tls }));
      const fate = fateOf(client);
      client.write(words);
      expect(await fate).toEqual({ how: 'FIN', received: '' });
      expect(seen).toEqual([]);
    },
  );

  test('of a client whose version is refused ends with an alert', async () => {
    const server = await start(echo, { tls: { ...tls, minVersion: 'TLSv1.3' } });
    const { secure } = dialTls(server, { maxVersion: 'TLSv1.2' });
    const [error]: unknown[] = await once(secure, 'error');
    expect(error).toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
  });

  test('without the certificate that was asked for fails; with it, the handler sees it', async () => {
    const mutual = { ...tls, requestCert: true, ca: cert };
    const names: unknown[] = [];
    const seen = warnings();
    const server = await start(
      async (connection) => {
        const { duplex } = connection;
        if ('getPeerCertificate' in duplex && typeof duplex.getPeerCertificate === 'function') {
          names.push(duplex.getPeerCertificate().subject.CN);
        }
        await echo(connection);
      },
      { tls: mutual },
    );
    await fateOf(dialTls(server).secure);
    expect(names).toEqual([]);
    const connection = framed(dialTls(server, { key, cert }).secure, codec);
    await connection.send(utf8('a'));
    expect(String(await connection.receive())).toBe('a');
    expect(names).toEqual(['localhost']);
    expect(seen).toEqual([]);
  });

  test('agrees on a protocol (ALPN)', async () => {
    const server = await start(echo, { tls: { ...tls, ALPNProtocols: ['frames'] } });
    const { secure } = dialTls(server, { ALPNProtocols: ['other', 'frames'] });
    await once(secure, 'secureConnect');
    expect(secure.alpnProtocol).toBe('frames');
  });
});

test('refused connections are reset before the handshake', async () => {
  const server = await start(echo, { tls, maxConnections: 0 });
  expect((await fateOf(dial(server))).how).toBe('RST');
});

describe('refuses', () => {
  test.each<[string, object, string]>([
    ['tls without a certificate', { tls: {} }, 'no certificate'],
    ['tls that is no object', { tls: 5 }, 'not 5'],
    ['a key that is none', { tls: { key: 'x', cert: 'y' } }, 'tls was refused'],
    ['handshakeTimeout without tls', { handshakeTimeout: 10 }, 'tls is not given'],
    ['a handshakeTimeout of 0', { tls, handshakeTimeout: 0 }, 'Infinity'],
  ])('%s', (_, options, words) => {
    expect(() => serve(codec, echo, options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(words) }),
    );
  });
});
