// Erlang's {packet, 1 | 2 | 4}: gen_tcp frames, in both roles.

import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formats, lengthPrefixed } from '../../src/entries/main.ts';
import { echoed, echoServer, firstDifference, framesUpTo } from './support/echoing.ts';
import { foreignServer } from './support/foreign-process.ts';
import { findProgram } from './support/software.ts';

const escript = findProgram('escript');
const program = fileURLToPath(new URL('programs/echo.escript', import.meta.url));
const timeout = 60_000;

const kinds = [
  { packet: 1, limit: 255, codec: lengthPrefixed(formats.erlangPacket1), frames: '1003' },
  { packet: 2, limit: 65_535, codec: lengthPrefixed(formats.erlangPacket2), frames: '1005' },
  { packet: 4, limit: 2_000_000, codec: lengthPrefixed(formats.erlangPacket4), frames: '1007' },
] as const;

describe.skipIf(escript === undefined)('Erlang (needs erlang-base)', () => {
  describe.each(kinds)('{packet, $packet}', ({ packet, limit, codec, frames }) => {
    const server = foreignServer(({ port, folder }) => ({
      file: escript ?? '',
      args: [program, 'server', `${port}`, `${packet}`],
      env: { HOME: folder },
    }));

    test('sends back every frame', async () => {
      const sent = framesUpTo(limit);
      const back = await echoed(connect(server.port, '127.0.0.1'), codec, sent);
      expect(firstDifference(sent, back)).toBe(-1);
    });

    test('gets back every frame of its own', async () => {
      const port = await echoServer(codec);
      const args = [program, 'client', `${port}`, `${packet}`, `${limit}`];
      const { stdout } = await promisify(execFile)(escript ?? '', args, { timeout });
      expect(stdout.trim()).toBe(frames);
    });
  });
});
