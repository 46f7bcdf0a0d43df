// Commands on a terminal of the server (-t). Most tests need node-pty, installed here or in NODE_PATH:
//     npm i --prefix /tmp/pty node-pty@1.1.0
//     NODE_PATH=/tmp/pty/node_modules npx vitest run --project examples examples/remote-shell/terminal

import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finished, isAlive, Trial } from './testing/trial.ts';

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('node-pty');
    return true;
  } catch {
    return false;
  }
}

const hasNodePty = isInstalled();

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start();
});
afterAll(() => trial.end());

/** Reads until the output contains `wanted`. */
async function readUntil(output: Readable, wanted: string): Promise<string> {
  let seen = '';
  while (!seen.includes(wanted)) {
    seen += String((await once(output, 'data'))[0]);
  }
  return seen;
}

describe('-t without node-pty', () => {
  test('says what is missing, with status 126', async () => {
    // NODE_PATH might lead to an installed node-pty.
    const without = await Trial.start([], { NODE_PATH: '' });
    const { status, stderr } = await without.run(['-t', 'exec', 'tty']);
    expect(stderr).toMatch(/^shell: The server cannot give a terminal: node-pty is not installed/);
    expect(status).toBe(126);
    await without.end();
  });
});

describe.skipIf(!hasNodePty)('-t (skipped where node-pty is not installed)', () => {
  test('gives the command a terminal, and its status comes back', async () => {
    const { status, stdout } = await trial.run(['-t', 'exec', 'sh', '-c', 'tty; exit 5']);
    expect(stdout.toString()).toMatch(/^\/dev\/pts\/\d+\r\n$/);
    expect(status).toBe(5);
  });

  test('gives the window’s size, and follows it', async () => {
    const client = await trial.connect();
    const argv = ['sh', '-c', 'stty size; read line; stty size; read line'];
    const command = client.start({
      argv,
      env: { TERM: 'xterm' },
      terminal: { columns: 100, rows: 30 },
    });
    const { stdin, stdout, ended } = command;
    await readUntil(stdout, '30 100\r\n');
    command.resize({ columns: 77, rows: 11 });
    stdin.write('\n');
    await readUntil(stdout, '11 77\r\n');
    stdin.write('\n');
    expect(await ended).toEqual({ code: 0, signal: null });
    client.destroy();
  });

  test('takes Ctrl-C as a key of the terminal, and reports the signal', async () => {
    const client = await trial.connect();
    const { stdin, stdout, ended } = client.start({
      argv: ['sh', '-c', 'echo ready; exec sleep 60'],
      terminal: { columns: 80, rows: 24 },
    });
    await readUntil(stdout, 'ready');
    stdin.write(Buffer.from([3]));
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' });
    client.destroy();
  });

  test('gives megabytes whole to a reader that reads', async () => {
    const { stdout, status } = await trial.run(['-t', 'exec', 'seq', '1', '300000']);
    // The terminal shows the key that ends the input as ^D, at any place of the output.
    const shown = stdout.toString().replace('^D\b\b', '');
    const numbers = Array.from({ length: 300_000 }, (_, i) => `${i + 1}\r\n`).join('');
    expect(shown.length).toBe(numbers.length);
    expect(shown === numbers).toBe(true);
    expect(status).toBe(0);
  });

  test('ends with its client', async () => {
    const child = trial.process(['-t', 'exec', 'sh', '-c', 'echo $$; exec sleep 600']);
    const over = finished(child);
    const [first] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    expect(isAlive(Number(first))).toBe(true);
    child.kill('SIGKILL');
    await over;
    await expect.poll(() => isAlive(Number(first))).toBe(false);
  });
});
