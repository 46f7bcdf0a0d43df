// What other code does to the socket of a connection, and what callbacks of the caller do inside of it. Each
// must be noticed or harmless: there is no hang, no lost value and no swallowed exception.

import { AsyncLocalStorage } from 'node:async_hooks';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { framed, headerPrefixed, lengthPrefixed, messages } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex, join } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection, settled, turns } from '../support/waiting.ts';

const A = hex('00000001 61');
const B = hex('00000001 62');
const C = hex('00000001 63');

const onReadable = (): void => undefined;

function overwhelmed(): never {
  throw new Error('too many bad frames');
}

/** Makes a header with bytes in it, some of them deep inside frozen objects. */
function parse(bytes: Uint8Array): { readonly length: number; readonly deep: unknown } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 2);
  const list = Object.freeze([bytes.subarray(1, 3), { view }]);
  return { length: bytes[0] ?? 0, deep: Object.freeze({ list }) };
}

describe('somebody else', () => {
  test('who pauses the socket does not stop a reader', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    near.pause();
    const first = connection.receive();
    await write(far, A);
    expect(String(await first)).toBe('a');
    const second = connection.receive();
    near.pause();
    await write(far, B);
    expect(String(await second)).toBe('b');
    const closing = connection.close();
    near.pause();
    far.end();
    await closing;
  });

  test('who pipes the socket does not make it buffer without a reader', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    near.pipe(new PassThrough().resume());
    const frame = join(lengthPrefixed().encode(new Uint8Array(60_000)));
    for (let i = 0; i < 200; i++) {
      far.write(frame);
    }
    far.end();
    await settled(() => near.bytesRead);
    expect(connection.stats.buffered).toBeLessThan(1024 * 1024 + 2 * 64 * 1024);
    // On Node 20 the pipe resumes the socket after every chunk, and the reading ends with an error that says
    // so. On newer versions of Node it does not, and every frame is read.
    let frames = 0;
    const reading = (async () => {
      for await (const _ of connection) {
        frames++;
      }
      return frames;
    })();
    const outcome = await reading.catch((error: unknown) => Object(error).code);
    expect([200, 'ERR_CONCURRENT_READ']).toContain(outcome);
  });

  test("who listens to 'readable' is refused before, and named by the next read after", async () => {
    const { near } = await tcpPair();
    near.on('readable', onReadable);
    expect(() => framed(near)).toThrow(expect.objectContaining({ code: 'ERR_CONCURRENT_READ' }));
    near.off('readable', onReadable);
    const connection = framed(near);
    near.on('readable', onReadable);
    expect(await rejection(connection.receive())).toMatchObject({ code: 'ERR_CONCURRENT_READ' });
  });

  test('who took a byte in a readable listener that is gone leaves the rest', async () => {
    const { near, far } = await tcpPair();
    const connection = new Promise<Connection<Uint8Array, Uint8Array>>((resolve) => {
      near.once('readable', () => {
        near.read(1);
        resolve(framed(near));
      });
    });
    await write(far, join([hex('4e'), A]));
    expect(String(await (await connection).receive())).toBe('a');
  });

  test('who connects the same socket again may frame it again', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const listeners = (): number =>
      ['data', 'end', 'close', 'error', 'pause'].reduce(
        (sum, name) => sum + near.listenerCount(name),
        0,
      );
    const before = listeners();
    far.end(A);
    expect(String(await connection.receive())).toBe('a');
    expect(await connection.receive()).toBeUndefined();
    await connection.close();
    expect(listeners()).toBeLessThan(before);
    expect(() => framed(near)).not.toThrow();
  });

  test('whose codec fails to make a decoder leaves the duplex free', async () => {
    const { near, far } = await tcpPair();
    const broken = {
      ...lengthPrefixed(),
      decoder() {
        throw new Error('no zlib here');
      },
    };
    expect(() => framed(near, broken)).toThrow('no zlib here');
    const connection = framed(near);
    await write(far, A);
    expect(String(await connection.receive())).toBe('a');
  });
});

describe('a chunk that the decoder refuses', () => {
  test.each(['nobody waits', 'a reader waits'])('ends reading for good, when %s', async (when) => {
    const duplex = new Duplex({ readableObjectMode: true, read: () => undefined });
    const connection = framed(duplex);
    const first = when === 'a reader waits' ? rejection(connection.receive()) : undefined;
    duplex.push(hex('00000004 4141'));
    await turns(2);
    duplex.push('AA');
    await turns(2);
    duplex.push(hex('00000004 43434343'));
    duplex.push(null);
    await turns(5);
    const expected = { name: 'UsageError', code: 'ERR_OPTION' };
    const errors = [await first];
    for (let i = 0; i < 3; i++) {
      errors.push(await rejection(connection.receive()));
    }
    expect(errors.filter((error) => error !== undefined)).toMatchObject(
      Array.from(errors.slice(first === undefined ? 1 : 0), () => expected),
    );
  });
});

describe('a loop that is left', () => {
  test('gives the value that it waited for to the next reader', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const loop = connection[Symbol.asyncIterator]();
    const waiting = loop.next();
    await loop.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const next = connection.receive();
    await write(far, join([A, B]));
    expect(String(await next)).toBe('a');
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    expect(String(await connection.receive())).toBe('b');
  });

  test('by Readable.from loses nothing', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const readable = Readable.from(connection);
    await write(far, A);
    const first = await new Promise((resolve) => {
      readable.once('data', resolve);
    });
    expect(String(first)).toBe('a');
    readable.destroy();
    await turns(5);
    await write(far, join([B, C]));
    expect(String(await connection.receive())).toBe('b');
  });

  test('answers a queued next after the ones before', async () => {
    const { near, far } = await tcpPair();
    const loop = framed(near)[Symbol.asyncIterator]();
    const asked = [loop.next(), loop.next(), loop.next()];
    await write(far, join([A, B]));
    far.end();
    const given = await Promise.all(asked);
    expect(given.map(({ done, value }) => (done === true ? 'done' : String(value)))).toEqual([
      'a',
      'b',
      'done',
    ]);
  });

  test('while a receive of somebody else waits leaves that alone', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    const loop = connection[Symbol.asyncIterator]();
    await write(far, A);
    await loop.next();
    const other = connection.receive();
    await loop.return?.();
    await write(far, B);
    expect(String(await other)).toBe('b');
  });
});

