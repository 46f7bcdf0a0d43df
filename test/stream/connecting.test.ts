// Connecting, with every function that connects. If an attempt fails, all of them fail with the same error,
// and leave nothing behind.

import net, { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { getEventListeners, once } from 'node:events';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial, dialMessages, isUnstickError, lengthPrefixed } from '../../src/entries/main.ts';
import type { DialAddress } from '../../src/entries/main.ts';
import { connect } from '../../src/entries/peer.ts';
import { isConnectedToItself } from '../../src/self-connection.ts';
import { HELLO } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';
import { portOf } from '../support/sockets.ts';
import { rejection, until } from '../support/waiting.ts';
import { freePort } from '../support/free-port.ts';

/** The members of a connection that a test needs. */
interface Made {
  readonly closed: Promise<unknown>;
  destroy(): void;
}

type Verb = (address: DialAddress) => Promise<Made>;

const verbs: Readonly<Record<string, Verb>> = {
  dial: (address) => dial(lengthPrefixed(), address),
  dialMessages: (address) => dialMessages({ ...address }),
  connect: ({ connectTimeout, signal, ...where }) =>
    connect(where, { signal, timeout: connectTimeout }),
};

/** A server, and the sockets that it has now, without those that are gone. */
interface Server {
  readonly port: number;
  readonly sockets: Set<Socket>;
}

async function serverOf(
  onSocket: (socket: Socket) => void,
  tls: boolean | TlsOptions = false,
): Promise<Server> {
  const sockets = new Set<Socket>();
  const own = typeof tls === 'object' ? tls : {};
  const server =
    tls === false ? createServer(onSocket) : createTlsServer({ key, cert, ...own }, onSocket);
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: portOf(server), sockets };
}

/** Reads everything and sends nothing. */
const deaf = (socket: Socket): void => void socket.resume();

/** Sends a hello, for which a peer waits. The other kinds of client do not read these bytes here. */
const greets = (socket: Socket): void => {
  socket.on('error', () => undefined).resume();
  socket.write(HELLO);
};

interface Failure {
  /** Opens the target. The server, if there is one, must be rid of the socket afterwards. */
  readonly open: () => Promise<{ readonly to: DialAddress; readonly server?: Server }>;
  readonly error: object;
}

const failures: Readonly<Record<string, Failure>> = {
  'a refused port': {
    open: async () => ({ to: { port: await freePort() } }),
    error: {
      reason: 'ECONNREFUSED',
      hint: 'Is the server running?',
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    },
  },
  'a refused port of a name that has several addresses': {
    open: async () => ({ to: { port: await freePort(), host: 'localhost' } }),
    error: { reason: 'ECONNREFUSED', hint: 'Is the server running?' },
  },
  'a name that is not found': {
    open: async () => ({ to: { port: await freePort(), host: 'no.such.name.invalid' } }),
    error: { reason: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) },
  },
  'a path without a socket': {
    open: async () => ({ to: { path: '/nowhere/at/all' } }),
    error: { reason: 'ENOENT', remoteAddress: '/nowhere/at/all' },
  },
  'a certificate that no known authority signed': {
    open: async () => {
      const server = await serverOf(deaf, true);
      return { server, to: { port: server.port, tls: {} } };
    },
    error: {
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      message: expect.stringContaining('the certificate was not accepted'),
      hint: 'Give the authority that signed the certificate as tls.ca.',
    },
  },
  'a certificate for another name': {
    open: async () => {
      const server = await serverOf(deaf, true);
      const tls = { ca: cert, servername: 'other.example' };
      return { server, to: { port: server.port, tls } };
    },
    error: {
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
      hint: 'Use the name in the certificate as host.',
    },
  },
  'a server that does not speak TLS': {
    open: async () => {
      const server = await serverOf((socket) => void socket.end('220 welcome\r\n').resume());
      return { server, to: { port: server.port, tls: {} } };
    },
    error: { hint: 'Does the server speak TLS?' },
  },
  'a server that wants a certificate, over TLS 1.2': {
    open: async () => {
      const server = await serverOf(deaf, { ca: cert, requestCert: true, maxVersion: 'TLSv1.2' });
      return { server, to: { port: server.port, host: 'localhost', tls: { ca: cert } } };
    },
    error: {
      reason: expect.stringContaining('_ALERT_'),
      hint: expect.stringContaining('tls.key and tls.cert'),
    },
  },
  'a server that closes at once, instead of TLS': {
    open: async () => {
      const server = await serverOf((socket) => void socket.end().resume());
      return { server, to: { port: server.port, tls: {} } };
    },
    error: { reason: 'ECONNRESET' },
  },
  'a server that resets at once, instead of TLS': {
    open: async () => {
      const server = await serverOf((socket) => void socket.resetAndDestroy());
      return { server, to: { port: server.port, tls: {} } };
    },
    error: { reason: 'ECONNRESET' },
  },
  'a server that never answers TLS': {
    open: async () => {
      const server = await serverOf(deaf);
      return { server, to: { port: server.port, tls: {}, connectTimeout: 40 } };
    },
    error: { reason: 'timeout', limit: 40 },
  },
};

