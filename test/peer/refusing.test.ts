// A stranger that `admit` refuses in words: the words arrive, and what `admit` throws is the reason that is
// reported, however the stranger takes them.

import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { connect } from '../../src/entries/peer.ts';
import type { Admit } from '../../src/entries/peer.ts';
import { utf8 } from '../support/bytes.ts';
import { startPeers } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';
import { rejection, until } from '../support/waiting.ts';

const REFUSAL = new Error('another token');

type Line = ReturnType<typeof framed>;

/** How a server ends behind its words. */
const endings: Record<string, (line: Line) => Promise<void>> = {
  'close()': (line) => line.close(),
  'close({ within })': (line) => line.close({ within: 30 }),
  'end()': (line) => line.end(),
};

/** What a client does when it has read the words. */
const manners: Record<string, (line: Line, duplex: Duplex) => unknown> = {
  throws: () => undefined,
  closes: (line) => line.close(),
  resets: (line) => line.destroy(),
  'reads on': (line) => line.receive().catch(() => undefined),
};

const table = Object.keys(endings).flatMap((ending) =>
  Object.keys(manners).flatMap((manner) =>
    ['TCP', 'TLS'].map((transport) => ({ ending, manner, transport })),
  ),
);

function refusing(end: ((line: Line) => Promise<void>) | undefined): Admit {
  return async (duplex, signal) => {
    const line = framed(duplex, undefined, { signal });
    await line.receive();
    await line.send(utf8('another token, please'));
    await end?.(line);
    throw REFUSAL;
  };
}

describe('admit that refuses in words', () => {
  test.each(table)(
    'over $transport, and ends with $ending, is heard by a client that $manner',
    async ({ ending, manner, transport }) => {
      const tls = transport === 'TLS';
      const server = await startPeers(() => undefined, {
        admit: refusing(endings[ending]),
        ...(tls ? { tls: { key, cert } } : {}),
      });
      const words: string[] = [];
      const admit: Admit = async (duplex) => {
        const line = framed(duplex);
        await line.send(utf8('my token'));
        words.push(String(await line.receive()));
        await manners[manner]?.(line, duplex);
        throw new Error('refused in words');
      };
      const where = { port: server.port, ...(tls ? { tls: { ca: cert } } : {}) };
      await rejection(connect(where, { admit, retry: {} }));
      expect(words).toEqual(['another token, please']);
      await until(() => server.errors.length > 0, 'the server heard of it');
      expect(server.errors).toEqual([REFUSAL]);
      expect(server.peers.size).toBe(0);
    },
  );

  test('and then goes on for ever is given up in time', async () => {
    const server = await startPeers(() => undefined, {
      admitTimeout: 60,
      admit: (duplex) => {
        duplex.resume().end('no');
        return new Promise(() => undefined);
      },
    });
    await rejection(connect({ port: server.port }));
    await until(() => server.errors.length > 0, 'the server gave up');
    expect(server.errors).toMatchObject([{ code: 'ERR_TIMEOUT', limit: 60 }]);
  });

  test('and then gives the duplex back after all makes no peer', async () => {
    const server = await startPeers(() => undefined, {
      admit: async (duplex) => {
        await framed(duplex).close({ within: 30 });
        return duplex;
      },
    });
    await rejection(connect({ port: server.port }));
    await until(() => server.errors.length > 0, 'the server heard of it');
    expect(server.errors).toMatchObject([{ code: 'ERR_CONNECTION_LOST' }]);
    expect(server.peers.size).toBe(0);
  });
});
