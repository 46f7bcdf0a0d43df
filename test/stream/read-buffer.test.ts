// Every way of reading over both kinds of memory, with the read buffer overwritten after each read. Values
// are kept until the end and compared then, so that a view of the buffer shows as a wrong value.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { defineCodec, lengthPrefixed, lines, messages, rawBytes } from '../../src/entries/main.ts';
import type { Codec, JsonObject, MessageStream } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';
import { buffer } from '../support/channels.ts';
import {
  FRAME_KINDS,
  framedAt,
  messagesAt,
  plainAt,
  PLACES,
  poison,
} from '../support/library-sockets.ts';
import type { Place, Plain, ReadBuffer } from '../support/library-sockets.ts';
import { dialPeer, startPeers } from '../support/peers.ts';
import { write } from '../support/sockets.ts';
import { until } from '../support/waiting.ts';

const codec = lengthPrefixed();

const KINDS: readonly ReadBuffer[] = ['reused', 'own'];
/** Makes bytes that differ from place to place, and from value to value. */
function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13 + seed * 31) % 251);
}

const LENGTHS = [0, 1, 5, 100, 0, 3000, 5000, 70_000, 1, 200_000, 2];
const VALUES = LENGTHS.map((length, seed) => bytesOf(length, seed));
/** Lengths of pieces that end inside prefixes, behind frames and inside long payloads. */
const CUTS = [1, 2, 3, 5, 40, 4000, 30_000, 65_536, 65_537, 500, 66_000, 7];

function cut(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = CUTS[i % CUTS.length] ?? 1;
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  return pieces;
}

/** Sends pieces, each when the piece before it was read, and then ends. */
async function play(
  far: { readonly socket: Parameters<typeof write>[0]; readonly received: () => number },
  pieces: readonly Uint8Array[],
): Promise<void> {
  let sent = 0;
  for (const piece of pieces) {
    await write(far.socket, piece);
    sent += piece.length;
    await until(() => far.received() >= sent, 'the piece was read');
  }
  far.socket.end();
}

const PLAIN = VALUES.flatMap((value) => codec.encode(value));

type Read = (connection: Plain) => Promise<Uint8Array[]>;

const ways: Readonly<Record<string, Read>> = {
  'for await': async (connection) => {
    const kept: Uint8Array[] = [];
    for await (const frame of connection) {
      kept.push(frame);
    }
    return kept;
  },
  receive: async (connection) => {
    const kept: Uint8Array[] = [];
    for (;;) {
      const frame = await connection.receive({ timeout: 60_000 });
      if (frame === undefined) {
        return kept;
      }
      kept.push(frame);
    }
  },
  batches: async (connection) => {
    const kept: Uint8Array[] = [];
    for await (const batch of connection.batches()) {
      kept.push(...batch);
    }
    return kept;
  },
  // A visitor must copy the bytes that it keeps.
  scan: async (connection) => {
    const kept: Uint8Array[] = [];
    await connection.scan((bytes, start, end) => {
      kept.push(Uint8Array.from(bytes.subarray(start, end)));
    });
    return kept;
  },
};

/** Returns Buffers, because `toEqual` compares them fast. */
function buffers(kept: readonly (Uint8Array | undefined)[]): (Buffer | undefined)[] {
  return kept.map((bytes) => (bytes === undefined ? undefined : Buffer.from(bytes)));
}

const EXPECTED = buffers(VALUES);

