// Targets of unusual shapes. proveDecoder must either drive them or say that it cannot, and must not report
// its own errors as faults of the target.

import { EventEmitter } from 'node:events';
import { Transform, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { decoderChecks, proveDecoder } from '../../src/entries/testing.ts';
import type { DecoderTarget, ProveDecoderOptions } from '../../src/entries/testing.ts';
import { rejection, turns } from '../support/waiting.ts';
import { samplesOf, u8 } from './strangers/wire.ts';

const seed = 11;
const words = ['hi', '', 'abc'].map((word) => Buffer.from(word));
const options: ProveDecoderOptions<never, unknown> = {
  samples: samplesOf(words, u8),
  seed,
  runs: 30,
};
const quick = { ...options, without: ['linear-cost', 'bounded-memory'] } as const;

/** A right decoder of frames with one length byte. Its work is linear. */
class Frames {
  #bytes: number[] = [];

  push(chunk: Uint8Array): Buffer[] {
    const frames: Buffer[] = [];
    for (const byte of chunk) {
      this.#bytes.push(byte);
      if (this.#bytes.length === 1 + (this.#bytes[0] ?? 0)) {
        frames.push(Buffer.from(this.#bytes.slice(1)));
        this.#bytes = [];
      }
    }
    return frames;
  }

  end(): void {
    if (this.#bytes.length > 0) {
      throw new Error('The last frame is cut short');
    }
  }
}

/** A stream from before streams had buffers: `write` takes no callback, and nothing is iterable. */
class OldStream extends EventEmitter {
  readonly readable = true;
  readonly writable = true;
  readonly #frames = new Frames();
  #waiting: unknown[] = [];
  #paused = false;
  #ended = false;

  write(chunk: Uint8Array): boolean {
    this.#waiting.push(...this.#frames.push(chunk));
    this.#flow();
    return !this.#paused;
  }

  end(): void {
    try {
      this.#frames.end();
      this.#ended = true;
      this.#flow();
    } catch (error) {
      this.emit('error', error);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
    this.emit('drain');
  }

  #flow(): void {
    while (!this.#paused && this.#waiting.length > 0) {
      this.emit('data', this.#waiting.shift());
    }
    if (!this.#paused && this.#ended) {
      this.#ended = false;
      this.emit('end');
      this.emit('close');
    }
  }
}

/** Makes a Transform without Symbol.asyncIterator, as some libraries bundle it. */
function withoutIterator(): Transform {
  const frames = new Frames();
  const stream = new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done) {
      for (const frame of frames.push(chunk)) {
        this.push(frame);
      }
      done();
    },
    flush(done) {
      try {
        frames.end();
        done();
      } catch (error) {
        done(error instanceof Error ? error : undefined);
      }
    },
  });
  return new Proxy(stream, {
    has: (target, key) => key !== Symbol.asyncIterator && Reflect.has(target, key),
    get: (target, key) => {
      const value: unknown = key === Symbol.asyncIterator ? undefined : Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Calls proveDecoder with any value, as a caller without types may. */
function prove(target: unknown, given = quick): ReturnType<typeof proveDecoder> {
  return proveDecoder(target as DecoderTarget<never, unknown>, given);
}

describe('proveDecoder drives', () => {
  const driven: [string, unknown][] = [
    ['a stream older than async iterators', { transform: () => new OldStream() }],
    ['a Transform without an async iterator', { transform: withoutIterator }],
    [
      'an async push',
      {
        push: () => {
          const frames = new Frames();
          return { push: async (chunk: Buffer) => frames.push(chunk), end: () => frames.end() };
        },
      },
    ],
    [
      'a push that yields later',
      {
        push: () => {
          const frames = new Frames();
          return {
            async *push(chunk: Buffer) {
              yield* frames.push(chunk);
            },
            end: () => frames.end(),
          };
        },
      },
    ],
    [
      'a push that emits, whatever it returns',
      {
        push: (emit: (frame: Buffer) => void) => {
          const frames = new Frames();
          return {
            push: (chunk: Buffer) => frames.push(chunk).map(emit).length > 0,
            end: () => frames.end(),
          };
        },
      },
    ],
    [
      'an async function that gives a list',
      {
        iterable: async (chunks: AsyncIterable<Buffer>) => {
          const frames = new Frames();
          const all: Buffer[] = [];
          for await (const chunk of chunks) {
            all.push(...frames.push(chunk));
          }
          frames.end();
          return all;
        },
      },
    ],
  ];

  test.each(driven)('%s', async (name, target) => {
    // If a list comes only at the end, the last byte of a frame gives no value. The decoder is at fault for
    // that.
    const gathers = name === 'an async function that gives a list';
    const report = await prove(target, {
      ...quick,
      ...(gathers ? { without: [...quick.without, 'conservation', 'error-invariance'] } : {}),
    } as typeof quick);
    expect(report.text).toMatch(/^SAFE/);
  });
});

describe('proveDecoder refuses, with a hint,', () => {
  const emitter = { push: () => ({ write: () => true }) };
  const shared = new Transform({ transform: (_chunk, _encoding, done) => done() });
  const refused: [string, unknown, RegExp][] = [
    ['a class', Frames, /Name its shape/],
    ['a stream as it is', new Transform(), /\{ transform: \(\) => new MyTransform\(\) \}/],
    ['an EventEmitter as it is', new EventEmitter(), /\{ push: \(emit, fail\)/],
    ['a target without a shape', { decode: () => [] }, /^$/],
    ['a stream in place of a function', { transform: new Transform() }, /^$/],
    ['a factory that makes an EventEmitter', { transform: () => new EventEmitter() }, /emit, fail/],
    ['a factory that makes a Writable', { transform: () => new Writable() }, /emit, fail/],
    ['a factory that makes nothing', { transform: () => undefined }, /Return the new object/],
    ['one stream for all deliveries', { transform: () => shared }, /make a new object/],
    ['a web factory that makes a node stream', { web: () => new Transform() }, /transform/],
    ['an iterable that gives nothing', { iterable: () => undefined }, /Pass a generator/],
    ['a push that makes something else', emitter, /d\.write\(chunk\)/],
    ['a push that gives one frame', { push: () => (chunk: Buffer) => chunk }, /Return a list/],
    [
      'a push that gives a number',
      { push: () => (chunk: Buffer) => chunk.length },
      /Return a list/,
    ],
    ['a decoder without take', { decoder: () => new Frames() }, /push: \(\) => new MyDecoder/],
    [
      'a push that answers after a while',
      {
        push: (emit: (frame: Buffer) => void) => (chunk: Buffer) => {
          // Turns of the event loop, not time: a busy machine needs longer for the stream than any short time.
          void turns(100).then(() => emit(chunk));
        },
      },
      /iterable: async function\*/,
    ],
  ];

  test.each(refused)('%s', async (_, target, hint) => {
    const error = await rejection(prove(target));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'ERR_OPTION' });
    expect(error instanceof UsageError ? (error.hint ?? '') : '').toMatch(hint);
  });
});

describe('proveDecoder is inconclusive', () => {
  const inconclusive: [string, unknown][] = [
    ['a push that gives its values to nobody', { push: () => () => undefined }],
    [
      'a Transform whose values are events',
      { transform: () => new Transform({ transform: (_chunk, _encoding, done) => done() }) },
    ],
    [
      'an iterable that yields nothing',
      {
        async *iterable(chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            yield* [chunk].slice(1);
          }
        },
      },
    ],
  ];

  test.each(inconclusive)('about %s', async (_, target) => {
    const report = await prove(target);
    expect(report.verdict).toBe('INCONCLUSIVE');
    expect(report.failures).toEqual([]);
    expect(report.text).toMatch(/no value came of a good stream[^]*hint: Check that the target/);
  });
});

const shortFrame = (length: number): Buffer => u8(Buffer.alloc(Math.min(length, 255)));
const longFrame = (length: number): Buffer => Buffer.alloc(length + 1, 255);

describe('a measured check', () => {
  const only = ['linear-cost', 'bounded-memory'] as const;

  // A collection of garbage that other tests of this process left can make one run look steep, so try again.
  test('judges no frame that is too short to measure, and says so', { retry: 3 }, async () => {
    const target = { push: () => new Frames() };
    const report = await proveDecoder(target, { ...options, only, frameOf: shortFrame });
    expect(report.text).toMatch(/^SAFE[^]*linear-cost \(frameOf\(60000\) gave 256 bytes\)/);
  });

  test('judges no frame that the decoder refuses as too long', async () => {
    const target = {
      push: () => {
        const frames = new Frames();
        return (chunk: Buffer) => {
          if (chunk.length > 50_000) {
            throw new RangeError('The frame is too long');
          }
          return frames.push(chunk);
        };
      },
    };
    const report = await proveDecoder(target, {
      ...options,
      only: ['bounded-memory'],
      frameOf: longFrame,
    });
    expect(report.text).toMatch(/^SAFE[^]*the target refuses a good frame of 60001 bytes/);
  });

  test('finds a decoder that fails on a good long frame', async () => {
    const target = {
      push: () => {
        const frames = new Frames();
        return (chunk: Buffer) => frames.push(chunk.length > 50_000 ? Buffer.alloc(-1) : chunk);
      },
    };
    const report = await proveDecoder(target, {
      ...options,
      only: ['linear-cost'],
      frameOf: longFrame,
    });
    expect(report.failures.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^fails on a good frame of 60001 bytes: RangeError/),
    ]);
  });

  test('does not wait for a target that never finishes', async () => {
    const target = { transform: () => new Transform({ transform: () => undefined }) };
    const before = performance.now();
    const report = await proveDecoder(target, {
      ...options,
      only: decoderChecks,
      frameOf: (length) => Buffer.alloc(length),
      stallAfter: 100,
    });
    expect(report.verdict).toBe('BROKEN');
    expect(report.text).toContain('does not finish a good stream');
    // Some twenty stalls of 100 ms, and much room for a busy machine. (It was two minutes once.)
    expect(performance.now() - before).toBeLessThan(60_000);
  });
});