describe('an exception of a callback', () => {
  const limited = lengthPrefixed({ maxPayloadLength: 5 });
  const stream = join([A, hex('00000008 746f6f6c61726765'), B]);

  test('comes after the batch that was whole before it', async () => {
    const { near, far } = await tcpPair();
    const batches = framed(near, limited, { onSkip: overwhelmed }).batches();
    await write(far, stream);
    expect((await batches.next()).value?.map(String)).toEqual(['a']);
    expect(await rejection(batches.next())).toMatchObject({ message: 'too many bad frames' });
  });

  test('that destroys the connection stops every way of reading there', async () => {
    for (const way of ['receive', 'batches', 'scan'] as const) {
      const { near, far } = await tcpPair();
      const connection = framed(near, limited, { onSkip: () => connection.destroy() });
      const seen: string[] = [];
      const reading = {
        receive: async () => {
          for (;;) {
            seen.push(String(await connection.receive()));
          }
        },
        batches: async () => {
          for await (const batch of connection.batches()) {
            seen.push(...batch.map(String));
          }
        },
        scan: () =>
          connection.scan((bytes, start, end) => {
            seen.push(Buffer.from(bytes.subarray(start, end)).toString());
          }),
      }[way]();
      await write(far, stream);
      expect(await rejection(reading)).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
      expect(seen.filter((text) => text === 'b')).toEqual([]);
    }
  });
});

describe('callbacks run in the async context of the reader', () => {
  const store = new AsyncLocalStorage<string>();

  test('a scan visitor, however the stream is cut', async () => {
    const { near, far } = await tcpPair();
    const connection = store.run('framed', () => framed(near));
    const seen: unknown[] = [];
    const scanning = store.run('reader', () =>
      connection.scan(() => void seen.push(store.getStore())),
    );
    for (const piece of [A, B.slice(0, 3), B.slice(3)]) {
      await write(far, piece);
    }
    far.end(C);
    await scanning;
    expect(seen).toEqual(['reader', 'reader', 'reader']);
  });

  test('onSkip and parseHeader, however the stream is cut', async () => {
    for (const cut of [1, 7, 20]) {
      const { near, far } = await tcpPair();
      const seen: unknown[] = [];
      const codec = messages({
        maxBodyLength: 2,
        parseHeader: (header) => {
          seen.push(`header ${store.getStore()}`);
          return header;
        },
      });
      const onSkip = (): void => void seen.push(`skip ${store.getStore()}`);
      const connection = store.run('framed', () => framed(near, codec, { onSkip }));
      const bytes = join(
        [{ header: {} }, { header: {}, body: 'too long' }, { header: {} }].flatMap((message) =>
          messages().encode(message),
        ),
      );
      const reading = store.run('reader', async () => {
        for await (const message of connection) {
          seen.push(Object.keys(message.header)[0]);
        }
      });
      for (let at = 0; at < bytes.length; at += cut) {
        await write(far, bytes.slice(at, at + cut));
      }
      far.end();
      await reading;
      expect(seen.filter((word) => word === 'header reader').length).toBeGreaterThan(1);
      expect(seen.filter((word) => String(word).includes('framed'))).toEqual([]);
      expect(seen.filter((word) => String(word).startsWith('skip'))).toEqual(['skip reader']);
    }
  });
});

describe('the option copy', () => {
  test('owns bytes in headers, also of frozen values, however deep', async () => {
    const codec = headerPrefixed({
      header: { parse },
      headerLength: 4,
      payloadLength: ({ length }) => length,
    });
    const { near, far } = await tcpPair();
    const chunks: Buffer[] = [];
    near.on('data', (chunk: Buffer) => chunks.push(chunk));
    const connection = framed(near, codec, { copy: true });
    await write(far, hex('01 aabb 00 61'));
    const value = await connection.receive();
    for (const chunk of chunks) {
      chunk.fill(0xee);
    }
    expect(value?.payload).toEqual(Buffer.from('a'));
    expect(value?.header.deep).toMatchObject({ list: [Buffer.from(hex('aabb')), {}] });
    const shared = chunks.map(({ buffer }) => buffer);
    const seen = JSON.stringify(value, (_, field: unknown) =>
      ArrayBuffer.isView(field) && shared.includes(field.buffer) ? 'shared' : field,
    );
    expect(seen).not.toContain('shared');
  });
});

describe('closed', () => {
  test.each<
    [string, (connection: Connection<Uint8Array, Uint8Array>) => unknown, object | undefined]
  >([
    ['close', (connection) => connection.close(), undefined],
    ['release', (connection) => connection.release(), undefined],
    ['destroy', (connection) => connection.destroy('why'), { reason: 'destroyed', cause: 'why' }],
  ])('after %s', async (_, act, expected) => {
    const { near, far } = await tcpPair();
    far.on('end', () => far.end()).resume();
    const connection = framed(near);
    const early = connection.closed;
    await act(connection);
    const seen = [await early, await connection.closed];
    expect(seen).toMatchObject([expected, expected]);
  });

  test('tells a side that only sends that the other is gone', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    far.resetAndDestroy();
    expect(await connection.closed).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });
});
