// A skipped frame counts as skipped, and its bytes count as received. It counts in no other number, however
// the stream is cut.

import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, messages } from '../../src/entries/main.ts';
import type { Codec } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';

interface Case {
  readonly read: Codec<never, unknown>;
  /** Bytes of three values, with a skipped frame behind each of the first two. */
  readonly wire: Uint8Array;
  readonly largest: number;
}

const frames = lengthPrefixed();
const summed = lengthPrefixed({
  trailer: { length: 1, compute: (bytes) => Uint8Array.of(bytes.length & 255) },
});
const frame = (length: number): Uint8Array => join(frames.encode(new Uint8Array(length)));
/** Makes a frame whose checksum is wrong in the bits of `flip`. */
const sum = (length: number, flip = 0): Uint8Array => {
  const bytes = join(summed.encode(new Uint8Array(length)));
  bytes[4 + length] = (bytes[4 + length] ?? 0) ^ flip;
  return bytes;
};
const message = (length: number): Uint8Array =>
  join(messages().encode({ header: {}, body: utf8('x'.repeat(length)) }));

const cases: Record<string, Case> = {
  'frames that are too large': {
    read: lengthPrefixed({ maxPayloadLength: 10 }),
    wire: join([frame(1), frame(30), frame(7), frame(5000), frame(3)]),
    largest: 11,
  },
  'frames in parts': {
    read: lengthPrefixed({ maxPayloadLength: 10, after: 1, deliver: 'parts' }),
    wire: join(
      [frame(1), frame(30), frame(7), frame(5000), frame(3)].map((bytes) => {
        const [head, payload] = [bytes.subarray(0, 4), bytes.subarray(4)];
        return join([head, Uint8Array.of(9), payload]);
      }),
    ),
    largest: 12,
  },
  'frames with a wrong checksum': {
    read: summed,
    wire: join([sum(1), sum(30, 1), sum(7), sum(500, 1), sum(3)]),
    largest: sum(7).length,
  },
  'messages that are too large': {
    read: messages({ maxBodyLength: 10 }),
    wire: join([message(1), message(30), message(7), message(5000), message(3)]),
    largest: message(7).length,
  },
};

describe.each([1, 7, 100_000])('in chunks of %i bytes', (size) => {
  test.each(Object.entries(cases))('%s', async (_, { read, wire, largest }) => {
    const chunks = Array.from({ length: Math.ceil(wire.length / size) }, (__, i) =>
      Buffer.from(wire.subarray(i * size, (i + 1) * size)),
    );
    const connection = framed(Duplex.from(chunks), read, { onSkip: () => undefined });
    while ((await connection.receive()) !== undefined) {
      // Only the counting matters here.
    }
    expect(connection.stats).toMatchObject({
      received: { frames: 3, bytes: wire.length, largest },
      skipped: 2,
    });
  });
});
