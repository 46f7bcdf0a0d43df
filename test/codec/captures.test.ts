// Streams recorded from real software, delivered as they came, one byte at a time, all at once, and cut
// anywhere. In a protocol with phases, the next codec begins with the rest that the last one gave back.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec, Decoder } from '../../src/codec/codec.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { cutsOf, split } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';
import { load } from '../support/vectors.ts';

interface Capture {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly chunks: readonly string[];
  readonly frames: readonly string[];
  readonly headers?: readonly unknown[];
}

const captures = load('captures.json', 'captures') as readonly Capture[];

/** A codec, for so many values or bytes, or to the end. */
interface Phase {
  readonly codec: Codec<Uint8Array>;
  readonly frames?: number;
  /** For bytes without frames: how many of them belong to this phase. */
  readonly bytes?: number;
}

const startup = lengthPrefixed({ counts: ['prefix', 'payload'], deliver: 'frame' });
const typed = lengthPrefixed({ before: 1, counts: ['prefix', 'payload'], deliver: 'frame' });

const PHASES: Readonly<Record<string, readonly Phase[]>> = {
  'postgres-simple-query-client': [{ codec: startup, frames: 1 }, { codec: typed }],
  'postgres-simple-query-server': [{ codec: typed }],
  'postgres-sslrequest-client': [{ codec: startup, frames: 2 }, { codec: typed }],
  'postgres-sslrequest-server': [{ codec: rawBytes(), bytes: 1 }, { codec: typed }],
  'dns-tcp-0-s2c': [{ codec: lengthPrefixed({ prefix: 'u16be' }) }],
  'erlang-packet-1-s2c': [{ codec: lengthPrefixed({ prefix: 'u8' }) }],
  'erlang-packet-4-c2s': [{ codec: lengthPrefixed() }],
  'python-mp-connection-c2s': [{ codec: lengthPrefixed({ prefix: 'i32be' }) }],
  'classic-struct-json-header-s2c': [{ codec: lengthPrefixed({ prefix: 'i32le' }) }],
  'chrome-native-messaging': [{ codec: lengthPrefixed({ prefix: 'u32le' }) }],
  'grpc-messages-identity': [{ codec: lengthPrefixed({ before: 1, deliver: 'payload' }) }],
  'http2-frames-c2s-0': [
    { codec: rawBytes(), bytes: 24 },
    { codec: lengthPrefixed({ prefix: 'u24be', after: 6, deliver: 'frame' }) },
  ],
};
const MESSAGES = 'classic-struct-json-header-c2s';

class PhasedReader {
  readonly frames: string[] = [];
  readonly #left: Phase[];
  #decoder: Decoder<Uint8Array> = rawBytes().decoder();
  #missing = 0;

  constructor(phases: readonly Phase[]) {
    this.#left = [...phases];
    this.#next([]);
  }

  push(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    for (let value = this.#decoder.take(); value !== undefined; value = this.#decoder.take()) {
      this.#value(value);
    }
  }

  end(): boolean {
    this.#decoder.end();
    return this.#decoder.take() === undefined && this.#decoder.done;
  }

  #next(rest: readonly Uint8Array[]): void {
    const [phase] = this.#left;
    if (phase === undefined) {
      throw new Error('no phase is left');
    }
    this.#decoder = phase.codec.decoder();
    this.#missing = phase.frames ?? phase.bytes ?? Infinity;
    if (phase.bytes !== undefined) {
      this.frames.push('');
    }
    for (const chunk of rest) {
      this.push(chunk);
    }
  }

  #value(value: Uint8Array): void {
    const raw = this.#left[0]?.bytes !== undefined;
    const used = raw ? Math.min(value.length, this.#missing) : value.length;
    const shown = toHex(value.subarray(0, used));
    if (raw) {
      this.frames.push(`${this.frames.pop() ?? ''}${shown}`);
    } else {
      this.frames.push(shown);
    }
    this.#missing -= raw ? used : 1;
    if (this.#missing > 0) {
      return;
    }
    this.#left.shift();
    const behind = value.subarray(used);
    const rest = this.#decoder.takeRest?.() ?? [];
    this.#next(behind.length > 0 ? [behind, ...rest] : rest);
  }
}

function eachDelivery({ chunks }: Capture, check: (delivery: readonly Uint8Array[]) => void): void {
  const recorded = chunks.map(hex);
  const stream = join(recorded);
  for (const delivery of [recorded, [stream], inPieces(stream, 1)]) {
    check(delivery);
  }
  fc.assert(
    fc.property(cutsOf(stream.length), (cuts) => check(split(stream, cuts))),
    runs(20),
  );
}

describe('a recorded stream', () => {
  test.each(captures.map((capture) => [capture.name, capture] as const))(
    '%s is what was recorded',
    (_, one) => {
      const stream = join(one.chunks.map(hex));
      expect(stream).toHaveLength(one.bytes);
      expect(createHash('sha256').update(stream).digest('hex')).toBe(one.sha256);
      expect(one.name in PHASES || one.name === MESSAGES).toBe(true);
    },
  );

  const framed = captures.filter(({ name }) => name in PHASES);
  test.each(framed.map((capture) => [capture.name, capture] as const))(
    '%s splits into its frames, however it is cut',
    (name, capture) => {
      eachDelivery(capture, (delivery) => {
        const reader = new PhasedReader(PHASES[name] ?? []);
        for (const chunk of delivery) {
          reader.push(chunk);
        }
        expect(reader.end()).toBe(true);
        expect(reader.frames).toEqual(capture.frames);
      });
    },
  );

  const classic = captures.filter(({ name }) => name === MESSAGES);
  test.each(classic.map((capture) => [capture.name, capture] as const))(
    '%s splits into headers and files whose MD5 is that of the header',
    (_, capture) => {
      const codec = messages({ prefix: 'i32le', bodyLengthKey: 'file_size' });
      eachDelivery(capture, (delivery) => {
        const decoder = codec.decoder();
        const all = delivery.flatMap((chunk) => {
          decoder.push(chunk);
          return [...decoder];
        });
        decoder.end();
        expect(decoder.take()).toBeUndefined();
        expect(decoder.done).toBe(true);
        expect(all.map(({ header }) => header)).toEqual(capture.headers);
        const sums = all.map(({ body }) => createHash('md5').update(body).digest('hex'));
        expect(sums).toEqual(all.map(({ header }) => header['md5']));
      });
    },
  );
});
