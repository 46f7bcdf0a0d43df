// A connection breaks, on either side, at any byte. Then no command is left running, no other connection is
// disturbed, and no shortened output is taken for a whole one.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chop } from '../../src/entries/testing.ts';
import { cert, key } from '../../test/support/self-signed.ts';
import { admitServer } from './both/handshake.ts';
import { finished, isAlive, Trial } from './testing/trial.ts';

const patient = new AbortController().signal;

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start();
});
afterAll(() => trial.end());

/** A new socket to the server. Its errors are ignored, because only the server's side matters. */
function dial(): net.Socket {
  return net.connect(trial.port, trial.state.host).on('error', () => undefined);
}

async function connected(): Promise<net.Socket> {
  const socket = dial();
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the socket has closed, for whatever reason. */
function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => void socket.resume().once('close', () => resolve()));
}

/** What a new client gets from `echo still here`: the server still works. */
async function served(): Promise<string> {
  const client = await trial.connect();
  const { stdin, stdout, ended } = client.start({ argv: ['echo', 'still here'] });
  stdin.end();
  const [line] = await Promise.all([text(stdout), ended]);
  client.destroy();
  return line;
}

function openFiles(): number {
  return readdirSync(`/proc/${trial.server.pid}/fd`).length;
}

/** A command that prints its process id and that of its child, ignores SIGTERM, and would stay. */
const stubborn = "trap '' TERM; sh -c 'echo $$ $PPID; exec sleep 600'; :";

async function pidsOf(output: NodeJS.ReadableStream): Promise<readonly number[]> {
  const [first] = (await once(output, 'data')) as [Buffer];
  const pids = first.toString().trim().split(' ').map(Number);
  expect(pids).toHaveLength(2);
  expect(pids.every(isAlive)).toBe(true);
  return pids;
}

