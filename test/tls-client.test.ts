// The name that a certificate must have is the host of the server, or the name that the caller gives.
// Connections and the prover agree on it.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { lengthPrefixed } from '../src/codec/length-prefixed.ts';
import { SocketTarget } from '../src/prove/server/socket-target.ts';
import { resolveWhere } from '../src/prove/server/where.ts';
import type { Where } from '../src/prove/server/where.ts';
import { dial } from '../src/stream/dial.ts';
import { addressCert, addressKey, cert, key } from './support/self-signed.ts';

const codec = lengthPrefixed({ prefix: 'u32be' });

interface Asked {
  readonly place: { readonly host: string } | { readonly path: string };
  readonly port: number;
  readonly ca: string;
  readonly servername: string | undefined;
}

/** Each way to a server. Resolves to why there is no connection, or to nothing. */
const WAYS: Readonly<Record<string, (asked: Asked) => Promise<string | undefined>>> = {
  dial: async ({ place, port, ca, servername }) => {
    const where = 'path' in place ? place : { ...place, port };
    try {
      const connection = await dial(codec, { ...where, tls: { ca, servername } });
      connection.destroy();
      return undefined;
    } catch (error) {
      return String(error instanceof Error && error.cause);
    }
  },
  'the prover': async ({ place, port, ca, servername }) => {
    const to = 'path' in place ? `unix:${place.path}` : { ...place, port };
    const target = targetOf(resolveWhere({ to, tls: { ca, servername } }));
    const wire = await target.open();
    wire?.output.end();
    return wire === undefined ? target.problem : undefined;
  },
};

function targetOf(where: Where): SocketTarget {
  if (where.kind !== 'tcp' && where.kind !== 'unix') {
    throw new Error('no socket');
  }
  const target = new SocketTarget(where);
  onTestFinished(() => target.close());
  return target;
}

/** A server, and the names that its clients asked for; `false` for none. */
async function serverOf(
  options: tls.TlsOptions,
  where: ListenOptions,
): Promise<{ port: number; names: unknown[] }> {
  const names: unknown[] = [];
  const server = tls.createServer(options, (socket) => {
    names.push(socket.servername);
    socket.on('error', () => undefined).resume();
  });
  server.on('tlsClientError', () => undefined);
  onTestFinished(() => void server.close());
  await once(server.listen(where), 'listening');
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, names };
}

const BOTH = { key, cert }; // Names localhost and 127.0.0.1.
const ADDRESS = { key: addressKey, cert: addressCert }; // Names 127.0.0.1 alone.

/** A server that shows a certificate, and what is asked of it; `/` stands for a path. */
async function asking(
  host: string,
  servername: string | undefined,
  certificate: typeof BOTH,
): Promise<{ asked: Asked; names: unknown[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const place = host === '/' ? { path: join(folder, 'socket') } : { host };
  const { port, names } = await serverOf(
    certificate,
    'path' in place ? place : { ...place, port: 0 },
  );
  return { asked: { place, port, ca: certificate.cert, servername }, names };
}

describe.each(Object.entries(WAYS))('%s accepts a certificate', (_, open) => {
  test.each<[string, string, string | undefined, typeof BOTH, string | false]>([
    ['of the address', '127.0.0.1', undefined, ADDRESS, false],
    ['of the host', 'localhost', undefined, BOTH, 'localhost'],
    ['of another address that is wanted', 'localhost', '127.0.0.1', ADDRESS, false],
    ['of another name that is wanted', '127.0.0.1', 'localhost', BOTH, 'localhost'],
    ['of localhost for a path', '/', undefined, BOTH, 'localhost'],
    ['of an address that is wanted for a path', '/', '127.0.0.1', ADDRESS, false],
  ])('%s', async (__, host, servername, certificate, asksFor) => {
    const warn = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warn.mockRestore());
    const { asked, names } = await asking(host, servername, certificate);
    expect(await open(asked)).toBeUndefined();
    await expect.poll(() => names).toEqual([asksFor]);
    // Node warns of an address as a name to ask for.
    expect(warn).not.toHaveBeenCalled();
  });
});

describe.each(Object.entries(WAYS))('%s refuses a certificate', (_, open) => {
  test.each<[string, string, string | undefined, typeof BOTH]>([
    ['of another address', '::1', undefined, BOTH],
    ['without the host', 'localhost', undefined, ADDRESS],
    ['without the address that is wanted', '127.0.0.1', '127.0.0.2', BOTH],
    ['without the name that is wanted', '127.0.0.1', 'other.example', BOTH],
    ['without localhost, for a path', '/', undefined, ADDRESS],
    ['without the address that is wanted for a path', '/', '127.0.0.2', BOTH],
    ['without the name that is wanted for a path', '/', 'other.example', BOTH],
  ])('%s', async (__, host, servername, certificate) => {
    const { asked } = await asking(host, servername, certificate);
    expect(await open(asked)).toContain('Hostname/IP does not match');
  });
});

describe('the prover refuses, before it connects,', () => {
  test.each<[string, object, string]>([
    ['a key that is none', { cert, key: 'x' }, 'tls was refused'],
    ['a certificate that is none', { cert: 'x', key }, 'tls was refused'],
    ['a certificate that is a number', { cert: 1, key }, 'tls was refused'],
    ['an empty name', { servername: '' }, 'tls.servername must be'],
    ['a name that is a number', { servername: 1 }, 'tls.servername must be'],
  ])('%s', (_, reach, words) => {
    expect(() => resolveWhere({ to: ':9', tls: reach })).toThrow(words);
  });
});
