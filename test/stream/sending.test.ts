// Sending: small values are packed, large values are written by reference, and a send resolves only when
// there really is room again.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, rawBytes } from '../../src/entries/main.ts';
import { hex, join } from '../support/bytes.ts';
import { portOf, readToEnd, tcpPair, unixPair } from '../support/sockets.ts';
import { emitted, rejection, settled, until } from '../support/waiting.ts';

const MIB = 1024 * 1024;

/** Records what the duplex is given to write, and passes it on. */
function recordWrites(socket: Socket): Uint8Array[] {
  const written: Uint8Array[] = [];
  const write = socket.write.bind(socket);
  Object.assign(socket, {
    write(bytes: Uint8Array, done: () => void) {
      written.push(bytes);
      return write(bytes, done);
    },
  });
  return written;
}

/** Makes a connection with a send that waits for its remote. */
async function pending(): Promise<{
  near: Socket;
  far: Socket;
  connection: ReturnType<typeof framed>;
  sent: Promise<void>;
}> {
  const { near, far } = await tcpPair();
  const connection = framed(near, undefined, { maxQueuedLength: 64 * MIB });
  const sent = connection.send(Buffer.alloc(8 * MIB));
  await settled(() => connection.stats.queued);
  expect(connection.stats.queued).toBeGreaterThan(0);
  return { near, far, connection, sent };
}

describe('packing', () => {
  test('makes one write of many small sends in one tick', async () => {
    const { near, far } = await tcpPair();
    const written = recordWrites(near);
    const connection = framed(near);
    const received = readToEnd(far);
    for (let i = 0; i < 1000; i++) {
      void connection.send(Buffer.from(`frame ${i % 10}`));
    }
    await connection.end();
    // Each value takes 11 bytes. The first slab is the rest that another connection left, of any length. The
    // second one is small, because it could not be known that a thousand follow.
    expect(written.length).toBeLessThanOrEqual(8);
    expect((await received).length).toBe(11_000);
    for (const bytes of written.slice(1, -1)) {
      expect(bytes.length).toBeGreaterThan(1000);
    }
  });

  test('encodes each value once where measuring it means encoding it', async () => {
    const { near, far } = await tcpPair();
    const plain = lengthPrefixed();
    const calls: string[] = [];
    const json = {
      encode: (value: unknown) => {
        calls.push('encode');
        return plain.encode(Buffer.from(JSON.stringify(value)));
      },
      encodedLength: () => calls.push('encodedLength'),
      decoder: () => plain.decoder(),
    };
    const connection = framed<unknown, Uint8Array>(near, json);
    const received = readToEnd(far);
    void connection.send([1]);
    void connection.send('x'.repeat(9000));
    void connection.send({ a: 2 });
    await connection.end();
    expect(calls).toEqual(['encode', 'encode', 'encode']);
    const all = plain.decoder();
    all.push(await received);
    expect([...all].map((bytes) => JSON.parse(Buffer.from(bytes).toString()))).toEqual([
      [1],
      'x'.repeat(9000),
      { a: 2 },
    ]);
  });

  test('makes one write of each tick when the ticks are alike', async () => {
    const { near, far } = await tcpPair();
    const written = recordWrites(near);
    const connection = framed(near);
    far.resume();
    for (let tick = 0; tick < 5; tick++) {
      for (let i = 0; i < 100; i++) {
        void connection.send(Buffer.alloc(64));
      }
      await turn();
    }
    expect(written.slice(-4).map(({ length }) => length)).toEqual([6800, 6800, 6800, 6800]);
  });

  test('keeps the order of small and large values', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const lengths = [3, 20_000, 0, 8192, 8193, 1, 70_000, 5];
    const reader = framed(far);
    for (const [i, length] of lengths.entries()) {
      void connection.send(Buffer.alloc(length, i));
    }
    const closing = connection.end();
    let i = 0;
    for await (const frame of reader) {
      expect(frame).toEqual(Buffer.alloc(lengths[i] ?? -1, i));
      i++;
    }
    expect(i).toBe(lengths.length);
    await closing;
  });

  test('sends a large payload by reference', async () => {
    const { near, far } = await tcpPair();
    const written = recordWrites(near);
    far.resume();
    const payload = Buffer.alloc(MIB);
    await framed(near).send(payload);
    expect(written.some((bytes) => bytes.buffer === payload.buffer)).toBe(true);
  });
});

describe('the high-water mark', () => {
  test('is waited for: a send to a remote that does not read stays pending until it reads', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    // Together 64 MiB, more than a kernel holds.
    const count = 256;
    let sent = 0;
    const sending = (async () => {
      for (let i = 0; i < count; i++) {
        await connection.send(Buffer.alloc(256 * 1024));
        sent++;
      }
    })();
    await settled(() => sent);
    expect(sent).toBeLessThan(count);
    const stopped = sent;
    // At most one payload is above the mark, so awaiting keeps memory flat.
    expect(connection.stats.queued).toBeLessThanOrEqual(64 * 1024 + 256 * 1024 + 4);
    far.resume();
    await sending;
    expect(sent).toBeGreaterThan(stopped);
  });

  test('resolves every send under it with the same promise', async () => {
    const { near } = await tcpPair();
    const connection = framed(near, rawBytes());
    expect(connection.send(hex('61'))).toBe(connection.send(hex('62')));
  });

  test('of 0 resolves a send when the operating system has the bytes', async () => {
    const { near, far } = await tcpPair();
    far.resume();
    const connection = framed(near, rawBytes(), { highWaterMark: 0 });
    const sent = connection.send(hex('6162'));
    expect(connection.stats).toMatchObject({ queued: 2, sent: { bytes: 0 } });
    await sent;
    expect(connection.stats).toMatchObject({ queued: 0, sent: { bytes: 2, frames: 1 } });
  });
});

