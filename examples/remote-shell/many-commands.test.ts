// Many commands on one connection. Each has its own bytes, its own pace and its own ending.

import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RemoteError } from '../../src/entries/peer.ts';
import { runHere } from './client/run-here.ts';
import type { ShellClient } from './client/shell-client.ts';
import { Trial } from './testing/trial.ts';

let trial: Trial;
let client: ShellClient;
beforeAll(async () => {
  trial = await Trial.start();
  client = await trial.connect();
});
afterAll(() => trial.end());

describe('the order of what comes', () => {
  test('is kept within each output, and the ending comes after the last byte, 50 times of 50', async () => {
    const script = 'i=0; while [ $i -lt 200 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done; exit 9';
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    for (let round = 0; round < 50; round++) {
      const { stdin, stdout, stderr, ended } = client.start({ argv: ['sh', '-c', script] });
      stdin.end();
      // Await the ending first, and read the outputs later: they are still complete.
      expect(await ended).toEqual({ code: 9, signal: null });
      expect(await text(stdout)).toBe(numbers.map((i) => `o${i}\n`).join(''));
      expect(await text(stderr)).toBe(numbers.map((i) => `e${i}\n`).join(''));
    }
  });
});

describe('several commands on one connection', () => {
  test('run at once, and one whose reader pauses does not delay the others', async () => {
    const paused = client.start({ argv: ['head', '-c', '20000000', '/dev/zero'] });
    paused.stdin.end();
    const many = Array.from({ length: 8 }, async (_, i) => {
      const { stdin, stdout, ended } = client.start({ argv: ['seq', '1', String(i * 20_000)] });
      stdin.end();
      const [lines] = await Promise.all([text(stdout), ended]);
      return lines.split('\n').length - 1;
    });
    expect(await Promise.all(many)).toEqual(Array.from({ length: 8 }, (_, i) => i * 20_000));
    // The paused output is read only now, and it is whole.
    let length = 0;
    for await (const piece of paused.stdout) {
      length += (piece as Buffer).length;
    }
    expect(length).toBe(20_000_000);
    expect((await paused.ended).code).toBe(0);
  });

  test('are refused beyond the limit, and those that run go on', async () => {
    const cats = Array.from({ length: 16 }, () => client.start({ argv: ['cat'] }));
    const echoes = cats.map(async ({ stdin, stdout }, i) => {
      stdin.write(`${i}`);
      return String((await once(stdout, 'data'))[0]);
    });
    expect(await Promise.all(echoes)).toEqual(cats.map((_, i) => `${i}`));
    const refused = client.start({ argv: ['true'] });
    await expect(refused.ended).rejects.toMatchObject({ remoteCode: 'E_BUSY' });
    for (const { stdin, stdout } of cats) {
      stdin.end();
      stdout.resume();
    }
    expect(await Promise.all(cats.map(({ ended }) => ended))).toEqual(
      cats.map(() => ({ code: 0, signal: null })),
    );
  });
});

/** How one more command ends, or `busy`. */
async function again(): Promise<unknown> {
  const { stdin, stdout, ended } = client.start({ argv: ['true'] });
  stdin.end();
  stdout.resume();
  return ended.catch(() => 'busy');
}

describe('one connection', () => {
  test('runs thousands of commands, also where nobody ends their input', async () => {
    let next = 0;
    const endings = new Map<string, number>();
    const worker = async (): Promise<void> => {
      while (next < 2000) {
        const number = next++;
        const { stdin, stdout, ended } = client.start({ argv: ['echo', `${number}`] });
        if (number % 3 === 0) {
          stdin.end('an input that echo does not read');
        }
        const [line, { code }] = await Promise.all([text(stdout), ended]);
        const kind = line === `${number}\n` ? `status ${code}` : 'another output';
        endings.set(kind, (endings.get(kind) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    expect([...endings]).toEqual([['status 0', 2000]]);
  }, 240_000);

  test('says what is wrong to a client with 400 commands at once, and goes on', async () => {
    const many = Array.from({ length: 400 }, () => client.start({ argv: ['sleep', '60'] }));
    const refused = await Promise.all(
      many.map(({ ended }, at) =>
        at < 16
          ? Promise.resolve('E_BUSY')
          : ended.then(String, (error: RemoteError) => error.remoteCode),
      ),
    );
    expect(new Set(refused)).toEqual(new Set(['E_BUSY']));
    many.forEach((command) => command.abandon());
    await Promise.allSettled(many.map(({ ended }) => ended));
    await expect.poll(again).toEqual({ code: 0, signal: null });
  });
});

describe('a signal', () => {
  test('reaches a command however early it comes', async () => {
    for (let round = 0; round < 20; round++) {
      const command = client.start({ argv: ['sleep', '60'] });
      command.signal('SIGINT');
      expect(await command.ended).toEqual({ code: null, signal: 'SIGINT' });
    }
  });
});

test('commands leave no listener on the streams and signals of the client', async () => {
  const pieces: Buffer[] = [];
  const write = (piece: Buffer, _: unknown, done: () => void): void => {
    pieces.push(piece);
    setImmediate(done);
  };
  const [stdout, stderr] = [new Writable({ write }), new Writable({ write })];
  const signals = new EventEmitter();
  for (let round = 0; round < 20; round++) {
    const here = { stdin: undefined, stdout, stderr, signals };
    expect(await runHere(client, { argv: ['echo', `${round}`] }, here)).toBe(0);
  }
  expect(String(Buffer.concat(pieces))).toBe(
    Array.from({ length: 20 }, (_, i) => `${i}\n`).join(''),
  );
  const left = [stdout, stderr, signals].flatMap((from) =>
    from.eventNames().map((name) => [name, from.listenerCount(name)]),
  );
  expect(left).toEqual([]);
});
