// How connections end through the proxy: each side sees the ending of the other, unless a fault changes it.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { ChopOptions } from '../../src/chop/chop-options.ts';
import type { ConnectionReport } from '../../src/chop/connection-report.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { connect, hear, listener, proxyTo, serveWith, text, untilClosed } from './sockets.ts';

type ProxyOptions = Omit<ChopOptions, 'listen' | 'to'>;

const ignore = (): void => undefined;

/** A promise of something that happens once. */
function happening<T>(): { promise: Promise<T>; happen: (value: T) => void } {
  let happen: (value: T) => void = ignore;
  const promise = new Promise<T>((resolve) => {
    happen = resolve;
  });
  return { promise, happen };
}

describe('a proxy passes on', () => {
  test('a FIN of the client in its direction alone, so that the answer still comes', async () => {
    const port = await serveWith((socket) => {
      void hear(socket).then((heard) => socket.end(`you said ${text(heard)}`));
    });
    const client = await connect((await proxyTo(port)).port);
    client.end('hello');
    const heard = await hear(client);
    expect([text(heard), heard.end]).toEqual(['you said hello', 'FIN']);
  });

  test('a FIN with no byte in front of it', async () => {
    const server = await listener();
    const client = await connect((await proxyTo(server.port)).port);
    client.end();
    expect([text(await server.next()), (await hear(client)).end]).toEqual(['', 'FIN']);
  });

  test('a FIN of the server, while the client may still send', async () => {
    const rest = happening<string>();
    const port = await serveWith((socket) => {
      socket.end('bye');
      void hear(socket).then((heard) => rest.happen(text(heard)));
    });
    const client = await connect((await proxyTo(port)).port);
    const heard = await hear(client);
    client.end('not yet');
    expect([text(heard), heard.end, await rest.promise]).toEqual(['bye', 'FIN', 'not yet']);
  });

  test('a RST of the server', async () => {
    const port = await serveWith((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const report = happening<ConnectionReport>();
    const proxy = await proxyTo(port, { onClose: report.happen });
    const client = await connect(proxy.port);
    client.write('hello');
    expect((await hear(client)).end).toBe('RST');
    expect(await report.promise).toMatchObject({ end: 'reset', cause: 'ECONNRESET' });
  });

  test('a RST of the server behind its last bytes, which still come', async () => {
    const port = await serveWith((socket) => {
      socket.once('data', () => socket.write('last words', () => socket.resetAndDestroy()));
    });
    const proxy = await proxyTo(port, { plan: 'mtu:4', patience: 10_000 });
    const client = await connect(proxy.port);
    client.write('hello');
    const heard = await hear(client);
    expect([text(heard), heard.end]).toEqual(['last words', 'RST']);
  });

  test('a RST of the client, also while a delay is going on', async () => {
    const server = await listener();
    const begun = happening<undefined>();
    const report = happening<ConnectionReport>();
    const proxy = await proxyTo(server.port, {
      faults: ['delay:1h'],
      onOpen: () => begun.happen(undefined),
      onClose: report.happen,
    });
    const client = await connect(proxy.port);
    client.write('hello');
    await begun.promise;
    client.resetAndDestroy();
    expect((await report.promise).end).toBe('reset');
  });

  test('that nobody listens, as a RST', async () => {
    const report = happening<ConnectionReport>();
    const port = await serveWith(() => undefined);
    const unused = await proxyTo(port);
    await unused.close();
    const proxy = await proxyTo(unused.port, { onClose: report.happen });
    expect((await hear(await connect(proxy.port))).end).toBe('RST');
    expect(await report.promise).toMatchObject({ end: 'refused', cause: 'ECONNREFUSED' });
  });
});

describe('a proxy that is asked to', () => {
  test('half-closes after so many bytes, and the answer still comes', async () => {
    const port = await serveWith((socket) => {
      void hear(socket).then((heard) => socket.end(`heard ${text(heard)}`));
    });
    const proxy = await proxyTo(port, { faults: ['half-close@3'], direction: 'to-server' });
    const client = await connect(proxy.port);
    client.write('hello');
    const heard = await hear(client);
    expect([text(heard), heard.end]).toEqual(['heard hel', 'FIN']);
  });

  test('closes both sides after so many bytes', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port, { faults: ['fin@3'], direction: 'to-server' });
    const client = await connect(proxy.port);
    client.write('hello');
    const heard = await hear(client);
    expect([text(heard), heard.end]).toEqual(['', 'FIN']);
    expect(text(await server.next())).toBe('hel');
  });

  test.each([
    ['a fault', { faults: ['rst@3'], direction: 'to-server' } as const],
    ['a schedule', { schedules: [scheduleOf('cut 1', 'rst@3')] }],
  ])('resets both sides by %s, behind the bytes that were to pass', async (_, options) => {
    const server = await listener();
    const proxy = await proxyTo(server.port, { ...options, patience: 10_000 });
    const client = await connect(proxy.port);
    client.write('hello');
    expect((await hear(client)).end).toBe('RST');
    const heard = await server.next();
    expect([text(heard), heard.end]).toEqual(['hel', 'RST']);
  });

  test('stalls after so many bytes while the other direction goes on, until the client is gone', async () => {
    const report = happening<ConnectionReport>();
    const port = await serveWith((socket) => {
      let seen = 0;
      socket.on('data', (chunk: Buffer) => {
        seen += chunk.length;
        if (seen === 3) {
          socket.write('three came');
        }
      });
    });
    const proxy = await proxyTo(port, {
      faults: ['stall@3'],
      direction: 'to-server',
      onClose: report.happen,
    });
    const client = await connect(proxy.port);
    client.write('hello');
    const [answer]: unknown[] = await once(client, 'data');
    expect(String(answer)).toBe('three came');
    client.resetAndDestroy();
    expect(await report.promise).toMatchObject({ end: 'reset', toServer: { bytes: 3 } });
  });

  test('records how it ended, and ends it again', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port, {
      plan: 'dribble',
      faults: ['half-close@2'],
      direction: 'to-server',
      record: true,
    });
    const client = await connect(proxy.port);
    client.end('hello');
    expect(text(await server.next())).toBe('he');
    await proxy.close();
    const schedules = proxy.recording();
    expect(schedules.map(({ ops }) => ops)).toEqual([['hold 1', 'hold 1', 'fin@2'].map(parseOp)]);
    const again = await proxyTo(server.port, { schedules });
    (await connect(again.port)).end('hello');
    expect(text(await server.next())).toBe('he');
  });
});

