// The chat as users have it: a server process, and clients that are processes or connections of this process.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { onStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { Caller, withCallers } from './caller.ts';
import type { ChatEvent } from './protocol.ts';
import { play } from './scene.ts';

const { url } = import.meta;

async function onChat(scene: (stage: Stage) => Promise<void>): Promise<void> {
  await onStage(url, (stage) => withCallers(() => scene(stage)));
}
/** Limits of a server that slows nobody down, even a client that sends thousands of lines. */
const UNPACED = ['--limit', 'commandsPerSecond=1000000', '--limit', 'burst=1000000'];

describe('The programs', () => {
  test('play the scene', async () => {
    await onChat(async (stage) => {
      await play(stage);
      expect(stage.claims.failed).toEqual([]);
      expect(stage.claims.held).toBe(6);
    });
  });

  test('take a conversation from a pipe, in order, and end with it', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port, '--nick', 'robot']);
      client.type('one\n\n//two\n/join 大厅\nthree\n/who\n/nonsense\n/leave\nbye');
      client.endInput();
      const { code, stdout, stderr } = await client.ended;
      const lines = stdout.split('\n').filter((line) => /robot: |^\*/.test(line));
      expect(
        lines.map((line) => line.replace(/^\d\d:\d\d /, '').replace(/ server s\w+/, '')),
      ).toEqual([
        '* welcome, robot; /help shows what you can do',
        '* you are in lobby',
        '[lobby] robot: one',
        '[lobby] robot: /two',
        '* you are in 大厅',
        '[大厅] robot: three',
        '* in 大厅 on: robot',
        '* you left 大厅',
        '* bye',
      ]);
      expect(stdout).toContain('! There is no /nonsense');
      expect([code, stderr]).toEqual([0, '']);
    });
  });

  test('say in one line what is wrong, and end with an exit code', async () => {
    await onChat(async (stage) => {
      const { server, port } = await stage.serve();
      const endings = [
        stage.start('client.ts', ['--port', port, '--nick', 'no name']),
        stage.start('client.ts', ['--prot', port]),
        stage.start('server.ts', ['--port', port]),
        stage.start('server.ts', ['--limit', 'maxUser=1']),
        stage.start('server.ts', ['--bus', 'amqp://x']),
        stage.start('server.ts', ['--bus', 'nats://127.0.0.1:1']),
        stage.start('server.ts', ['--name', 'A B']),
      ].map(async (program) => {
        program.endInput();
        const { code, stderr } = await program.ended;
        return [code, stderr.trim().split('\n').length, stderr.trim()];
      });
      expect(await Promise.all(endings)).toEqual([
        [1, 1, 'Not let in as "no name".'],
        [2, 1, expect.stringContaining("Unknown option '--prot'")],
        [1, 1, expect.stringContaining('another program listens there already')],
        [2, 1, expect.stringContaining('where NAME is one of maxUsers')],
        [2, 1, expect.stringContaining('nats://HOST:PORT')],
        [1, 1, expect.stringContaining('cannot be reached')],
        [2, 1, expect.stringContaining('out of a to z')],
      ]);
      await server.end();
      const late = stage.start('client.ts', ['--port', port]);
      const { code, stderr } = await late.ended;
      expect([code, stderr]).toEqual([
        1,
        `Connection refused: no program listens on 127.0.0.1:${port}.\n`,
      ]);
    });
  });

  test('say what the server did not take, and that what follows was not said', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve();
      const caller = await Caller.in(port, 'pasted', 'lobby');
      await caller.send({ type: 'say', room: 'lobby', text: 'x'.repeat(70_000) });
      const { text } = await caller.until('refused');
      expect(text).toContain('That was no message of this chat: Body length 70000 exceeds');
      expect((await caller.until('bye')).why).toBe('lost');
    });
  });

  test('say goodbye to everybody when the server is asked to end', async () => {
    await onChat(async (stage) => {
      const { server, port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port, '--nick', '小明']);
      await client.line('you are in lobby');
      const [{ code }, ending] = await Promise.all([server.end(), client.ended]);
      expect([code, ending.code, ending.stderr]).toEqual([0, 0, '']);
      expect(ending.stdout).toContain('* the server is closing');
    });
  });

  test('give everybody everything in one order under load', async () => {
    await onChat(async (stage) => {
      const load = ['--users', 120, '--rooms', 2, '--rate', 300, '--seconds', 1];
      const { code, stdout } = await stage.start('load.ts', load).ended;
      expect(stdout).toContain('deliveries  18000 of 18000');
      expect(stdout).toContain('order       0 out of order, 0 missed');
      expect(code).toBe(0);
    });
  });
});