describe.each(FRAME_KINDS)('with %s memory', (kind) => {
  describe.each(PLACES)('$name', (place) => {
    test.each(Object.entries(ways))('%s gives what was sent, for good', async (_, read) => {
      const { connection, far } = await plainAt(place, kind);
      const before = connection.stats.received;
      const received = (): number => connection.stats.received.bytes - before.bytes;
      const reading = read(connection);
      await play({ socket: far, received }, cut(join(PLAIN)));
      expect(buffers(await reading)).toEqual(EXPECTED);
      expect(received()).toBe(join(PLAIN).length);
      expect(connection.stats.received.frames - before.frames).toBe(VALUES.length);
      expect(connection.stats.buffered).toBe(0);
    });

    test('one value at a time, while later ones wait in the decoder and in the socket', async () => {
      const { connection, far } = await plainAt(place, kind);
      far.end(join(PLAIN));
      const kept: (Uint8Array | undefined)[] = [];
      for (const _ of VALUES) {
        kept.push(await connection.receive());
        // Bytes that come in the meantime go through the stream of the socket.
        await new Promise(setImmediate);
      }
      expect(buffers(kept)).toEqual(EXPECTED);
      expect(await connection.receive()).toBeUndefined();
    });
  });

  const [place] = PLACES as [Place];

  test('ways of reading may take turns', async () => {
    const { connection, far } = await plainAt(place, kind);
    const first = connection.receive();
    far.write(join(PLAIN));
    const kept = [await first, await connection.receive()];
    for await (const frame of connection) {
      kept.push(frame);
      if (kept.length === 6) {
        break;
      }
    }
    far.end();
    await connection.scan((bytes, start, end) => {
      kept.push(Uint8Array.from(bytes.subarray(start, end)));
    });
    expect(buffers(kept)).toEqual(EXPECTED);
  });
});

/** Codecs whose values are more than bytes. */
const text = (value: unknown): string => JSON.stringify(value);
const HEADERS = VALUES.map((body, id) => ({ header: { id }, body }));
const parts = lengthPrefixed({ before: 2, after: 1, deliver: 'parts' });

interface Row<T> {
  readonly codec: Codec<T, unknown>;
  readonly values: readonly T[];
  readonly seen: (value: unknown) => unknown;
}

function row<T>(made: Codec<T, unknown>, values: readonly T[], seen: Row<T>['seen']): Row<unknown> {
  return { codec: made, values, seen };
}

const netstring = defineCodec<Uint8Array, Uint8Array>({
  maxLength: 300_000,
  encode: (value) => [Buffer.from(`${value.length}:`), value, Buffer.from(',')],
  next: (queue) => {
    const colon = queue.indexOf(0x3a);
    if (colon < 0) {
      return undefined;
    }
    const length = Number(Buffer.from(queue.peek(colon)).toString());
    if (!queue.hasFrame(colon + length + 2)) {
      return undefined;
    }
    queue.skip(colon + 1);
    const value = queue.take(length);
    queue.skip(1);
    return value;
  },
});
const plainBytes = (value: unknown): unknown => Buffer.from(value as Uint8Array).toString('hex');

const codecs: Readonly<Record<string, Row<unknown>>> = {
  'messages()': row(messages({ maxBodyLength: 300_000 }), HEADERS, (value) => {
    const { header, body } = value as (typeof HEADERS)[number];
    return [text({ id: header.id }), plainBytes(body)];
  }),
  'frames in parts': row(
    parts,
    VALUES.map((payload, i) => ({ before: Uint8Array.of(i, 1), after: Uint8Array.of(i), payload })),
    (value) => {
      const { before, after, payload } = value as Record<string, Uint8Array>;
      return [plainBytes(before), plainBytes(after), plainBytes(payload)];
    },
  ),
  'lines()': row(
    lines({ maxLength: 300_000 }),
    LENGTHS.map((length, i) => Buffer.alloc(length, 97 + i)),
    plainBytes,
  ),
  'defineCodec()': row(netstring, VALUES, plainBytes),
};

