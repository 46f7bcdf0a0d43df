// Wrong options of servers are refused when the server is made. The error names the value and its type.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { dial, lengthPrefixed, serve } from '../../src/entries/main.ts';
import { checkReusePort } from '../../src/stream/server-options.ts';
import { utf8 } from '../support/bytes.ts';
import { echo, start, warnings } from '../support/servers.ts';
import { portOf } from '../support/sockets.ts';
import { rejection, turns } from '../support/waiting.ts';

const codec = lengthPrefixed();
const refused = (words: string): unknown =>
  expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(words) });

describe('serve refuses', () => {
  test.each<[string, object, string]>([
    ['a port of text', { port: '9000' }, 'not the string "9000"'],
    ['a port that is too large', { port: 70_000 }, 'from 0 to 65535, not 70000'],
    ['a host that is no text', { host: 5 }, 'host must be text of at least one character, not 5'],
    ['an empty path', { path: '' }, 'path must be text of at least one character'],
    ['path and port', { path: '/x', port: 1 }, 'unix socket has neither'],
    ['path and host', { path: '/x', host: '::' }, 'unix socket has neither'],
    ['a misspelt option', { hostname: '::' }, 'hostname'],
    ['a misspelt limit', { maxConections: 5 }, 'maxConections'],
    ['an option of dial', { connectTimeout: 5 }, 'connectTimeout'],
    ['a limit below 0', { maxConnections: -1 }, 'maxConnections'],
    ['a limit of text', { maxConnections: '5' }, 'not the string "5"'],
    ['no signal', { signal: true }, 'AbortSignal'],
    ['onError that is none', { onError: 'log' }, 'onError must be a function'],
    ['a negative time', { idleTimeout: -1 }, 'idleTimeout'],
    ['frameTimeout 0', { frameTimeout: 0 }, 'Infinity'],
    ['sendTimeout 0', { sendTimeout: 0 }, 'Infinity'],
    ['listen of text', { listen: 'yes' }, 'listen must be true or false'],
    ['a port where it does not listen', { listen: false, port: 1 }, 'listen: false'],
    ['reusePort of text', { reusePort: 'yes' }, 'reusePort must be true or false'],
    ['reusePort of a unix socket', { reusePort: true, path: '/x' }, 'no port to share'],
  ])('%s', (_, options, words) => {
    expect(() => serve(codec, echo, options)).toThrow(refused(words));
  });

  test.each<[string, unknown[], string]>([
    ['a port first', [9000, echo], 'codec'],
    ['no codec', [echo], 'codec'],
    ['no handler', [codec, { port: 0 }], 'handler must be a function'],
    ['a port last', [codec, echo, 9000], 'options object, not 9000'],
    ['null as options', [codec, echo, null], 'options object, not null'],
  ])('%s', (_, call, words) => {
    expect(() => Reflect.apply(serve, undefined, call)).toThrow(refused(words));
  });

  test('options of close that it does not have', async () => {
    const server = await start();
    for (const options of [{ grace: 5 }, { within: '5' }, { within: -1 }, null]) {
      const close: (...given: unknown[]) => Promise<void> = (...given) =>
        Reflect.apply(Reflect.get(server, 'close'), server, given);
      expect(await rejection(close(options))).toMatchObject({ code: 'ERR_OPTION' });
    }
    expect(server.server.listening).toBe(true);
  });
});

test.each(['20.20.2', '22.11.0', '23.0.0'])('reusePort is refused on Node %s', (version) => {
  expect(() => checkReusePort(version)).toThrow(refused('node:cluster'));
});

test.each(['22.12.0', '23.1.0', '24.0.0'])('reusePort is taken on Node %s', (version) => {
  expect(() => checkReusePort(version)).not.toThrow();
});

test('a server tells its address', async () => {
  const server = await start(echo, { host: '127.0.0.1' });
  expect(server.address).toBe(`127.0.0.1:${server.port}`);
  expect(server.port).toBe(portOf(server.server));
});

describe('a server that cannot listen', () => {
  test('rejects ready with an error that names the address and the reason', async () => {
    const first = await start();
    const second = serve(codec, echo, { port: first.port });
    expect(await rejection(second.ready)).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_LISTEN',
      reason: 'EADDRINUSE',
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${first.port}: EADDRINUSE.`),
    });
    await second.close();
  });

  test('tells onError, and then nothing is unhandled', async () => {
    const seen = warnings();
    const told: unknown[] = [];
    const first = await start();
    const onError = (error: unknown): void => void told.push(error);
    const second = serve(codec, echo, { port: first.port, onError });
    await second.close();
    await turns(5);
    expect(told).toEqual([expect.objectContaining({ code: 'ERR_LISTEN' })]);
    expect(seen).toEqual([]);
  });

  // As with a net.Server, a process that cannot listen must not end silently with exit code 0.
  test('ends the process where nobody handles it', async () => {
    const program = `
      import { createServer } from 'node:net';
      import { lengthPrefixed, serve } from './src/entries/main.ts';
      const taken = createServer().listen(0, '127.0.0.1', () => {
        serve(lengthPrefixed(), () => {}, { port: taken.address().port });
        setTimeout(() => taken.close(), 300);
      });
    `;
    const root = join(import.meta.dirname, '../..');
    const flags = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const run = promisify(execFile)(process.execPath, flags, { cwd: root });
    expect(await rejection(run)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('EADDRINUSE'),
    });
  });
});

test('onError that fails, now or later, is a warning', async () => {
  const seen = warnings();
  const server = await start(
    async (connection) => {
      await connection.receive();
      throw new Error('bug');
    },
    { onError: () => Promise.reject(new Error('no log')) },
  );
  const connection = await dial(codec, { port: server.port });
  await connection.send(utf8('a'));
  await connection.receive().catch(() => undefined);
  await turns(5);
  expect(seen.map(({ message }) => message)).toEqual(['no log']);
});