describe('A slow reader', () => {
  const line = '慢'.repeat(1900);
  /** Number of lines in a batch. Fewer than may wait, so a client that reads misses none. */
  const BATCH = 50;

  test('does not hold up the room, is told what it missed, and goes on from there', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve('server.ts', [
        ...UNPACED,
        '--limit',
        'maxWaitingLines=100',
      ]);
      const slow = await Caller.in(port, 'slow', 'r');
      const speaker = await Caller.in(port, 'speaker', 'r');
      const listener = await Caller.in(port, 'listener', 'r');
      // Speak until the system's buffers for the slow reader and its queue are full. Meanwhile the listener
      // gets every line.
      let said = 0;
      let isFull = false;
      while (!isFull && said < 20_000) {
        for (let index = 0; index < BATCH; index++) {
          await speaker.send({ type: 'say', room: 'r', text: `${said + index} ${line}` });
        }
        await speaker.send({ type: 'tell', to: 'slow', text: 'are you there?' }, { type: 'rooms' });
        for (let index = 0; index < BATCH; index++) {
          expect(numberOf(await listener.until('said'))).toBe(said++);
        }
        const { before } = await speaker.until('rooms');
        isFull = before.some((event) => event.type === 'refused' && event.code === 'not-reading');
      }
      expect(isFull).toBe(true);
      // The slow reader has the first lines, then a gap of known size.
      const { count, before } = await slow.until('missed');
      const numbers = before.filter((event) => event.type === 'said').map(numberOf);
      expect(numbers).toEqual(numbers.map((_, index) => index));
      // The private message that was refused to its sender is counted as well; the others arrived.
      expect(numbers.length + count).toBe(said + 1);
      expect(before.filter((event) => event.type === 'told')).toHaveLength(said / BATCH - 1);
      // Then it gets what is said after the gap.
      await speaker.send({ type: 'say', room: 'r', text: 'after the gap' });
      expect((await slow.until('said')).text).toBe('after the gap');
    });
  });

  test('that reads nothing at all is cut off, and the room hears why', async () => {
    await onChat(async (stage) => {
      const limits = [...UNPACED, '--limit', 'maxWaitingLines=5', '--limit', 'patience=1'];
      const { port } = await stage.serve('server.ts', limits);
      const slow = await Caller.in(port, 'slow', 'r');
      const speaker = await Caller.in(port, 'speaker', 'r');
      let left: ChatEvent | undefined;
      for (let said = 0; left === undefined && said < 20_000; said++) {
        await speaker.send({ type: 'say', room: 'r', text: line });
        const { before } = await speaker.until('said');
        left = before.find((event) => event.type === 'left');
      }
      expect(left).toEqual({ type: 'left', room: 'r', nick: 'slow', why: 'not-reading' });
      slow.line.destroy();
    });
  });
});

