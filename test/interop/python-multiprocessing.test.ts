// Python's multiprocessing.connection, in both roles: bytes, and pickled objects of its own.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import { echoed, echoServer, firstDifference, framesUpTo } from './support/echoing.ts';
import { foreignServer } from './support/foreign-process.ts';
import { python, pythonServer, runPython } from './support/python.ts';

const codec = framing('pythonMultiprocessing');

describe.skipIf(python === undefined)('multiprocessing.connection (needs python3)', () => {
  const server = foreignServer(({ port }) =>
    pythonServer('multiprocessing_echo', 'server', `${port}`),
  );

  test('sends back every frame', async () => {
    const sent = framesUpTo(2_000_000);
    const back = await echoed(connect(server.port, '127.0.0.1'), codec, sent);
    expect(firstDifference(sent, back)).toBe(-1);
  });

  test('gets back every object of its own', async () => {
    const port = await echoServer(codec);
    expect(await runPython('multiprocessing_echo', 'client', `${port}`)).toBe('1006');
  });
});
