// What SECURITY.md says of memory where no other test measures it: how much a frame takes while it comes, and
// what a remote gets that only declares one or stops in the middle of it.

import { once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  defineCodec,
  fixedLength,
  framed,
  lengthPrefixed,
  messages,
  serve,
} from '../../src/entries/main.ts';
import type { Connection, FramedServer } from '../../src/entries/main.ts';
import type { Decoder } from '../../src/codec/codec.ts';
import { heldArrayBufferLength } from '../../src/prove/decoder/gauge.ts';
import { join } from '../support/bytes.ts';
import { dial, fateOf } from '../support/servers.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { turns, until } from '../support/waiting.ts';

const MIB = 2 ** 20;
const CHUNK_LENGTH = 64 * 1024;
const LENGTH = 16 * MIB;

function prefixOf(length: number): Uint8Array {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(length);
  return prefix;
}

const header = new TextEncoder().encode(`{"bodyLength":${LENGTH}}`);
const kinds: Record<string, { readonly make: () => Decoder<unknown>; readonly head: Uint8Array }> =
  {
    'frame of maxPayloadLength': {
      make: () => lengthPrefixed({ maxPayloadLength: LENGTH }).decoder(),
      head: prefixOf(LENGTH),
    },
    'frame of fixedLength': {
      make: () => fixedLength(LENGTH).decoder(),
      head: new Uint8Array(),
    },
    'frame whose length a codec of its own knows': {
      make: () =>
        defineCodec<Uint8Array>({
          maxLength: LENGTH,
          encode: (value) => value,
          next: (queue) => (queue.hasFrame(LENGTH) ? queue.take(LENGTH) : undefined),
        }).decoder(),
      head: new Uint8Array(),
    },
    'body of maxBodyLength': {
      make: () => messages({ maxBodyLength: LENGTH }).decoder(),
      head: join([prefixOf(header.length), header]),
    },
  };

describe.each(Object.entries(kinds))('a %s', (_, { make, head }) => {
  test('is held once, and a 16th of it twice for a moment, while it comes', () => {
    const decoder = make();
    let most = 0;
    /** Chunks whose class tells how much is held when the decoder asks for memory. */
    class Chunk extends Uint8Array {
      static allocUnsafeSlow(length: number): Chunk {
        most = Math.max(most, length + decoder.bufferedLength);
        return new Chunk(length);
      }
    }
    const first = new Chunk(head.length);
    first.set(head);
    decoder.push(first);
    const before = heldArrayBufferLength();
    for (let at = 0; at < LENGTH; at += CHUNK_LENGTH) {
      expect(decoder.take()).toBeUndefined();
      decoder.push(new Chunk(CHUNK_LENGTH));
      // The chunks that were copied are not held.
      if (at % (2 * MIB) === 0) {
        most = Math.max(most, heldArrayBufferLength() - before);
      }
    }
    expect(decoder.take()).toBeDefined();
    expect(most).toBeGreaterThan(LENGTH);
    expect(most).toBeLessThan(1.1 * LENGTH);
    expect(decoder.bufferedLength).toBe(0);
  });

  test('leaves the memory of its own bytes, and no more', () => {
    const decoder = make();
    decoder.push(head);
    for (let at = 0; at < LENGTH; at += CHUNK_LENGTH) {
      decoder.take();
      decoder.push(new Uint8Array(CHUNK_LENGTH));
    }
    const value = decoder.take();
    const bytes = value instanceof Uint8Array ? value : (value as { body: Uint8Array }).body;
    expect(bytes.length).toBe(LENGTH);
    expect(bytes.buffer.byteLength).toBeLessThan(LENGTH + 100);
  });
});

const DECLARED = 64 * MIB;
const codec = lengthPrefixed({ maxPayloadLength: DECLARED });

/** How the server reads: frame by frame, or shown in the read buffer that all its sockets share. */
const readers: Record<string, (connection: Connection<Uint8Array, Uint8Array>) => Promise<void>> = {
  receive: async (connection) => void (await connection.receive()),
  scan: (connection) => connection.scan(() => undefined),
};

describe.each(Object.entries(readers))('a server that reads with %s', (_, reader) => {
  const connections = new Set<Connection<Uint8Array, Uint8Array>>();

  async function start(): Promise<FramedServer> {
    const server = serve(codec, (connection) => {
      connections.add(connection);
      return reader(connection).finally(() => connections.delete(connection));
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    return server;
  }

  function buffered(): number {
    return [...connections].reduce((sum, { stats }) => sum + stats.buffered, 0);
  }

  test('holds what came for 200 remotes that declare 64 MiB and send 1 KiB', async () => {
    const server = await start();
    const before = heldArrayBufferLength();
    for (let i = 0; i < 200; i++) {
      dial(server).write(join([prefixOf(DECLARED), new Uint8Array(1024)]));
    }
    await until(() => buffered() === 200 * 1028, 'all of it has come');
    expect(heldArrayBufferLength() - before).toBeLessThan(2 * MIB);
  });

  test('holds at most 16 times what came, and lets it go with a remote that stalls', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const server = await start();
    const before = heldArrayBufferLength();
    const client = dial(server);
    const fate = fateOf(client);
    client.write(join([prefixOf(DECLARED), new Uint8Array(DECLARED / 16)]));
    await until(() => buffered() === DECLARED / 16 + 4, 'all of it has come');
    expect(heldArrayBufferLength() - before).toBeLessThan(1.1 * DECLARED);
    vi.advanceTimersByTime(31_000);
    expect((await fate).how).toBe('RST');
    await until(() => server.connections === 0, 'it is let go');
    await turns(10);
    expect(heldArrayBufferLength() - before).toBeLessThan(MIB);
  });
});

test('what has come of a long frame is given back by release, without the memory for the rest of it', async () => {
  const { near, far } = await tcpPair();
  const connection = framed(near, codec);
  const part = join([prefixOf(DECLARED), Buffer.alloc(DECLARED / 10, 'unread')]);
  const waiting = new AbortController();
  const pending = connection.receive({ signal: waiting.signal });
  await write(far, part);
  await until(() => connection.stats.buffered === part.length, 'all of it has come');
  waiting.abort();
  await expect(pending).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  const before = heldArrayBufferLength();
  const duplex = connection.release();
  expect(heldArrayBufferLength() - before).toBeLessThan(-DECLARED / 2);
  far.end('more');
  const chunks: Buffer[] = [];
  duplex.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(duplex, 'end');
  expect(Buffer.concat(chunks)).toEqual(Buffer.concat([part, Buffer.from('more')]));
});
