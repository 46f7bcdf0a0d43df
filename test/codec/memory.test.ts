// The memory of a decoder depends on the bytes that it was given and has not delivered, and not on the length
// in a prefix or on the number of chunks. It is measured with takeRest(), which returns views of all memory
// that the decoder holds. So the measurement is exact, and the same on every machine.

import { describe, expect, test } from 'vitest';
import type { Decoder } from '../../src/codec/codec.ts';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { hdlc } from '../../src/codec/delimited/escapes.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join } from '../support/bytes.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

interface Held {
  readonly bytes: number;
  readonly memory: number;
  readonly objects: number;
}

function held(decoder: Decoder<unknown>): Held {
  const bytes = decoder.bufferedLength;
  const rest = decoder.takeRest?.() ?? [];
  const buffers = new Set(rest.map(({ buffer }) => buffer));
  const memory = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { bytes, memory, objects: rest.length };
}

/** A fresh decoder of each kind that waits for some 3 MiB more. */
const waiting: Record<string, () => Decoder<unknown>> = {
  lengthPrefixed: () => {
    const decoder = lengthPrefixed().decoder();
    decoder.push(hex('00300000'));
    return decoder;
  },
  messages: () => {
    const decoder = messages().decoder();
    const whole = join(messages().encode({ header: {}, body: new Uint8Array(3 * MIB) }));
    decoder.push(whole.slice(0, whole.length - 3 * MIB));
    return decoder;
  },
  delimited: () => delimited({ end: '0d 0a', maxLength: 3 * MIB }).decoder(),
  'delimited with escapes': () =>
    delimited({ end: '7e', escape: hdlc, maxLength: 3 * MIB }).decoder(),
  rawBytes: () => rawBytes().decoder(),
};

describe.each(Object.entries(waiting))('a decoder of %s', (name, make) => {
  const takes = name !== 'rawBytes';

  test('packs thousands of 1-byte chunks, so that they cost bytes and not objects', () => {
    const decoder = make();
    for (let i = 0; i < 100_000; i++) {
      decoder.push(new Uint8Array(1));
      if (takes) {
        decoder.take();
      }
    }
    const { bytes, memory, objects } = held(decoder);
    expect(bytes).toBeGreaterThanOrEqual(100_000);
    expect(memory).toBeLessThan(bytes + 128 * KIB);
    expect(objects).toBeLessThan(50);
  });

  test('does not keep the large buffers of which small chunks are views', () => {
    const decoder = make();
    for (let i = 0; i < 300; i++) {
      decoder.push(new Uint8Array(64 * KIB).subarray(7, 5000));
    }
    if (takes) {
      decoder.take();
    }
    const { bytes, memory } = held(decoder);
    // The very first chunk of an empty queue is looked at where it lies.
    expect(memory).toBeLessThan(bytes + 256 * KIB);
  });

  test('holds large chunks as they are', () => {
    const decoder = make();
    for (let i = 0; i < 30; i++) {
      decoder.push(new Uint8Array(64 * KIB));
    }
    const { bytes, memory, objects } = held(decoder);
    expect(memory).toBeLessThan(bytes + 128 * KIB);
    expect(objects).toBeLessThan(40);
  });
});

describe('a kept tail', () => {
  test('of a 64 KiB chunk does not keep the chunk, once the frames before it were taken', () => {
    const codec = lengthPrefixed();
    const frames = codec.encode(new Uint8Array(1000));
    const chunk = join([...Array.from({ length: 65 }, () => frames).flat(), hex('00ff00')]);
    const decoder = codec.decoder();
    decoder.push(chunk);
    expect([...decoder]).toHaveLength(65);
    expect(held(decoder).memory).toBeLessThan(KIB);
  });

  test('that was scanned is a copy, so the chunk may be reused', () => {
    const decoder = lengthPrefixed().decoder();
    const chunk = join([hex('00000001 61'), hex('00000003 62')]);
    decoder.scan(chunk, () => undefined);
    chunk.fill(0xff);
    decoder.push(hex('6364'));
    expect(decoder.take()).toEqual(hex('626364'));
  });
});

describe('a declared length with nothing behind it', () => {
  const huge = 4_294_967_295;
  const decoders: Record<string, () => Decoder<unknown>> = {
    frame: () => lengthPrefixed({ maxPayloadLength: huge }).decoder(),
    parts: () => lengthPrefixed({ maxPayloadLength: huge, after: 1, deliver: 'parts' }).decoder(),
    skipped: () => lengthPrefixed().decoder({ onSkip: () => undefined }),
  };

  test.each(Object.entries(decoders))('costs nothing as a %s', (name, make) => {
    const before = process.memoryUsage().arrayBuffers;
    const all = Array.from({ length: 50 }, () => {
      const decoder = make();
      decoder.push(hex('ffffffff 00'));
      expect(decoder.take()).toBeUndefined();
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MIB);
    expect(all.every((decoder) => decoder.bufferedLength <= 5)).toBe(true);
    // The rest of a skipped frame is not given back, and nothing of it is held.
    const rests = name === 'skipped' ? [] : all.map(held);
    expect(rests.every(({ memory }) => memory < KIB)).toBe(true);
  });

  test.each([
    ['messages', messages({ maxBodyLength: huge })],
    ['messageParts', messageParts()],
  ])('costs nothing as a body of %s', (_, codec) => {
    const header = new TextEncoder().encode(`{"bodyLength":${huge}}`);
    const before = process.memoryUsage().arrayBuffers;
    const decoder = codec.decoder();
    decoder.push(join([Uint8Array.of(0, 0, 0, header.length), header]));
    decoder.take();
    decoder.take();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MIB);
    expect(held(decoder).memory).toBeLessThan(KIB);
  });
});

describe('a long frame for which there is no memory', () => {
  /** Chunks of a class that has no memory for more than 1 MiB, and counts how often it was asked. */
  class Scarce extends Uint8Array {
    static asked = 0;
    static isScarce = true;

    static allocUnsafeSlow(length: number): Scarce {
      if (length > MIB) {
        Scarce.asked++;
        if (Scarce.isScarce) {
          throw new RangeError('Array buffer allocation failed');
        }
      }
      return new Scarce(length);
    }
  }

  test('waits in its chunks, and asks for the memory again only when all of it has come', () => {
    const decoder = lengthPrefixed().decoder();
    const head = new Scarce(4);
    head.set(hex('00300000'));
    decoder.push(head);
    for (let i = 0; i < 48; i++) {
      expect(decoder.take()).toBeUndefined();
      decoder.push(new Scarce(64 * KIB).fill(i));
    }
    expect(Scarce.asked).toBe(1);
    Scarce.isScarce = false;
    const frame = decoder.take();
    expect(frame?.length).toBe(3 * MIB);
    expect(frame?.every((byte, i) => byte === Math.floor(i / (64 * KIB)))).toBe(true);
    expect(Scarce.asked).toBe(2);
  });
});
