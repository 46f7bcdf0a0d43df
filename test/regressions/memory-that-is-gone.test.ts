// If memory was transferred or shrunk, take threw a TypeError or RangeError of the engine, and encode wrote
// an empty frame.

import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join, toHex } from '../support/bytes.ts';

function transfer({ buffer }: Uint8Array): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

/**
 * Makes a resizable buffer. The types of the oldest supported Node lack such buffers, but its engine has
 * them.
 */
function resizable(bytes: Uint8Array): { view: Uint8Array; shrink: () => void } {
  const buffer: unknown = Reflect.construct(ArrayBuffer, [
    bytes.length,
    { maxByteLength: bytes.length },
  ]);
  const memory = buffer as ArrayBuffer & { resize(length: number): void };
  const view = new Uint8Array(memory, 0, bytes.length);
  view.set(bytes);
  return { view, shrink: () => memory.resize(2) };
}

const payload = hex('68656c6c6f');
const codecs: [string, Codec<never, unknown>, Uint8Array][] = [
  ['lengthPrefixed', lengthPrefixed(), join(lengthPrefixed().encode(payload))],
  ['u8', lengthPrefixed({ prefix: 'u8' }), hex('0568656c6c6f')],
  ['fixed bytes', lengthPrefixed({ before: hex('ca') }), hex('ca 00000005 68656c6c6f')],
  ['parts', lengthPrefixed({ before: 1, deliver: 'parts' }), hex('ca 00000005 68656c6c6f')],
  ['netstrings', netstrings(), join(netstrings().encode(payload))],
  ['contentLength', contentLength(), join(contentLength().encode(payload))],
  ['rawBytes', rawBytes(), payload],
  ['messages', messages(), join(messages().encode({ header: {}, body: payload }))],
  ['messageParts', messageParts(), join(messages().encode({ header: {}, body: payload }))],
];
const gone = expect.objectContaining({ name: 'UsageError', code: 'ERR_CHUNK_DETACHED' });

describe.each(codecs)('%s', (_, codec, frame) => {
  test.each(['transferred', 'shrunk'])('says that a chunk was %s before it was read', (how) => {
    const { view, shrink } = resizable(frame);
    const chunk = how === 'shrunk' ? view : frame.slice();
    const decoder = codec.decoder();
    decoder.push(chunk);
    if (how === 'shrunk') {
      shrink();
    } else {
      transfer(chunk);
    }
    expect(() => decoder.take()).toThrow(gone);
    expect(() => decoder.take()).toThrow(gone);
  });

  test('says so of a chunk behind the first', () => {
    const large = 5000;
    const stream = join(Array.from({ length: large }, () => frame));
    const decoder = codec.decoder();
    const second = stream.slice(stream.length / 2 - 2);
    decoder.push(stream.slice(0, stream.length / 2 - 2));
    decoder.push(second);
    transfer(second);
    expect(() => {
      while (decoder.take() !== undefined) {}
    }).toThrow(gone);
  });

  test('refuses a chunk that is gone already', () => {
    const chunk = frame.slice();
    transfer(chunk);
    expect(() => codec.decoder().push(chunk)).toThrow(gone);
  });

  // In Node 20 and 22, optimized code that has seen resizable memory reads the old length of an array whose
  // memory was transferred.
  test('refuses it in optimized code as well', () => {
    const { view } = resizable(frame);
    for (let i = 0; i < 20_000; i++) {
      codec.decoder().push(i % 2 === 0 ? frame : view);
    }
    const chunk = frame.slice();
    transfer(chunk);
    expect(() => codec.decoder().push(chunk)).toThrow(gone);
  });

  test('goes on where a chunk is transferred whose values were all taken', () => {
    const decoder = codec.decoder();
    for (let i = 0; i < 3; i++) {
      const chunk = frame.slice();
      decoder.push(chunk);
      let count = 0;
      while (decoder.take() !== undefined) {
        count++;
      }
      expect(count).toBeGreaterThan(0);
      transfer(chunk);
    }
    decoder.end();
    expect(decoder.take()).toBeUndefined();
    expect(decoder.done).toBe(true);
  });
});

test('says so of a chunk of a long frame, which is joined while it comes', () => {
  const decoder = lengthPrefixed().decoder();
  const first = new Uint8Array(1_000_000);
  first.set(hex('00300000'));
  decoder.push(first);
  expect(decoder.take()).toBeUndefined();
  const second = new Uint8Array(1_000_000);
  decoder.push(second);
  transfer(second);
  expect(() => decoder.take()).toThrow(gone);
  expect(() => decoder.take()).toThrow(gone);
});

test('optimized code encodes nothing that is gone', () => {
  const codec = lengthPrefixed();
  const { view } = resizable(payload);
  for (let i = 0; i < 20_000; i++) {
    codec.encode(i % 2 === 0 ? payload : view);
  }
  const value = payload.slice();
  transfer(value);
  expect(() => codec.encode(value)).toThrow(
    expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }),
  );
});

test('a view that is transferred with a block of ours breaks no push: the rest comes or is said to be gone', () => {
  const decoder = lengthPrefixed().decoder();
  for (const byte of hex('00000001 61 00000002')) {
    decoder.push(Uint8Array.of(byte));
  }
  const view = decoder.take() ?? hex('');
  transfer(view);
  decoder.push(hex('6869'));
  let said: string;
  try {
    said = toHex(decoder.take() ?? hex(''));
  } catch (error) {
    said = (error as { code: string }).code;
  }
  expect(['6869', 'ERR_CHUNK_DETACHED']).toContain(said);
});

test('scan says so too, and shows nothing of what is gone', () => {
  const decoder = lengthPrefixed().decoder();
  const chunk = hex('00000002 68');
  decoder.push(chunk);
  transfer(chunk);
  const seen: string[] = [];
  expect(() =>
    decoder.scan(hex('69'), (bytes, start, end) => seen.push(toHex(bytes.slice(start, end)))),
  ).toThrow(gone);
  expect(seen).toEqual([]);
});

test.each([
  ['lengthPrefixed', (bytes: Uint8Array) => lengthPrefixed().encode(bytes)],
  ['encodedLength', (bytes: Uint8Array) => lengthPrefixed().encodedLength(bytes)],
  ['encodeInto', (bytes: Uint8Array) => lengthPrefixed().encodeInto(bytes, new Uint8Array(99), 0)],
  ['a frame', (bytes: Uint8Array) => lengthPrefixed({ deliver: 'frame' }).encode(bytes)],
  ['parts', (bytes: Uint8Array) => lengthPrefixed({ deliver: 'parts' }).encode({ payload: bytes })],
  ['netstrings', (bytes: Uint8Array) => netstrings().encode(bytes)],
  ['rawBytes', (bytes: Uint8Array) => rawBytes().encode(bytes)],
  ['messages', (bytes: Uint8Array) => messages().encode({ header: {}, body: bytes })],
  ['messageParts', (bytes: Uint8Array) => messageParts().encode({ kind: 'body', bytes })],
])('%s refuses a value whose memory is gone, and takes an empty one', (_, encode) => {
  const bytes = hex('00000001 61');
  transfer(bytes);
  expect(() => encode(bytes)).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
  const empty = _ === 'a frame' ? new Uint8Array(4) : new Uint8Array(0);
  expect(() => encode(empty)).not.toThrow();
});
