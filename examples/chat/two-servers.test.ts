// One chat on two servers, over a real NATS.

import { describe, expect, test } from 'vitest';
import { hasNats, natsNote, startNats } from '../support/nats.ts';
import { onStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { Caller, withCallers } from './caller.ts';

const { url } = import.meta;

async function onChat(scene: (stage: Stage) => Promise<void>): Promise<void> {
  await onStage(url, (stage) => withCallers(() => scene(stage)));
}

/** A value of NODE_OPTIONS with which Node finds no NATS client. */
function withoutClient(): string {
  const hook = `export function resolve(name, context, next) {
    if (name.startsWith('@nats-io/')) throw new Error('not installed');
    return next(name, context);
  }`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(moduleOf(hook))});`;
  return `--import=${moduleOf(register)}`;
}

function moduleOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

test('says what to install where the NATS client is not', async () => {
  await onChat(async (stage) => {
    const env = { NODE_OPTIONS: withoutClient() };
    const { code, stderr } = await stage.start('server.ts', ['--bus', 'nats://127.0.0.1:1'], {
      env,
    }).ended;
    expect(stderr).toContain('npm install @nats-io/transport-node');
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    const plain = await stage.serve('server.ts', [], { env });
    expect(plain.port).toBeGreaterThan(0); // Without a bus the NATS client is not needed.
  });
});

describe.skipIf(!hasNats)(`Two servers and one NATS${natsNote}`, () => {
  test('are one chat, as far as is promised', async () => {
    await onChat(async (stage) => {
      const { url: bus } = await startNats(stage);
      const [a, b] = await Promise.all(
        ['a', 'b'].map((name) =>
          stage.serve('server.ts', ['--name', name, '--bus', bus], { name }),
        ),
      );
      if (a === undefined || b === undefined) {
        throw new Error('two names are two servers');
      }
      const ming = await Caller.in(a.port, '小明', '大厅');
      await ming.send({ type: 'say', room: '大厅', text: '有人吗？' });

      // A server remembers what was said on the other one, too. The name carries the other server.
      const hong = new Caller(b.port);
      await hong.send({ type: 'hello', nick: '小明' }, { type: 'join', room: '大厅' });
      expect(await hong.until('said')).toMatchObject({
        from: '小明@a',
        old: true,
        text: '有人吗？',
      });
      expect(await ming.until('entered')).toMatchObject({ nick: '小明@b', room: '大厅' });

      for (let index = 0; index < 10; index++) {
        await hong.send({ type: 'say', room: '大厅', text: `${index} 😀` });
      }
      for (let index = 0; index < 10; index++) {
        expect(await ming.until('said')).toMatchObject({ from: '小明@b', text: `${index} 😀` });
      }

      await ming.send({ type: 'tell', to: '小明@b', text: '密' });
      expect(await ming.until('told')).toMatchObject({ from: '小明', to: '小明@b' });
      expect(await hong.until('told')).toMatchObject({ from: '小明@a', to: '小明', text: '密' });
      await ming.send(
        { type: 'tell', to: 'nobody@b', text: '?' },
        { type: 'tell', to: 'x@c', text: '?' },
      );
      const codes = [(await ming.until('refused')).code, (await ming.until('refused')).code];
      expect(codes.sort()).toEqual(['no-such-server', 'no-such-user']);

      await ming.send({ type: 'who', room: '大厅' });
      const members = [await ming.until('members'), await ming.until('members')];
      expect(members.map(({ server, text }) => [server, text])).toEqual([
        ['a', '小明'],
        ['b', '小明'],
      ]);

      const ended = b.server.end();
      expect((await hong.until('bye')).why).toBe('closing');
      await hong.line.close();
      await ended;
      expect(await ming.until('left')).toMatchObject({ nick: '小明@b', why: 'closing' });
    });
  });

  test('refuse a third of the same name', async () => {
    await onChat(async (stage) => {
      const { url: bus } = await startNats(stage);
      await stage.serve('server.ts', ['--name', 'a', '--bus', bus]);
      const { code, stderr } = await stage.start('server.ts', ['--name', 'a', '--bus', bus]).ended;
      expect([code, stderr]).toEqual([1, expect.stringContaining('choose another --name')]);
    });
  });

  test('tell their people when NATS goes and comes back, and go on without it', async () => {
    await onChat(async (stage) => {
      const { nats, url: bus, port } = await startNats(stage);
      const [a, b] = await Promise.all(
        ['a', 'b'].map((name) =>
          stage.serve('server.ts', ['--name', name, '--bus', bus], { name }),
        ),
      );
      if (a === undefined || b === undefined) {
        throw new Error('two names are two servers');
      }
      const [ming, gang] = [
        await Caller.in(a.port, '小明', 'r'),
        await Caller.in(a.port, '小刚', 'r'),
      ];
      const hong = await Caller.in(b.port, '小红', 'r');
      await nats.end();
      for (const caller of [ming, gang, hong]) {
        expect((await caller.until('notice')).code).toBe('bus-lost');
      }
      await ming.send(
        { type: 'say', room: 'r', text: '只有这里' },
        { type: 'tell', to: '小红@b', text: '?' },
      );
      expect((await gang.until('said')).text).toBe('只有这里');
      expect((await ming.until('refused')).code).toBe('not-sent');

      await startNats(stage, { port });
      for (const caller of [ming, hong]) {
        expect((await caller.until('notice')).code).toBe('bus-back');
      }
      await ming.send({ type: 'say', room: 'r', text: '大家' });
      // The line that was said during the outage is not sent later, as if it had just been said.
      expect((await hong.until('said')).text).toBe('大家');
    });
  });
});
