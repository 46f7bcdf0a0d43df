// Hostile or broken clients do not hold up the server or other clients, and do not keep a place for ever.

import { once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { framed, lengthPrefixed, lines, serve } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { dial, echo, fateOf, start } from '../support/servers.ts';
import { turns, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (bytes: Uint8Array): Uint8Array => join(codec.encode(bytes));

/** Turns the event loop and the clock together: the sockets are real, but the time is not. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    vi.advanceTimersByTime(100);
    await turns(3);
  }
}

function virtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('within the default times, a server is rid of a client that', () => {
  test('sends half a frame and rests', async () => {
    virtualTime();
    const server = await start();
    const client = dial(server);
    const fate = fateOf(client);
    client.write(hex('00000002 68'));
    await until(() => server.connections === 1, 'accepted');
    await pass(31_000);
    expect((await fate).how).toBe('RST');
  });

  test('sends one byte a second', async () => {
    virtualTime();
    const server = await start();
    const client = dial(server);
    const fate = fateOf(client);
    client.write(hex('00000fff'));
    await until(() => server.connections === 1, 'accepted');
    for (let second = 0; second < 32; second++) {
      client.write('x');
      await pass(1000);
    }
    expect((await fate).how).toBe('RST');
  });

  test('asks and reads nothing', async () => {
    virtualTime();
    const server = await start(async (connection) => {
      for await (const _ of connection) {
        await connection.send(Buffer.alloc(8_000_000));
      }
    });
    const client = dial(server).pause();
    client.write(join([frame(utf8('a')), frame(utf8('b'))]));
    await until(() => server.connections === 1, 'accepted');
    await turns(50);
    await pass(62_000);
    await until(() => server.connections === 0, 'it is let go');
    expect(client.destroyed).toBe(false);
  });

  test('reads nothing when the handler is done', async () => {
    virtualTime();
    const server = await start((connection) => {
      for (let i = 0; i < 2; i++) {
        void connection.send(Buffer.alloc(7_000_000));
      }
    });
    const client = dial(server).pause();
    await once(client, 'connect');
    await until(() => server.connections === 1, 'accepted');
    await turns(50);
    await pass(31_000);
    await until(() => server.connections === 0, 'it is let go');
    expect(client.destroyed).toBe(false);
  });

  test('never ends its own side', async () => {
    virtualTime();
    const server = await start(() => undefined);
    const client = dial(server);
    expect((await fateOf(client)).how).toBe('FIN');
    await turns(10);
    await pass(6000);
    await until(() => server.connections === 0, 'it is let go');
    expect(client.destroyed).toBe(false);
  });

  test('breaks the protocol with answers that it does not read', async () => {
    virtualTime();
    const server = await start(async (connection) => {
      await connection.receive();
      void connection.send(Buffer.alloc(8_000_000));
      await connection.receive();
    });
    const client = dial(server).pause();
    client.write(join([frame(utf8('a')), utf8('GET / HTTP/1.1\r\n\r\n')]));
    await until(() => server.connections === 1, 'accepted');
    await turns(50);
    await pass(1500);
    await until(() => server.connections === 0, 'it is let go');
    expect(client.destroyed).toBe(false);
  });
});

test('a good client is answered among 100 that are not', async () => {
  const server = await start(echo, { frameTimeout: 500, idleTimeout: 1000, maxConnections: 150 });
  const deeds = [
    (socket: ReturnType<typeof dial>) => socket.resetAndDestroy(),
    (socket: ReturnType<typeof dial>) => socket.end('\0\0'),
    (socket: ReturnType<typeof dial>) => socket.write('GET / HTTP/1.1\r\n\r\n'),
    (socket: ReturnType<typeof dial>) => socket.write(Buffer.alloc(100_000, 0xff)),
    (socket: ReturnType<typeof dial>) => socket.pause().write(frame(Buffer.alloc(100_000))),
    (socket: ReturnType<typeof dial>) => socket.write('\0'),
    (socket: ReturnType<typeof dial>) => socket.destroy(),
  ];
  for (let i = 0; i < 100; i++) {
    const socket = dial(server).resume();
    socket.once('connect', () => deeds[i % deeds.length]?.(socket));
  }
  const good = framed(dial(server), codec);
  for (let i = 0; i < 50; i++) {
    await good.send(utf8(`request ${i}`));
    expect(String(await good.receive())).toBe(`request ${i}`);
  }
  await good.close();
  await until(() => server.connections === 0, 'all are let go');
});

describe('with frames that a person types', () => {
  test('a server has no default frameTimeout, and keeps a written one', async () => {
    virtualTime();
    const fates = await Promise.all(
      [{}, { frameTimeout: 1000 }].map(async (options) => {
        const server = serve(lines(), echo, options);
        onTestFinished(() => server.close({ within: 0 }));
        await server.ready;
        const client = dial(server);
        const fate = fateOf(client);
        client.write('he');
        await until(() => server.connections === 1, 'accepted');
        await pass(61_000);
        client.end('llo\n');
        return (await fate).received;
      }),
    );
    expect(fates).toEqual(['hello\n', '']);
  });
});