const ABORTED = {
  code: 'ERR_CONNECTION_CLOSED',
  reason: 'aborted',
  cause: expect.objectContaining({ message: 'enough' }),
};

describe.each(Object.entries(verbs))('%s', (_, verb) => {
  test.each(Object.entries(failures))('says why it cannot reach %s', async (_name, failure) => {
    const { to, server } = await failure.open();
    const error = await rejection(verb(to));
    const remoteAddress = to.path ?? `${to.host ?? '127.0.0.1'}:${to.port}`;
    expect(error).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECT',
      sent: false,
      remoteAddress,
      ...failure.error,
    });
    expect(isUnstickError(error) && error.message).toContain(`(remote ${remoteAddress})`);
    await until(() => (server?.sockets.size ?? 0) === 0, 'the socket is gone');
  });

  test('does not connect with a signal that has aborted', async () => {
    const server = await serverOf(greets);
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await rejection(verb({ port: server.port, signal }))).toMatchObject(ABORTED);
    expect(server.sockets.size).toBe(0);
  });

  test.each([
    ['connects', (_server: Server): boolean => true, undefined],
    ['waits for TLS', (server: Server): boolean => server.sockets.size === 1, {}],
  ])('is given up by its signal while it %s', async (_when, isTime, tls) => {
    const server = await serverOf(deaf);
    const controller = new AbortController();
    const { signal } = controller;
    const failing = rejection(verb({ port: server.port, tls, signal }));
    await until(() => isTime(server), 'it is time');
    controller.abort(new Error('enough'));
    expect(await failing).toMatchObject(ABORTED);
    await until(() => server.sockets.size === 0, 'the socket is gone');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test.each([
    ['TCP', false],
    ['TLS', true],
  ])('made a connection over %s that its signal ends', async (_transport, isTls) => {
    const server = await serverOf(greets, isTls);
    const tls = isTls ? { ca: cert } : undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const connection = await verb({ port: server.port, tls, signal });
    controller.abort(new Error('enough'));
    await connection.closed;
    await until(() => server.sockets.size === 0, 'the socket is gone');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test('a socket that the kernel connected to itself is told from one with a remote', async () => {
  const port = await freePort();
  // No process listens at this port. With its own port as the target, the socket connects to itself.
  const own = net.connect({ host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port });
  onTestFinished(() => void own.destroy());
  await once(own, 'connect');
  expect(isConnectedToItself(own)).toBe(true);
  const server = await serverOf(() => undefined);
  const other = net.connect({ host: '127.0.0.1', port: server.port });
  onTestFinished(() => void other.destroy());
  await once(other, 'connect');
  expect(isConnectedToItself(other)).toBe(false);
});
