// What is special about memory that many sockets share: who sees it, and what a visitor may do. In every
// other respect the socket is like any other.

import { execFile } from 'node:child_process';
import type { Socket } from 'node:net';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { dial, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer, ServeOptions } from '../../src/entries/main.ts';
import { lenderOf } from '../../src/stream/read-buffer.ts';
import { join, utf8 } from '../support/bytes.ts';
import { framedAt, PLACES, poison, prime } from '../support/library-sockets.ts';
import type { Place } from '../support/library-sockets.ts';
import { cert, key } from '../support/self-signed.ts';
import { write } from '../support/sockets.ts';
import { deferred, emitted, rejection, settled, until } from '../support/waiting.ts';

const run = promisify(execFile);
const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const [TCP, OUTGOING] = PLACES as [Place, Place];

/** Resolves to the memory in which the first frame is shown. */
async function memoryOf(connection: Connection<Uint8Array, Uint8Array>): Promise<ArrayBufferLike> {
  const seen: ArrayBufferLike[] = [];
  await connection.scan((bytes) => void seen.push(bytes.buffer));
  return seen[0] ?? new ArrayBuffer(0);
}

async function memoryAt(place: Place, readBuffer?: 'own'): Promise<ArrayBufferLike> {
  const { connection, far } = await framedAt(place, codec, readBuffer ? { readBuffer } : {});
  const memory = memoryOf(connection);
  far.end(frame('x'));
  return memory;
}

test('a socket lends once a reader looks, and not before', async () => {
  const { connection, far } = await framedAt(TCP, codec);
  const first = connection.receive();
  far.write(join(['one', 'two'].map(frame)));
  await first;
  expect(lenderOf(connection.duplex)).toBeUndefined();
  far.end();
  await connection.scan(() => undefined);
  const isOff = process.platform !== 'linux' || process.env['UNSTICK_READ_BUFFER'] === 'own';
  expect(lenderOf(connection.duplex) === undefined).toBe(isOff);
});

describe.runIf(process.platform === 'linux')('the memory', () => {
  beforeEach(() => {
    // Use the buffer here even if all other tests run without it.
    vi.stubEnv('UNSTICK_READ_BUFFER', '');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
  });

  test('is the same for all sockets that the library makes', async () => {
    const [first, ...others] = await Promise.all(PLACES.map((place) => memoryAt(place)));
    expect(first?.byteLength).toBe(65_536);
    for (const other of others) {
      expect(other).toBe(first);
    }
  });

  test('is new for each read with readBuffer own', async () => {
    const shared = await memoryAt(TCP);
    for (const place of PLACES) {
      expect(await memoryAt(place, 'own')).not.toBe(shared);
    }
  });

  test('is new for each read with UNSTICK_READ_BUFFER=own', async () => {
    const shared = await memoryAt(TCP);
    vi.stubEnv('UNSTICK_READ_BUFFER', 'own');
    for (const place of PLACES) {
      expect(await memoryAt(place)).not.toBe(shared);
    }
  });

  test('is new for each read over TLS', async () => {
    const seen: ArrayBufferLike[] = [];
    const server = await started({ tls: { key, cert } }, async (connection) => {
      seen.push(await memoryOf(connection));
    });
    const client = await dial(codec, { port: server.port, tls: { ca: cert } });
    await client.send(utf8('x'));
    await client.close();
    await until(() => seen.length > 0, 'it was shown');
    expect(seen[0]).not.toBe(await memoryAt(TCP));
  });

  test('is new for each read in a worker of node:cluster', async () => {
    const program = fileURLToPath(new URL('../support/cluster-worker.ts', import.meta.url));
    const { stdout } = await run(process.execPath, ['--import', 'tsx', program]);
    expect(JSON.parse(stdout)).toEqual([false, false]);
  });

  test('cannot be taken away by a visitor', async () => {
    const { connection, far } = await framedAt(TCP, codec);
    const words: string[] = [];
    const read = connection.scan((bytes, start, end) => {
      words.push(Buffer.from(bytes.subarray(start, end)).toString());
      const memory = bytes.buffer as ArrayBuffer & { transfer?: () => unknown };
      for (const take of [
        () => structuredClone(memory, { transfer: [memory] }),
        () => memory.transfer?.(),
        () =>
          new ReadableStream({
            type: 'bytes',
            start: (controller) => controller.enqueue(bytes.subarray(start, end)),
          }),
      ]) {
        // Some of these copy, and some throw. None may leave the kernel without memory to write to.
        try {
          take();
        } catch {
          continue;
        }
      }
      expect(memory.byteLength).toBe(65_536);
    });
    await write(far, frame('one'));
    await until(() => words.length === 1, 'one');
    far.end(frame('two'));
    await read;
    expect(words).toEqual(['one', 'two']);
  });
});

