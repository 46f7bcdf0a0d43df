// How the endings of a server look to a client in Python, which asks the kernel and nobody else.

import { describe, expect, onTestFinished, test } from 'vitest';
import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, ServeOptions } from '../../src/entries/main.ts';
import { cert, key } from '../support/self-signed.ts';
import { python, runPython } from './support/python.ts';

type Frames = Connection<Uint8Array, Uint8Array>;

const HI = '000000026869';
const NOTHING = Buffer.alloc(0);
const HTTP = Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex');

async function echo(connection: Frames): Promise<void> {
  for await (const frame of connection) {
    await connection.send(frame);
  }
}

const ENDINGS: readonly [string, (c: Frames) => unknown, ServeOptions, string, string][] = [
  ['returns', async (c) => c.send((await c.receive()) ?? NOTHING), {}, HI, `FIN ${HI}`],
  [
    'throws after an answer',
    async (c) => {
      await c.send((await c.receive()) ?? NOTHING);
      await c.receive({ timeout: 100 });
    },
    {},
    HI,
    `RST ${HI}`,
  ],
  ['meets garbage behind a request', echo, {}, HI + HTTP, `RST ${HI}`],
  ['meets garbage', echo, {}, HTTP, 'RST'],
  ['meets a stall', echo, { frameTimeout: 1000 }, `${HI}0000`, `RST ${HI}`],
  // Python connects first and speaks then: a busy machine may stop it in between.
  ['is idle', echo, { idleTimeout: 1000 }, HI, `RST ${HI}`],
];

describe.skipIf(python === undefined)('a client in Python (needs python3)', () => {
  describe.each(['plain', 'tls'])('%s', (transport) => {
    test.each(ENDINGS)('sees how a server ends that %s', async (_, handler, given, sent, seen) => {
      const options = transport === 'tls' ? { ...given, tls: { key, cert } } : given;
      const server = serve(lengthPrefixed(), handler, { onError: () => undefined, ...options });
      onTestFinished(() => server.close({ within: 0 }));
      await server.ready;
      // Over TLS Python tells a reset as an end that lacks the close_notify of TLS.
      const expected = transport === 'tls' ? seen.replace('RST', 'TORN') : seen;
      const printed = await runPython('ending_client', String(server.port), transport, sent);
      expect(printed).toBe(expected);
    });
  });

  test('is refused with a reset', async () => {
    const server = serve(lengthPrefixed(), echo, { maxConnections: 0 });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    expect(await runPython('ending_client', String(server.port), 'plain', '')).toBe('RST');
  });

  test('that takes nothing for longer than sendTimeout is reset', async () => {
    const server = serve(
      lengthPrefixed(),
      async (connection) => {
        for (;;) {
          await connection.send(Buffer.alloc(60_000));
        }
      },
      { sendTimeout: 100 },
    );
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    const seen = await runPython('ending_client', String(server.port), 'plain', '', '4096');
    expect(seen).toMatch(/^RST/);
  });
});