describe('The server', () => {
  test('reads nobody further who does not read their answers, and loses none of them', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve('server.ts', [
        ...UNPACED,
        '--limit',
        'maxWaitingAnswers=1',
      ]);
      const greedy = await Caller.in(port, 'greedy', 'r');
      for (let index = 0; index < 50; index++) {
        await greedy.send({ type: 'say', room: 'r', text: '史'.repeat(2000) });
        await greedy.until('said');
      }
      // 30 MB of answers, which their client does not read. Other clients are served.
      const asking = Array.from({ length: 100 }, () => greedy.send({ type: 'history', room: 'r' }));
      const other = await Caller.in(port, 'other', 's');
      await other.send({ type: 'say', room: 's', text: 'still here' });
      expect((await other.until('said')).text).toBe('still here');
      for (let index = 0; index < 100; index++) {
        expect((await greedy.until('past')).lines).toBe(50);
        for (let line = 0; line < 50; line++) {
          expect((await greedy.next())?.type).toBe('said');
        }
      }
      await Promise.all(asking);
    });
  });

  test('goes on when clients send rubbish, vanish, or never say hello', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve();
      const witness = await Caller.in(port, 'witness', 'r');
      const rubbish = new Caller(port);
      rubbish.line.duplex.write('GET / HTTP/1.1\r\n\r\n');
      expect((await rubbish.until('refused')).code).toBe('ERR_MESSAGE_HEADER_TOO_LARGE');
      expect((await rubbish.next())?.type).toBe('bye');
      expect(await rubbish.next()).toBeUndefined();

      const wordy = await Caller.in(port, 'wordy', 'r');
      await wordy.line.send({ header: { type: 'say', room: 'r' }, body: 'x'.repeat(100_000) });
      expect((await wordy.until('refused')).code).toBe('ERR_BODY_TOO_LARGE');

      const vanishing = await Caller.in(port, '半包', 'r');
      vanishing.line.duplex.write(Buffer.of(0, 0, 0, 50, 0x7b));
      vanishing.line.destroy();
      const left = [await witness.until('left'), await witness.until('left')];
      expect(left.map(({ nick, why }) => [nick, why])).toEqual([
        ['wordy', 'lost'],
        ['半包', 'lost'],
      ]);

      const silent = connect(port, '127.0.0.1').on('error', () => undefined);
      await witness.send({ type: 'say', room: 'r', text: 'still here' });
      expect((await witness.until('said')).text).toBe('still here');
      silent.destroy();
    });
  });

  test('answers what it does not understand, and goes on with that client', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve();
      const caller = await Caller.in(port, '小明', 'r');
      const wrong = [
        { header: { type: 'nonsense' } },
        { header: {} },
        { header: { type: 'join', room: 7 } },
        { header: { type: 'constructor' } },
        { header: { type: 'say', room: 'r' }, body: Uint8Array.of(0xc3, 0x28) },
      ];
      for (const message of wrong) {
        await caller.line.send(message);
        expect((await caller.until('refused')).code).toBe('not-understood');
      }
      await caller.send({ type: 'say', room: 'r', text: '\u001b[2J' });
      expect((await caller.until('refused')).code).toBe('text-control');
      await caller.send({ type: 'bye' });
      expect((await caller.until('bye')).why).toBe('bye');
    });
  });

  test('reads who writes too fast more slowly, and loses nothing', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve('server.ts', [
        '--limit',
        'commandsPerSecond=50',
        '--limit',
        'burst=5',
      ]);
      const caller = await Caller.in(port, 'fast', 'r');
      const startedAt = performance.now();
      const texts = Array.from({ length: 25 }, (_, index) => String(index));
      // All in one tick, and so in one write: even on a busy machine this caller is a fast one.
      await Promise.all(texts.map((text) => caller.send({ type: 'say', room: 'r', text })));
      await caller.send({ type: 'bye' });
      const { before } = await caller.until('bye');
      const said = before.filter((event) => event.type === 'said').map(({ text }) => text);
      expect(said).toEqual(texts);
      // The notice comes once, unless the server paused. core/chat.test.ts checks that with a fake clock.
      expect(before).toContainEqual(expect.objectContaining({ type: 'notice', code: 'slow' }));
      // 27 commands: 5 of them at once, the other 22 at 50 a second.
      expect(performance.now() - startedAt).toBeGreaterThan(300);
    });
  });

  test('says so when it is full', async () => {
    await onChat(async (stage) => {
      const { port } = await stage.serve('server.ts', ['--limit', 'maxUsers=1']);
      const first = await Caller.in(port, 'first', 'r');
      const second = new Caller(port);
      await second.send({ type: 'hello', nick: 'second' });
      expect((await second.until('refused')).code).toBe('server-full');
      await first.send({ type: 'bye' });
      await first.until('bye');
      await second.send({ type: 'hello', nick: 'second' });
      await second.until('welcome');
    });
  });
});

function blocksOf(file: string): string[] {
  return readFileSync(new URL(file, url), 'utf8').match(/^```[^]*?^```$/gm) ?? [];
}

describe('README', () => {
  test('holds the same code blocks in both languages', () => {
    expect(blocksOf('README.md').length).toBeGreaterThan(3);
    expect(blocksOf('README.zh-CN.md')).toEqual(blocksOf('README.md'));
  });
});

function numberOf(event: ChatEvent): number {
  return event.type === 'said' ? Number.parseInt(event.text, 10) : Number.NaN;
}
