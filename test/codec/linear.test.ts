// Work is linear in bytes, whatever the chunk sizes. First by counting what can be counted (bytes that
// were copied), then by processor time with so much room that only a quadratic decoder fails.

import { describe, expect, test } from 'vitest';
import { ChunkQueue } from '../../src/codec/chunk-queue.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { join } from '../support/bytes.ts';
import { copiesOf } from '../support/counting-array.ts';

const MIB = 1024 * 1024;

function frames(payloadLength: number, total: number): Uint8Array {
  const [frame = new Uint8Array(0), payload = new Uint8Array(0)] = lengthPrefixed().encode(
    new Uint8Array(payloadLength),
  );
  const one = join([frame, payload]);
  return join(Array.from({ length: Math.max(1, Math.floor(total / one.length)) }, () => one));
}

describe('a decoder copies every byte a few times at most', () => {
  test.each([
    [16, 1],
    [16, 7],
    [16, 65_536],
    [1000, 1],
    [1000, 999],
    [70_000, 1],
    [70_000, 4096],
    [70_000, 65_536],
    [MIB - 4, 1],
    [MIB - 4, 5000],
  ])('in frames of %d bytes and chunks of %d', (payloadLength, chunkLength) => {
    const codec = lengthPrefixed();
    expect(copiesOf(codec, frames(payloadLength, MIB), chunkLength).copies).toBeLessThan(3.2);
  });

  test('in messages of every size, whole and in parts', () => {
    for (const size of [0, 100, 70_000, MIB]) {
      const message = messages().encode({ header: { name: 'x' }, body: new Uint8Array(size) });
      const stream = join(
        Array.from({ length: Math.ceil(200_000 / (size + 40)) }, () => message).flat(),
      );
      for (const chunkLength of [1, 5000]) {
        expect(copiesOf(messages(), stream, chunkLength).copies).toBeLessThan(3.2);
        expect(copiesOf(messageParts(), stream, chunkLength).copies).toBeLessThan(3.2);
      }
    }
  });
});

describe('a length field of the caller', () => {
  test('is asked at most once for each of its bytes', () => {
    let asked = 0;
    const prefix: LengthField = {
      maxWidth: 4,
      read: (bytes, at) => {
        asked++;
        return bytes.length < at + 4 ? undefined : { length: bytes[at + 3] ?? 0, width: 4 };
      },
      write: (length) => Uint8Array.of(0, 0, 0, length),
    };
    const decoder = lengthPrefixed({ prefix }).decoder();
    for (let i = 0; i < 1040; i++) {
      decoder.push(Uint8Array.of(i % 104 === 3 ? 100 : 0));
      decoder.take();
    }
    expect(asked).toBeLessThanOrEqual(10 * 4 + 11);
  });
});

describe('a queue of very many chunks', () => {
  test('is emptied without recursion', () => {
    const queue = new ChunkQueue();
    for (let i = 0; i < 20_000; i++) {
      queue.push(new Uint8Array(5000));
    }
    queue.skip(20_000 * 5000);
    expect(queue.length).toBe(0);
  });
});

/** Processor time, in ms: what else runs on the machine does not count. */
function costOf(total: number): number {
  const stream = frames(total - 4, total);
  const decoder = lengthPrefixed({ maxPayloadLength: total }).decoder();
  const before = process.cpuUsage();
  for (let at = 0; at < stream.length; at++) {
    decoder.push(stream.subarray(at, at + 1));
    decoder.take();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('one frame in 1-byte chunks', () => {
  test('of 2 MiB costs about four times as much as one of 512 KiB, not sixteen times', () => {
    costOf(MIB / 4);
    // The least of several: caches that others fill only ever add time.
    let [small, large] = [Infinity, Infinity];
    for (let attempt = 0; attempt < 8 && !(large / small < 5); attempt++) {
      small = Math.min(small, costOf(MIB / 2));
      large = Math.min(large, costOf(2 * MIB));
    }
    expect(large / small).toBeLessThan(9);
  });
});