describe.each(KINDS)('codecs with %s memory', (readBuffer) => {
  test.each(Object.entries(codecs))('%s', async (_, { codec: made, values, seen }) => {
    const [place] = PLACES as [Place];
    const { connection, far } = await framedAt(place, made, { readBuffer });
    const kept: unknown[] = [];
    const reading = (async () => {
      for await (const value of connection) {
        kept.push(value);
      }
    })();
    const stream = join(values.flatMap((value) => made.encode(value)));
    await play({ socket: far, received: () => connection.stats.received.bytes }, cut(stream));
    await reading;
    expect(kept.map(seen)).toEqual(values.map(seen));
  });

  test('rawBytes()', async () => {
    const [place] = PLACES as [Place];
    const { connection, far } = await framedAt(place, rawBytes(), { readBuffer });
    const kept: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of connection) {
        kept.push(chunk);
      }
    })();
    const stream = join(PLAIN);
    await play({ socket: far, received: () => connection.stats.received.bytes }, cut(stream));
    await reading;
    expect(Buffer.from(join(kept))).toEqual(Buffer.from(stream));
  });
});

type ReadBody = (
  message: Awaited<ReturnType<MessageStream<JsonObject>['receive']>>,
) => Promise<Uint8Array>;

const bodyWays: Readonly<Record<string, ReadBody>> = {
  'bytes()': async (message) => message?.bytes() ?? Buffer.alloc(0),
  'the stream, iterated': async (message) => {
    const kept: Uint8Array[] = [];
    for await (const piece of message?.body ?? []) {
      kept.push(piece);
    }
    return join(kept);
  },
  "the stream, 'data'": async (message) => {
    const kept: Uint8Array[] = [];
    message?.body.on('data', (piece: Uint8Array) => kept.push(piece));
    await once(message?.body ?? process, 'end');
    return join(kept);
  },
  'visit()': async (message) => {
    const kept: Uint8Array[] = [];
    await message?.body.visit((bytes) => {
      kept.push(Uint8Array.from(bytes));
    });
    return join(kept);
  },
};

describe.each(KINDS)('bodies with %s memory', (readBuffer) => {
  describe.each(PLACES)('$name', (place) => {
    test.each(Object.entries(bodyWays))('%s gives what was sent', async (_, read) => {
      const { connection, far } = await messagesAt(place, { readBuffer });
      // The first visit makes the socket lend.
      const first = connection.receive();
      const opening = join(messages().encode({ header: {}, body: utf8('first') }));
      await write(far, opening.slice(0, -2));
      const visit = (await first)?.body.visit(() => undefined);
      await write(far, opening.slice(-2));
      await visit;
      const kept: Uint8Array[] = [];
      const ids: unknown[] = [];
      const reading = (async () => {
        for await (const message of connection) {
          ids.push(message.header['id']);
          kept.push(await read(message));
        }
      })();
      const stream = join(HEADERS.flatMap((message) => messages().encode(message)));
      const received = (): number => connection.stats.received.bytes - opening.length;
      await play({ socket: far, received }, cut(stream));
      await reading;
      expect(buffers(kept)).toEqual(EXPECTED);
      expect(ids).toEqual(HEADERS.map(({ header }) => header.id));
    });
  });
});

describe.each(KINDS)('peers with %s memory', (readBuffer) => {
  test('bodies of requests and bytes of channels are given for good', async () => {
    poison();
    const bodies: (Uint8Array | undefined)[] = [];
    const server = await startPeers(
      (peer) => {
        peer.handle('keep', (_, { body }) => {
          bodies.push(body);
          return null;
        });
        peer.handleChannel('echo', (channel) => void channel.pipe(channel));
      },
      { readBuffer },
    );
    const peer = await dialPeer(server.port, { readBuffer });
    const channel = peer.open('echo');
    const carried = buffer(channel);
    for (const body of VALUES) {
      channel.write(body);
      await peer.request('keep', null, { body });
    }
    channel.end();
    expect(await carried).toEqual(Buffer.from(join(VALUES)));
    expect(buffers(bodies.map((body) => body ?? new Uint8Array()))).toEqual(EXPECTED);
    expect(server.errors).toEqual([]);
  });
});
