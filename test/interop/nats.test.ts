// nats-server: a greeting that is new each time, and payloads by length between lines.

import { describe, expect, test } from 'vitest';
import { foreignServer } from './support/foreign-process.ts';
import { verdictOn } from './support/innocent.ts';
import { findProgram } from './support/software.ts';

const nats = findProgram('nats-server');

const send = [
  'CONNECT {"verbose":true,"pedantic":false}\r\n',
  'SUB frames 1\r\n',
  'PUB frames 8\r\n粘包\r\n\r\n',
  'PUB frames 0\r\n\r\n',
  'UNSUB 1\r\n',
  'PING\r\n',
].map((line) => Buffer.from(line));
/** The server describes itself and the client before it has read a byte. */
const normalize = /^INFO .*\r\n/m;

describe.skipIf(nats === undefined)('NATS (needs nats-server)', () => {
  const server = foreignServer(({ port }) => ({
    file: nats ?? '',
    args: ['-a', '127.0.0.1', '-p', `${port}`],
  }));

  test('answers the same however its protocol is cut', async () => {
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('nats', undefined, { to, send, normalize })).toBe('SAFE');
  });

  test('is not accused when its greeting is not left out', async () => {
    const to = `127.0.0.1:${server.port}`;
    expect(await verdictOn('nats, with its greeting', undefined, { to, send })).toMatch(
      /^INCONCLUSIVE: .*not deterministic/,
    );
  });
});