test('readBuffer takes two words, where a socket is made', () => {
  const wrong = { readBuffer: 'shared' } as never;
  expect(() => serve(codec, () => undefined, wrong)).toThrow('readBuffer');
  const attached: ServeOptions = { listen: false, readBuffer: 'own' };
  expect(() => serve(codec, () => undefined, attached)).toThrow('readBuffer has no meaning');
});

async function started(
  options: ServeOptions<Connection<Uint8Array, Uint8Array>>,
  handler: (connection: Connection<Uint8Array, Uint8Array>) => unknown,
): Promise<FramedServer> {
  const server = serve(codec, handler, { onError: () => undefined, ...options });
  onTestFinished(() => server.close({ within: 0 }));
  await server.ready;
  return server;
}

describe('a frame that has not come whole', () => {
  test.each([1, 3, 4, 6, 100, 5000, 70_000])(
    'keeps its first %i bytes while another socket fills the buffer',
    async (length) => {
      const value = Buffer.alloc(100_000, 'the whole frame ');
      const stream = join(codec.encode(value));
      const { connection, far } = await framedAt(TCP, codec);
      const other = await framedAt(OUTGOING, codec);
      const kept: Buffer[] = [];
      const scan = connection.scan((bytes, start, end) => {
        kept.push(Buffer.from(bytes.subarray(start, end)));
      });
      const noise = other.connection.scan(() => undefined);
      await write(far, stream.subarray(0, length));
      await until(() => connection.stats.received.bytes >= length, 'the first part');
      other.far.end(join(codec.encode(Buffer.alloc(65_000, 'noise'))));
      await noise;
      far.end(stream.subarray(length));
      await scan;
      expect(kept).toEqual([value]);
    },
  );
});

describe('a visitor', () => {
  test('that throws ends the scan behind its frame, and the next reader goes on', async () => {
    const { connection, far } = await framedAt(TCP, codec);
    const scan = connection.scan((bytes, start, end) => {
      if (Buffer.from(bytes.subarray(start, end)).toString() === 'two') {
        throw new RangeError('enough');
      }
    });
    far.end(join(['one', 'two', 'three', 'four'].map(frame)));
    expect(await rejection(scan)).toBeInstanceOf(RangeError);
    expect(await connection.receive()).toEqual(Buffer.from('three'));
    expect(await connection.receive()).toEqual(Buffer.from('four'));
    expect(await connection.receive()).toBeUndefined();
  });

  test('that destroys the connection sees no more, and the socket is reset', async () => {
    const { connection, far } = await framedAt(TCP, codec);
    let seen = 0;
    const scan = connection.scan(() => {
      seen++;
      connection.destroy();
    });
    const closed = emitted(far.resume(), 'close');
    far.write(join(['one', 'two'].map(frame)));
    expect(await rejection(scan)).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
    expect(seen).toBe(1);
    await closed;
  });

  test.each([10, 5000, 20_000])('may send what it sees, %i bytes long', async (length) => {
    const { connection, far } = await framedAt(TCP, codec);
    const value = Buffer.alloc(length, 'sent back ');
    const back: Buffer[] = [];
    far.on('data', (chunk: Buffer) => back.push(chunk));
    const scan = connection.scan((bytes, start, end) => {
      void connection.send(bytes.subarray(start, end));
    });
    const stream = join(Array.from({ length: 20 }, () => codec.encode(value)).flat());
    far.end(stream);
    await scan;
    await connection.close();
    await until(() => join(back).length >= stream.length, 'everything came back');
    expect(Buffer.from(join(back))).toEqual(Buffer.from(stream));
  });

  test('may send it elsewhere, and scan what waits elsewhere', async () => {
    const one = await framedAt(TCP, codec);
    const two = await framedAt(OUTGOING, codec);
    const back: Buffer[] = [];
    two.far.on('data', (chunk: Buffer) => back.push(chunk));
    // `two` has whole frames, of which its reader has taken one.
    const first = two.connection.receive();
    await write(two.far, join(['a', 'b', 'c'].map(frame)));
    expect(await first).toEqual(Buffer.from('a'));
    const words: string[] = [];
    let inner: Promise<void> | undefined;
    const outer = one.connection.scan((bytes, start, end) => {
      void two.connection.send(bytes.subarray(start, end));
      inner ??= two.connection.scan((others, from, to) => {
        words.push(Buffer.from(others.subarray(from, to)).toString());
      });
      words.push(Buffer.from(bytes.subarray(start, end)).toString());
    });
    one.far.end(join(['x', 'y'].map(frame)));
    await outer;
    two.far.end();
    await inner;
    expect(words).toEqual(['b', 'c', 'x', 'y']);
    await until(() => join(back).length >= 10, 'both came');
    expect(Buffer.from(join(back))).toEqual(Buffer.from(join(['x', 'y'].map(frame))));
  });
});