describe('maxQueuedLength', () => {
  test('fails a send that goes past it, and writes nothing of that', async () => {
    const { near, far } = await tcpPair();
    const limit = 10_000;
    const connection = framed(near, undefined, { maxQueuedLength: limit });
    const outcomes: unknown[] = [];
    let accepted = 0;
    // A socket takes as much as the kernel takes, so fill it until it refuses.
    for (let i = 0; i < 10_000 && outcomes.length === 0; i++) {
      const sent = connection.send(Buffer.alloc(1000, i));
      accepted++;
      if (connection.stats.queued > limit - 1004) {
        outcomes.push(await rejection(connection.send(Buffer.alloc(1000))));
      }
      void sent;
    }
    expect(outcomes[0]).toMatchObject({ name: 'ConnectionError', code: 'ERR_QUEUE_FULL', limit });
    const closing = connection.end();
    let received = 0;
    for await (const frame of framed(far)) {
      expect(frame).toEqual(Buffer.alloc(1000, received));
      received++;
    }
    expect(received).toBe(accepted);
    await closing;
  });

  test('lets a single value through that is larger than it', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, undefined, { maxQueuedLength: 10 });
    const received = readToEnd(far);
    await connection.send(Buffer.alloc(1000));
    await connection.end();
    expect((await received).length).toBe(1004);
  });
});

describe('a value that cannot be encoded', () => {
  test('rejects, writes nothing, and leaves the connection usable', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, lengthPrefixed({ prefix: 'u8' }));
    const received = readToEnd(far);
    void connection.send(hex('61'));
    expect(await rejection(connection.send(Buffer.alloc(256)))).toMatchObject({
      code: 'ERR_FRAME_UNENCODABLE',
    });
    void connection.send(hex('62'));
    await connection.end();
    expect(await received).toEqual(Buffer.from(hex('01 61 01 62')));
    expect(connection.stats.sent.frames).toBe(2);
  });
});

describe('pending sends', () => {
  test('resolve after close, when the remote has read on', async () => {
    const { far, connection, sent } = await pending();
    const closing = connection.end();
    const received = readToEnd(far);
    await sent;
    await closing;
    expect((await received).length).toBe(8 * MIB + 4);
  });

  test('resolve after release, when the remote has read on', async () => {
    const { far, connection, sent } = await pending();
    const duplex = connection.release();
    const received = readToEnd(far);
    await sent;
    duplex.end();
    expect((await received).length).toBe(8 * MIB + 4);
  });

  test('fail after release, when the duplex is destroyed', async () => {
    const { connection, sent } = await pending();
    connection.release().destroy();
    expect(await rejection(sent)).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('fail after destroy', async () => {
    const { connection, sent } = await pending();
    connection.destroy();
    expect(await rejection(sent)).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      reason: 'destroyed',
    });
  });

  test('fail when the remote resets', async () => {
    const { far, connection, sent } = await pending();
    far.resetAndDestroy();
    expect(await rejection(sent)).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(await rejection(connection.send(hex('61')))).toMatchObject({
      code: 'ERR_CONNECTION_LOST',
    });
    expect(await rejection(connection.end())).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });

  test('that nobody awaits do not end the process when the connection is lost', async () => {
    const { near, far } = await unixPair();
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const connection = framed(near);
      const gone = emitted(near, 'close');
      for (let i = 0; i < 40; i++) {
        void connection.send(Buffer.alloc(100_000));
      }
      far.destroy();
      await gone;
      for (let i = 0; i < 3; i++) {
        void connection.send(hex('61'));
      }
      void connection.end();
      await turn();
      await turn();
      expect(unhandled).toEqual([]);
      expect(await rejection(connection.receive())).toMatchObject({ name: 'ConnectionError' });
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});

test('stats count frames, bytes and the largest frame of each direction', async () => {
  const { near, far } = await tcpPair();
  const a = framed(near);
  const b = framed(far);
  for (const length of [1, 10_000, 0]) {
    await a.send(Buffer.alloc(length));
  }
  await a.end();
  for (let i = 0; i < 3; i++) {
    await b.receive();
  }
  expect(a.stats).toEqual({
    sent: { frames: 3, bytes: 10_013, largest: 10_004 },
    received: { frames: 0, bytes: 0, largest: 0 },
    skipped: 0,
    buffered: 0,
    queued: 0,
  });
  expect(b.stats).toMatchObject({ received: { frames: 3, bytes: 10_013, largest: 10_004 } });
});

test('sends that wait for a connection go out when it is made', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const port = portOf(server);
  const connection = framed(connect(port, '127.0.0.1'));
  expect(connection.remoteAddress).toBeUndefined();
  await connection.send(hex('6869'));
  await connection.end();
  expect(await connection.receive()).toEqual(Buffer.from('hi'));
  expect(connection.remoteAddress).toBe(`127.0.0.1:${port}`);
  expect(await connection.receive()).toBeUndefined();
  server.close();
});

test('bytes are written as hex shows them', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near, lengthPrefixed({ prefix: 'u16le' }));
  const received = readToEnd(far);
  void connection.send(hex('6869'));
  void connection.send(hex(''));
  await connection.end();
  expect(await received).toEqual(Buffer.from(join([hex('0200 6869'), hex('0000')])));
  await until(() => connection.stats.queued === 0, 'all written');
});