/** What both sides hear of a conversation through a proxy: 50 bytes of 150 are answered by 900. */
async function hearBoth(options: ProxyOptions): Promise<{
  readonly told: string;
  readonly answered: string;
  readonly recording: readonly Schedule[];
}> {
  const told = happening<string>();
  const port = await serveWith((socket) => {
    const seen: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      const length = seen.push(chunk) && Buffer.concat(seen).length;
      if (length >= 50 && length - chunk.length < 50) {
        socket.write('a'.repeat(900));
      }
    });
    socket.on('end', () => {
      socket.end();
      told.happen(Buffer.concat(seen).toString());
    });
    socket.on('error', () => told.happen(`${Buffer.concat(seen).toString()}RST`));
  });
  const proxy = await proxyTo(port, { patience: 10_000, ...options });
  const client = await connect(proxy.port);
  client.write('q'.repeat(50));
  const heard = hear(client);
  await once(client, 'data');
  client.write('q'.repeat(100));
  const answered = await heard;
  client.end();
  const result = { told: await told.promise, answered: text(answered) + answered.end };
  await proxy.close();
  return { ...result, recording: proxy.recording() };
}

describe('what a proxy has recorded it does again', () => {
  test.each<readonly [string, ProxyOptions]>([
    ['fin@60', { faults: ['fin@60'], direction: 'to-server' }],
    ['fin@100', { faults: ['fin@100'], direction: 'to-client' }],
    ['half-close@60', { faults: ['half-close@60', 'delay:1ms'], direction: 'to-server' }],
    ['half-close@900', { faults: ['half-close@900'], direction: 'to-client' }],
    ['rst@60', { faults: ['rst@60'], direction: 'to-server' }],
    ['fin@900 both ways', { plan: 'mtu:50', faults: ['fin@900'], direction: 'both' }],
  ])('%s', async (_, options) => {
    const first = await hearBoth({ ...options, record: true });
    const again = await hearBoth({ schedules: first.recording });
    expect({ told: again.told, answered: again.answered }).toEqual({
      told: first.told,
      answered: first.answered,
    });
    expect(first.recording.flatMap(({ ops }) => ops).some((op) => 'at' in op)).toBe(true);
  });
});

describe('closing a proxy', () => {
  test('ends its connections and gives the port back', async () => {
    const report = happening<ConnectionReport>();
    const greeting = await serveWith((socket) => void socket.write('hello'));
    const proxy = await proxyTo(greeting, { onClose: report.happen });
    const client = await connect(proxy.port);
    client.on('error', () => undefined);
    await once(client, 'data');
    const { port } = proxy;
    await proxy.close();
    client.end();
    await untilClosed(client);
    expect((await report.promise).end).toBe('stopped');
    await expect(connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('happens when its signal aborts', async () => {
    const port = await serveWith(() => undefined);
    const controller = new AbortController();
    const proxy = await proxyTo(port, { signal: controller.signal });
    controller.abort();
    await proxy.close();
    await expect(connect(proxy.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

function scheduleOf(...ops: string[]): Schedule {
  return { v: 1, seed: 0, direction: 'to-server', ops: ops.map(parseOp) };
}
