// The course's programs in Python with ours, in every pair of client and server, and what only ours can do.

import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hasPython } from '../support/python.ts';
import { untold } from '../support/readme.ts';
import { onStage } from '../support/stage.ts';
import { askTogether } from './ask-together.ts';
import { servePython, startPythonClient } from './python.ts';
import { play } from './scene.ts';
import { answers, commandCodecs, md5 } from './wire.ts';

/** A command that prints 1.3 MB, which always arrive in many pieces. */
const LONG = 'seq 1 200000';
const longOutput = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('');

describe('classic', () => {
  test('plays its scene, and all of it holds, as its README says', async () => {
    const printed: string[] = [];
    const print = (line: string): void => void printed.push(line);
    expect(await onStage(import.meta.url, play, { print })).toBe(hasPython ? 8 : 2);
    // Without python3 the scene is shorter than the README says.
    expect(hasPython ? untold(import.meta.url, printed) : []).toEqual([]);
  });

  test.skipIf(!hasPython)('reads a long answer of Python’s server (needs python3)', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await servePython(stage);
      const client = stage.start('client.ts', ['--port', port], { quiet: true });
      client.type(`${LONG}\n${LONG}\nquit\n`);
      const { code, stdout } = await client.ended;
      expect(code).toBe(0);
      expect(stdout.slice(stdout.indexOf('\n') + 1)).toBe(longOutput + longOutput);
    }),
  );

  test.skipIf(!hasPython)('gives Python’s client a long answer (needs python3)', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      const client = startPythonClient(stage, port);
      client.type(`${LONG}\nquit\n`);
      const { code, stdout } = await client.ended;
      expect(code).toBe(0);
      expect(stdout).toContain(longOutput);
    }),
  );

  test('gives an answer of no bytes, also to a command of none', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve('server.ts', ['--commands', 'framed']);
      expect(await askTogether(port, 'framed', ['true', '', 'echo 半包'])).toEqual([
        '',
        '',
        '半包\n',
      ]);
    }));

  test('stops a command that prints more than it may', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      const server = framed(connect(port, '127.0.0.1'), {
        write: commandCodecs.bare,
        read: answers,
      });
      await server.send(Buffer.from('yes'));
      const answer = await server.receive();
      const body = answer?.body ?? new Uint8Array();
      expect(String(body.subarray(-40))).toContain('(stopped: too long, or too much output)');
      expect(body.length).toBeGreaterThanOrEqual(8 * 1024 * 1024);
      expect(answer?.header).toMatchObject({ md5: md5(body), total_size: body.length });
      await server.close();
    }));

  test('ends with no command left behind, also when its client has gone', () =>
    onStage(import.meta.url, async (stage) => {
      const { server, port } = await stage.serve();
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      const folder = await mkdtemp(join(tmpdir(), 'classic-'));
      try {
        const file = join(folder, 'fifo');
        // The shell command that the server runs opens the fifo for writing. When that shell command has ended,
        // `cat` sees the end of the fifo.
        await stage.command('mkfifo', [file]).ended;
        const held = stage.command('cat', [file]);
        socket.write(`(echo begun; sleep 600) > ${file}`);
        await held.line('begun');
        socket.destroy();
        server.child.kill('SIGTERM');
        expect(await server.ended).toMatchObject({ code: 0 });
        expect((await held.ended).code).toBe(0);
      } finally {
        await rm(folder, { recursive: true });
      }
    }));

  test('refuses wrong arguments, and says that nobody listens, in one line', () =>
    onStage(import.meta.url, async (stage) => {
      const { server, port } = await stage.serve();
      await server.end();
      const refused = await stage.start('client.ts', ['--port', port]).ended;
      expect(refused).toMatchObject({
        code: 1,
        stderr: `Connection refused: no program listens on 127.0.0.1:${port}.\n`,
      });
      const wrong = await stage.start('client.ts', ['--commands', 'json']).ended;
      expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('bare or framed') });
    }));
});
