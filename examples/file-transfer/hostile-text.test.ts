// Text of an attacker in the server's log and in what the client prints: names on the disk, paths, reasons of
// resets, and the refusal of a server that has not proven itself yet.

import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Peer } from '../../src/entries/peer.ts';
import { framed, messages } from '../../src/entries/main.ts';
import {
  expectHarmless,
  HOSTILE,
  HOSTILE_MEGABYTE,
  HOSTILE_TEXTS,
} from '../../test/support/hostile-text.ts';
import { ask, beginPut, World } from './testing/world.ts';

let world: World;
let peer: Peer;
beforeAll(async () => {
  world = await World.open();
  peer = await world.peer('alice');
});
afterAll(() => world.end());

const texts = Object.entries(HOSTILE_TEXTS).map(([name, text], n) => ({ name, text, n }));

test.each(texts)(
  'the log shows $name as text: in a path, and in the reason of a reset',
  async ({ text, n }) => {
    await expect(ask(peer, 'stat', { path: `a${text}b` })).rejects.toMatchObject({
      name: 'RemoteError',
    });
    await world.log(/stat "a.*b" refused: "/);
    // Use another name each time, because the server would ask about a part that was kept.
    const [, channel] = await beginPut(peer, `x${n}`, 1000);
    channel.on('error', () => undefined).write('abc');
    channel.reset(`${text} END`);
    await world.log(new RegExp(`put /x${n} broke off at .*END`));
    expectHarmless(world.server?.stdout ?? '');
    expectHarmless(world.server?.stderr ?? '');
  },
);

test('the client lists names that others put on the disk, as text', async () => {
  const name = HOSTILE.slice(0, 60).replaceAll('/', '');
  writeFileSync(world.home(name), 'x');
  const { stdout, stderr, code } = await world.run('ls');
  expect(code).toBe(0);
  expect(stdout).toContain('HOSTILE');
  expectHarmless(stdout);
  expectHarmless(stderr);
});

test.each([
  ['hostile text', HOSTILE],
  ['as much as fits', HOSTILE_MEGABYTE.slice(0, 700)],
])('a server that has proven nothing is quoted: %s', async (_, message) => {
  const rogue = async (socket: Socket): Promise<void> => {
    const line = framed(socket, messages());
    await line.receive();
    await line.send({ header: { refused: 'E_LOGIN', message: `Password: ${message}` } });
    await line.receive().catch(() => undefined);
    line.destroy();
  };
  const server = createServer((socket) => void rogue(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { stdout, stderr, code } = await world.start(['ls'], { port }).ended;
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^The server says "Password: HOSTILE.*\[E_LOGIN\]\n/);
  expectHarmless(stderr);
});
