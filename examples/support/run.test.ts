// npm run example as users run it: with a name, without, with a wrong name, with a terminal and without.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';
import type { StartedProgram } from './stage.ts';

const examples = new URL('..', import.meta.url);
const names = readdirSync(examples).filter((name) =>
  existsSync(new URL(`${name}/scene.ts`, examples)),
);
/** Whether there is the program `script`, which gives another program a terminal. */
const hasScript = spawnSync('script', ['--version']).status === 0;

function isRunning({ child }: StartedProgram): boolean {
  return child.exitCode === null && child.signalCode === null;
}

describe('npm run example', () => {
  test('lists the examples', () =>
    onStage(import.meta.url, async (stage) => {
      const { code, stdout } = await stage.start('../run.ts').ended;
      expect(code).toBe(0);
      expect(names.length).toBeGreaterThan(4);
      for (const name of names) {
        expect(stdout).toContain(`  ${name}\n`);
      }
    }));

  test('refuses a name that it does not know, with those that it does, exit code 2', () =>
    onStage(import.meta.url, async (stage) => {
      for (const name of ['nope', 'support', '../test', '']) {
        const { code, stderr } = await stage.start('../run.ts', [name]).ended;
        expect(stderr).toContain(`There is no example "${name}".`);
        expect(stderr).toContain('echo');
        expect(code).toBe(2);
      }
    }));

  test('plays a scene without a terminal, and prints its claims', () =>
    onStage(import.meta.url, async (stage) => {
      const run = stage.start('../run.ts', ['gbk']);
      run.endInput();
      const { code, stdout } = await run.ended;
      expect(stdout).toContain('✔');
      expect(stdout).not.toContain('✘');
      expect(code).toBe(0);
    }));

  test.skipIf(!hasScript)('starts server and client in a terminal (needs script)', () =>
    onStage(import.meta.url, async (stage) => {
      const command = `${process.execPath} --import tsx ../run.ts echo`;
      const run = stage.command('script', ['-qec', command, '/dev/null']);
      await run.line('listening on');
      await run.line('connected');
      run.type('hello\n');
      await run.line('HELLO');
      run.type('bye\n');
      const { code, stdout } = await run.ended;
      expect(stdout).toContain('client 1 said bye');
      expect(code).toBe(0);
    }),
  );

  test.skipIf(!hasScript)('ends as a shell has it on Ctrl-C in a terminal (needs script)', () =>
    onStage(import.meta.url, async (stage) => {
      const command = `${process.execPath} --import tsx ../run.ts gbk`;
      const run = stage.command('script', ['-qec', command, '/dev/null']);
      await run.line('connected');
      run.type('\u0003');
      expect((await run.ended).code).toBe(130);
    }),
  );
});

describe('a program', () => {
  test('ends in silence when nobody reads what it prints', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve('../gbk/naive-server.ts');
      const client = `${process.execPath} --import tsx ../gbk/naive-client.ts --port ${port} --recv 1`;
      const { code, stderr } = await stage.command('sh', ['-c', `${client} | :`]).ended;
      expect([code, stderr]).toEqual([0, '']);
    }));
});

describe('a program of a scene', () => {
  test('ends when the process that tells it is killed', () =>
    onStage(import.meta.url, async (stage) => {
      const run = stage.start('../run.ts', ['echo']);
      const [, port] = await run.line(/listening on .*:(\d+)/);
      const socket = connect(Number(port), '127.0.0.1').resume();
      socket.on('error', () => undefined); // A reset is fine, too: the server has ended.
      await once(socket, 'connect');
      const gone = once(socket, 'close');
      run.child.kill('SIGKILL');
      await gone;
      expect(isRunning(run)).toBe(false);
    }));
});

describe('a stage', () => {
  test('ends its programs when the scene fails, also one that ignores SIGTERM', async () => {
    const started: StartedProgram[] = [];
    const scene = onStage(import.meta.url, async (stage) => {
      const args = ['-c', 'trap "" TERM; echo deaf; sleep 60'];
      started.push(stage.command('sh', args), stage.command('cat'));
      await started[0]?.line('deaf');
      throw new Error('as it happens');
    });
    await expect(scene).rejects.toThrow('as it happens');
    expect(started.map(isRunning)).toEqual([false, false]);
  });

  test('fails when a claim does not hold', async () => {
    const scene = onStage(import.meta.url, async (stage) => {
      stage.check('so it is', true);
      stage.check('so it is not', false, '1');
    });
    await expect(scene).rejects.toThrow('Not as claimed: so it is not: 1');
  });

  test('says what a program printed when it did not print what was expected', () =>
    onStage(import.meta.url, async (stage) => {
      const echo = stage.command('sh', [
        '-c',
        'printf "half a li"; printf "ne\\nrest"; echo oh >&2',
      ]);
      expect((await echo.line(/half.*/))[0]).toBe('half a line');
      expect((await echo.line('rest'))[0]).toBe('rest');
      await expect(echo.line('more')).rejects.toThrow(
        /ended and has not printed .*more[^]*half[^]*oh/,
      );
      await expect(stage.command('there-is-no-such-command').ended).rejects.toThrow('ENOENT');
    }));
});