describe('the socket', () => {
  test('may have another listener to data, which gets bytes that stay', async () => {
    const { connection, far } = await framedAt(TCP, codec);
    const kept: Buffer[] = [];
    connection.duplex.on('data', (chunk: Buffer) => kept.push(chunk));
    const words: string[] = [];
    const scan = connection.scan((bytes, start, end) => {
      words.push(Buffer.from(bytes.subarray(start, end)).toString());
    });
    await write(far, frame('one'));
    await until(() => words.length === 1, 'one');
    far.end(frame('two'));
    await scan;
    expect(words).toEqual(['one', 'two']);
    expect(Buffer.concat(kept)).toEqual(Buffer.from(join(['one', 'two'].map(frame))));
  });

  test.each(['reused', 'own'] as const)('gives no text (%s memory)', async (readBuffer) => {
    const { connection, far } = await framedAt(TCP, codec, { readBuffer });
    const words: string[] = [];
    const failed = rejection(
      connection.scan((bytes, start, end) => {
        words.push(Buffer.from(bytes.subarray(start, end)).toString());
      }),
    );
    await write(far, frame('one'));
    await until(() => words.length === 1, 'one');
    connection.duplex.setEncoding('latin1');
    far.end(frame('two'));
    expect(await failed).toMatchObject({ hint: expect.stringContaining('setEncoding()') });
    expect(words).toEqual(['one']);
  });

  test.each([TCP, OUTGOING])('tells of a reset while nobody reads ($name)', async (place) => {
    const made = await framedAt(place, codec);
    await prime(made);
    const { connection, far } = made;
    const first = connection.receive();
    await write(far, join(['one', 'two'].map(frame)));
    expect(await first).toEqual(Buffer.from('one'));
    far.resetAndDestroy();
    expect(await connection.closed).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(await connection.receive()).toEqual(Buffer.from('two'));
  });

  test.each([TCP, OUTGOING])('holds the sender back while nobody reads ($name)', async (place) => {
    const made = await framedAt(place, codec);
    await prime(made);
    const { connection, far } = made;
    const first = connection.receive();
    const value = Buffer.alloc(60_000);
    let taken = 0;
    const count = 1000;
    for (let i = 0; i < count; i++) {
      far.write(join(codec.encode(value)), () => void taken++);
    }
    await first;
    expect(await settled(() => taken)).toBeLessThan(count);
    expect(connection.stats.received.bytes).toBeLessThan(400_000);
    let found = 1;
    far.end();
    await connection.scan(() => void found++);
    expect(found).toBe(count);
  });

  test('is the one that listeners of connection get, and that the server counts', async () => {
    poison();
    const gate = deferred();
    const server = await started({}, async (connection) => {
      await connection.scan(() => undefined);
      await gate.promise;
    });
    const heard: Socket[] = [];
    server.server.on('connection', (socket) => heard.push(socket));
    const client = await dial(codec, { port: server.port });
    onTestFinished(() => client.destroy());
    await client.send(utf8('x'));
    await until(() => heard.length === 1, 'it was heard');
    expect(heard[0]?.remotePort).toBe((client.duplex as Socket).localPort);
    const counted = new Promise((resolve) => {
      server.server.getConnections((_, count) => resolve(count));
    });
    expect(await counted).toBe(1);
    heard[0]?.destroy();
    expect(await client.receive().catch((error: unknown) => error)).not.toBeInstanceOf(Buffer);
    gate.resolve();
    await until(() => server.connections === 0, 'it is gone');
  });

  test('is published with frames that a subscriber may keep', async () => {
    const kept: Uint8Array[] = [];
    const onFrame = (event: unknown): void => {
      const { connection: from, value } = event as { connection: unknown; value: Uint8Array };
      if (from === connection) {
        kept.push(value);
      }
    };
    const { connection, far } = await framedAt(TCP, codec);
    subscribe('unstick:frame', onFrame);
    onTestFinished(() => {
      unsubscribe('unstick:frame', onFrame);
    });
    far.end(join(['one', 'two'].map(frame)));
    await connection.scan(() => undefined);
    expect(kept.map((value) => Buffer.from(value).toString())).toEqual(['one', 'two']);
  });
});