describe('a client that is killed', () => {
  test('takes its command’s whole process group with it, what ignores SIGTERM, too', async () => {
    const child = trial.process(['exec', 'sh', '-c', stubborn]);
    const pids = await pidsOf(child.stdout ?? process.stdin);
    child.kill('SIGKILL');
    await expect.poll(() => pids.some(isAlive)).toBe(false);
    expect(await served()).toBe('still here\n');
  });

  test('leaves no file or process of the server’s behind, in the middle of an output', async () => {
    expect(await served()).toBe('still here\n');
    const before = openFiles();
    for (let round = 0; round < 3; round++) {
      const child = trial.process(['exec', 'yes']);
      await once(child.stdout ?? child, 'data');
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    await expect.poll(openFiles).toBeLessThanOrEqual(before);
    const exits = trial.audit.filter(({ event, gone }) => event === 'exit' && gone === true);
    expect(exits.length).toBeGreaterThanOrEqual(3);
  });
});

describe('a connection that is cut', () => {
  test.each(['rst', 'fin', 'half-close'])(
    'by %s in the middle of an output is an error with status 255, never 0',
    async (how) => {
      const own = await Trial.startWithTls({ cert, key });
      const proxy = await chop({
        listen: '127.0.0.1:0',
        to: { host: own.state.host, port: own.port },
        direction: 'to-client',
        faults: [`${how}@500000`],
      });
      const where = ['--port', String(proxy.port), '--tls-ca', own.ca];
      const { status, stdout, stderr } = await own.run([...where, 'exec', 'seq', '1', '2000000']);
      await proxy.close();
      await own.end();
      expect(status).toBe(255);
      expect(stderr).toMatch(/^shell: .+\n$/);
      expect(stdout.length).toBeGreaterThan(0);
      expect(stdout.length).toBeLessThan(500_000);
      expect(await served()).toBe('still here\n');
    },
  );
});

/** The lines of the audit log about clients that were refused for being too slow. */
function lateOnes(): unknown[] {
  return trial.audit.filter(({ reason }) => String(reason).includes('longer than 5000 ms'));
}

describe('a client that misbehaves', () => {
  test('says nothing, or too little, and is shut out after five seconds', async () => {
    const sockets = [await connected(), await connected()];
    const gone = sockets.map(closed);
    sockets[1]?.write(Buffer.alloc(3));
    await Promise.all(gone);
    await expect.poll(lateOnes).toHaveLength(sockets.length);
  });

  test('ends in the middle of a frame, after it was let in', async () => {
    for (const bytes of ['00', '000000ff7b22', '0000000a7b226b696e64', 'ffffffff']) {
      const socket = await connected();
      const admitted = await admitServer(socket, trial.state.token ?? '', patient);
      admitted.end(Buffer.from(bytes, 'hex'));
      await closed(socket);
    }
    expect(await served()).toBe('still here\n');
  });

  test('sends garbage, before and after it was let in', async () => {
    for (let round = 0; round < 50; round++) {
      const socket = await connected();
      const over = closed(socket);
      socket.write(randomBytes(200));
      await over;
    }
    for (let round = 0; round < 50; round++) {
      const socket = await connected();
      const admitted = await admitServer(socket, trial.state.token ?? '', patient);
      const over = closed(socket);
      admitted.write(randomBytes(200));
      // End the connection: if the garbage looks like the beginning of a frame, the server waits for the
      // rest.
      admitted.end();
      await over;
    }
    expect(await served()).toBe('still here\n');
  });

  test('asks for what is no order', async () => {
    const client = await trial.connect();
    for (const argv of [[], [''], ['a\0b']]) {
      const { ended } = client.start({ argv });
      await expect(ended).rejects.toMatchObject({ remoteCode: 'E_ORDER' });
    }
    client.destroy();
    expect(await served()).toBe('still here\n');
  });

  test('connects a thousand times and goes', async () => {
    const before = openFiles();
    for (let round = 0; round < 20; round++) {
      const sockets = Array.from({ length: 50 }, dial);
      const gone = sockets.map(closed);
      sockets.forEach((socket, i) => {
        // A third ends at once, a third with a reset when it is connected, a third after one byte.
        if (i % 3 === 0) {
          socket.destroy();
        } else if (i % 3 === 1) {
          socket.once('connect', () => socket.resetAndDestroy());
        } else {
          socket.once('connect', () => socket.end('x'));
        }
      });
      await Promise.all(gone);
    }
    expect(await served()).toBe('still here\n');
    await expect.poll(openFiles).toBeLessThanOrEqual(before + 1);
  });
});

describe('a server that ends', () => {
  test('ends its commands, and removes its state file', async () => {
    const own = await Trial.start();
    const client = own.process(['exec', 'sh', '-c', stubborn]);
    const ran = finished(client);
    const pids = await pidsOf(client.stdout ?? process.stdin);
    const file = join(own.runtime, 'unstick-shell', `server-${own.server.pid}.json`);
    expect(existsSync(file)).toBe(true);
    own.server.kill('SIGTERM');
    await once(own.server, 'close');
    expect(own.server.exitCode).toBe(0);
    expect(pids.some(isAlive)).toBe(false);
    expect(existsSync(file)).toBe(false);
    const { status, stderr } = await ran;
    expect(status).toBe(255);
    expect(stderr).toMatch(/^shell: .+\n$/);
    const events = own.audit.map(({ event }) => event);
    expect(events).toEqual(['listen', 'connect', 'exec', 'close', 'exit', 'disconnect']);
    await own.end();
  });
});

describe('a limit of the server', () => {
  test('ends the command and says so: of time, of output', async () => {
    const own = await Trial.start(['--time-limit', '3', '--output-limit', '100000']);
    const late = await own.run(['exec', 'sh', '-c', 'echo begun; sleep 60']);
    expect(late).toMatchObject({ status: 124, signal: null });
    expect(late.stdout.toString()).toBe('begun\n');
    const reason = "The server ended the command, which reached the server's time limit.";
    expect(late.stderr).toBe(`shell: ${reason}\n`);
    const long = await own.run(['exec', 'yes']);
    expect(long.status).toBe(124);
    expect(long.stdout).toHaveLength(100_000);
    expect(long.stderr).toContain('output limit');
    expect(own.audit.filter(({ event }) => event === 'exit')).toMatchObject([
      { limit: 'time' },
      { limit: 'output', stdoutLength: 100_000 },
    ]);
    await own.end();
  });
});
