// Whatever text a server, or a bus behind the server, lets through: no line that the client prints moves a
// cursor or forges another line.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { framed, messages } from '../../src/entries/main.ts';
import { expectHarmless, HOSTILE, HOSTILE_MEGABYTE } from '../../test/support/hostile-text.ts';
import { onStage } from '../support/stage.ts';
import { written } from './protocol.ts';
import type { ChatEvent } from './protocol.ts';
import { lineOf } from './terminal/display.ts';

const hostileEvents = (text: string): ChatEvent[] => [
  { type: 'welcome', nick: text, server: text },
  { type: 'refused', command: text, code: text, text },
  { type: 'joined', room: text, lines: 1 },
  { type: 'past', room: text, lines: 1 },
  { type: 'said', room: text, from: text, at: 0, old: false, text },
  { type: 'told', from: text, to: text, at: Number.MAX_SAFE_INTEGER, text },
  { type: 'entered', room: text, nick: text },
  { type: 'left', room: text, nick: text, why: text },
  { type: 'members', room: text, server: text, count: 1, text },
  { type: 'rooms', count: 1, text },
  { type: 'missed', count: 1 },
  { type: 'notice', code: text, text },
  { type: 'bye', why: text },
];

test.each(hostileEvents(HOSTILE).map((event) => [event.type, event] as const))(
  'the line of %s has nothing raw in it',
  (_, event) => {
    for (const me of ['me', HOSTILE]) {
      const line = lineOf(event, me);
      expectHarmless(line);
      expect(line).not.toContain('\n');
    }
  },
);

test('a megabyte of it is cut', () => {
  for (const event of hostileEvents(HOSTILE_MEGABYTE)) {
    const line = lineOf(event, 'me');
    expectHarmless(line);
    expect(line.length).toBeLessThan(96 * 1024);
  }
});

/** Sends all hostile events, and ends the connection. */
async function rogue(socket: Socket): Promise<void> {
  const line = framed(socket, messages());
  for (const event of hostileEvents(HOSTILE)) {
    await line.send(written(event));
  }
  await line.end();
}

test('a client prints what a rogue server says as text', async () => {
  const server = createServer((socket) => void rogue(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await onStage(import.meta.url, async (stage) => {
    const client = stage.start('client.ts', ['--port', port, '--nick', 'me']);
    const { stdout, stderr } = await client.ended;
    expect(stdout).toContain('HOSTILE');
    expectHarmless(stdout);
    expectHarmless(stderr);
    stage.check('the client ended', true);
  });
});
