// Strangers who keep their connections, and reconnect when dropped, cannot keep the owner of the token out.

import net from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { MAX_STRANGERS, Strangers } from './server/strangers.ts';
import { Trial } from './testing/trial.ts';

test('the owner gets in while 160 strangers say nothing and come again', async () => {
  const trial = await Trial.start(['--max-connections', '4']);
  const held = new Set<net.Socket>();
  let isOver = false;
  const come = (): void => {
    if (isOver) {
      return;
    }
    const socket = net.connect(trial.port, '127.0.0.1').on('error', () => undefined);
    held.add(socket);
    socket.once('close', () => {
      held.delete(socket);
      setTimeout(come, 20);
    });
  };
  Array.from({ length: 160 }, come);
  await expect.poll(() => held.size).toBeGreaterThan(MAX_STRANGERS);
  for (let round = 0; round < 10; round++) {
    // Again if it must be: on a busy machine all the strangers may knock between two steps of this handshake.
    const client = await vi.waitFor(() => trial.connect(), { timeout: 60_000, interval: 20 });
    const { stdin, stdout, ended } = client.start({ argv: ['true'] });
    stdin.end();
    stdout.resume();
    expect(await ended).toEqual({ code: 0, signal: null });
    await trial.disconnect();
  }
  isOver = true;
  held.forEach((socket) => socket.destroy());
  const refused = trial.audit.filter(({ event }) => event === 'refuse');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ client }) => /^127\.0\.0\.1:\d+$/.test(String(client)))).toBe(true);
  await trial.end();
});

test('a full house drops the oldest stranger', () => {
  const strangers = new Strangers(2);
  const [first, second, third] = Array.from({ length: 3 }, () => new Duplex());
  const { signal } = new AbortController();
  const leave = [first, second, third].map((one) => one && strangers.enter(one, signal));
  expect([first, second, third].map((one) => one?.destroyed)).toEqual([true, false, false]);
  expect(strangers.count).toBe(2);
  leave.forEach((go) => go?.());
  expect(strangers.count).toBe(0);
});
