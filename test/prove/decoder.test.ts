import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { UsageError } from '../../src/errors.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { decoderChecks } from '../../src/prove/decoder/options.ts';
import type { DecoderTarget, ProveDecoderOptions } from '../../src/prove/decoder/options.ts';
import { NotProvenError, assertProven } from '../../src/prove/decoder/report.ts';
import type { DecoderReport } from '../../src/prove/decoder/report.ts';
import { codecOf } from './mutants.ts';
import { RightDecoder, frameOf } from './right-decoder.ts';

const seed = Number(process.env['UNSTICK_SEED'] ?? 20261121);
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);
const words = ['hi', '', 'a longer one', 'x'].map(bytes);
const samples = [{ frames: words.map(frameOf), values: words }];
const longFrame = (length: number): Uint8Array => frameOf(new Uint8Array(length));

/** A decoder that forgets the bytes that the chunk before left over. */
class Forgetful extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    this.start = this.stop;
    super.append(chunk);
  }
}

type Making = new () => RightDecoder;

function transformOf(Made: Making): Transform {
  const decoder = new Made();
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      decoder.push(chunk);
      for (const frame of decoder) {
        this.push(frame);
      }
      done();
    },
    flush(done) {
      decoder.end();
      try {
        decoder.take();
        done();
      } catch (error) {
        done(error instanceof Error ? error : undefined);
      }
    },
  });
}

function webPairOf(Made: Making): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new Made();
  return new TransformStream({
    transform(chunk, controller) {
      decoder.push(chunk);
      for (const frame of decoder) {
        controller.enqueue(frame);
      }
    },
    flush(controller) {
      decoder.end();
      for (const frame of decoder) {
        controller.enqueue(frame);
      }
    },
  });
}

async function* iterate(
  Made: Making,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decoder = new Made();
  for await (const chunk of chunks) {
    decoder.push(chunk);
    yield* decoder;
  }
  decoder.end();
  yield* decoder;
}

function* framesAtEnd(decoder: RightDecoder): Generator<Uint8Array> {
  decoder.end();
  yield* decoder;
}

const shapes: Record<string, (Made: Making) => DecoderTarget<Uint8Array, Uint8Array>> = {
  'a codec': codecOf,
  'a push function that returns': (Made) => ({
    push: () => {
      const decoder = new Made();
      return {
        *push(chunk) {
          decoder.push(chunk);
          yield* decoder;
        },
        end: () => framesAtEnd(decoder),
      };
    },
  }),
  'a push function that emits': (Made) => ({
    push: (emit) => {
      const decoder = new Made();
      return {
        push(chunk) {
          decoder.push(chunk);
          for (const frame of decoder) {
            emit(frame);
          }
        },
        end() {
          for (const frame of framesAtEnd(decoder)) {
            emit(frame);
          }
        },
      };
    },
  }),
  'a node Transform': (Made) => ({ transform: () => transformOf(Made) }),
  'a web pair': (Made) => ({ web: () => webPairOf(Made) }),
  'a function over async iterables': (Made) => ({ iterable: (chunks) => iterate(Made, chunks) }),
};

function prove(
  target: DecoderTarget<Uint8Array, Uint8Array>,
  options: ProveDecoderOptions<Uint8Array, Uint8Array> = {},
): Promise<DecoderReport> {
  return proveDecoder(target, { samples, frameOf: longFrame, seed, runs: 60, ...options });
}

describe('proveDecoder', () => {
  test.each(Object.entries(shapes))(
    'finds nothing wrong with %s that is right',
    async (name, shape) => {
      // The measured checks feed each shape, too. decoder-mutants.test.ts tests what they find.
      const report = await prove(shape(RightDecoder));
      expect(report.text).toMatch(
        /^SAFE after \d+ cases \(seed \d+\)\n {2}passed: isolation, cut-/,
      );
      const made = report.checks
        .filter(({ state }) => state === 'passed')
        .map(({ check }) => check);
      // A node or web stream that fails discards its queued values, whatever its decoder does.
      const discards = ['a node Transform', 'a web pair'].includes(name);
      expect(made).toEqual(decoderChecks.filter((check) => !discards || check !== 'late-reading'));
    },
  );

  test.each(Object.entries(shapes))('finds the cut that breaks %s', async (_, shape) => {
    const report = await prove(shape(Forgetful), { only: ['cut-invariance'] });
    expect(report.verdict).toBe('BROKEN');
    expect(report.failures.map(({ check, cuts }) => ({ check, cuts }))).toEqual([
      { check: 'cut-invariance', cuts: 1 },
    ]);
  });

  test('finds that an error of a Transform discards good frames that wait to be read', async () => {
    const report = await prove(
      {
        transform: () => {
          const decoder = new RightDecoder();
          return new Transform({
            readableObjectMode: true,
            transform(chunk: Buffer, _encoding, done) {
              try {
                decoder.push(chunk);
                for (const frame of decoder) {
                  this.push(frame);
                }
                done();
              } catch (error) {
                done(error instanceof Error ? error : undefined);
              }
            },
          });
        },
      },
      { only: ['late-reading'], runs: 300 },
    );
    expect(report.failures.map(({ what }) => what)).toEqual([
      'loses good values before an error when they are read late',
    ]);
  });

  test('calls a target that never finishes stalled, and goes on', async () => {
    const target = { transform: () => new Transform({ transform: () => undefined }) };
    const report = await prove(target, { only: ['typed-errors'], stallAfter: 20, timeLimit: 500 });
    expect(report.failures.map(({ what }) => what)).toEqual([
      'throws what it should not: Stalled: The target did not finish in 20 ms.',
    ]);
  });

  test('shows what was thrown when it is not an Error', async () => {
    const report = await prove(
      {
        iterable: async function* (chunks) {
          for await (const chunk of chunks) {
            if (chunk[0] === 0xff) {
              throw Object.assign(Object.create(null), { code: 'E_BAD' });
            }
            yield chunk;
          }
        },
      },
      { only: ['typed-errors'], runs: 300 },
    );
    expect(report.verdict).toBe('BROKEN');
    expect(report.text).toContain('{ code: "E_BAD" }');
  });
});

describe('the report', () => {
  test('draws the chunks and gives a line that finds the failure again', async () => {
    const report = await prove(codecOf(Forgetful), { only: ['cut-invariance'] });
    const [failure] = report.failures;
    const [, path] = /path: '([\d:]+)'/.exec(failure?.replay ?? '') ?? [];
    expect(report.text).toContain('    chunks    00 | 00 00 02 68 69');
    const again = await prove(codecOf(Forgetful), {
      only: ['cut-invariance'],
      seed: report.seed,
      ...(path === undefined ? {} : { path }),
    });
    expect(again.failures[0]?.chunks).toEqual(failure?.chunks);
  });

  test('names the checks that were left out, and those that were not possible with the reason', async () => {
    const target = { push: () => (chunk: Uint8Array) => [chunk] };
    const report = await proveDecoder(target, {
      samples: [bytes('opaque')],
      normalize: (values) => [Buffer.concat(values).toString('hex')],
      without: ['bounded-memory'],
      seed,
    });
    expect(report.text).toBe(
      [
        `SAFE after ${report.cases} cases (seed ${seed})`,
        '  passed: isolation, cut-invariance, conservation, error-invariance, late-reading, typed-errors',
        '  left out: bounded-memory',
        '  not possible: truncation (the push function has no end()), linear-cost (give frameOf, so that a long frame can be made)',
      ].join('\n'),
    );
  });

  test('is the message of the error that assertProven throws', async () => {
    const report = await prove(codecOf(Forgetful), { only: ['cut-invariance'] });
    expect(() => assertProven(report)).toThrow(NotProvenError);
    expect(() => assertProven(report)).toThrow(/^BROKEN: 1 fault/);
    const safe = await prove(codecOf(RightDecoder), { only: ['cut-invariance'] });
    expect(assertProven(safe)).toBeUndefined();
  });

  test('is the same for the same seed', async () => {
    const options = { only: ['truncation', 'conservation'], seed: 5 } as const;
    const one = await prove(codecOf(Forgetful), options);
    expect(await prove(codecOf(Forgetful), options)).toEqual(one);
  });
});

interface Dated {
  readonly text: string;
  readonly at: number;
}

const sameText = (one: Dated, other: Dated): boolean => one.text === other.text;
const texts = (values: readonly Dated[]): string[] => values.map(({ text }) => text);
const isRangeError = (error: unknown): boolean => error instanceof RangeError;

describe('the rules of a proof', () => {
  const dated = {
    push: () => {
      const decoder = new RightDecoder();
      return (chunk: Uint8Array) => {
        decoder.push(chunk);
        return [...decoder].map((frame) => ({ text: frame.join(' '), at: performance.now() }));
      };
    },
  };
  const frames = samples.map((sample) => ({ frames: sample.frames }));
  const only = ['cut-invariance'] as const;

  test('compare values by equals', async () => {
    const plain = await proveDecoder(dated, { samples: frames, seed, only });
    expect(plain.verdict).toBe('BROKEN');
    const options = { samples: frames, seed, only, equals: sameText };
    expect((await proveDecoder(dated, options)).verdict).toBe('SAFE');
  });

  test('compare lists of values by normalize', async () => {
    const options = { samples: frames, seed, only, normalize: texts };
    expect((await proveDecoder(dated, options)).verdict).toBe('SAFE');
  });

  test('allow the errors that allows names, and no others', async () => {
    class Odd extends RightDecoder {
      protected override fail(): Error {
        this.error = new RangeError('Out of reach');
        return this.error;
      }
    }
    const options = { only: ['typed-errors'] as const, seed };
    const strict = await prove(codecOf(Odd), options);
    expect(strict.verdict).toBe('BROKEN');
    const allowed = await prove(codecOf(Odd), { ...options, allows: isRangeError });
    expect(allowed.verdict).toBe('SAFE');
  });

  test('stop at a connection that is remembered in the next: nothing else means anything then', async () => {
    let shared = new RightDecoder();
    const target = {
      push: () => (chunk: Uint8Array) => {
        shared.push(chunk);
        try {
          return [...shared];
        } catch {
          shared = new RightDecoder();
          return [];
        }
      },
    };
    const report = await prove(target);
    expect(report.failures.map(({ check }) => check)).toEqual(['isolation']);
    expect(report.text).toContain('conservation (connections are not isolated)');
  });
});

describe('the options of proveDecoder', () => {
  const target = lengthPrefixed();
  const refused: [string, () => Promise<DecoderReport>, RegExp][] = [
    ['nothing to decode', () => proveDecoder(target, {}), /give samples, or values/],
    [
      'values for a target that cannot encode',
      () => proveDecoder({ push: () => () => [] }, { values: fc.uint8Array() }),
      /values need a codec/,
    ],
    [
      'a sample whose values do not match its frames',
      () => proveDecoder(target, { samples: [{ frames: [frameOf(bytes('a'))], values: [] }] }),
      /1 frames and 0 values/,
    ],
    ['a path for all checks', () => prove(target, { path: '0' }), /name that check in only/],
    ['no runs', () => prove(target, { runs: 0 }), /runs must be a whole number, 1 or more, not 0/],
    [
      'a seed that is no integer',
      () => prove(target, { seed: 0.5 }),
      /seed must be a whole number/,
    ],
  ];

  test.each(refused)('refuse %s', async (_, proof, message) => {
    const error: unknown = await proof().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringMatching(message) });
  });
});

describe('a proof of a decoder of ours', () => {
  test('makes a thousand cases in less than a second of processor time', async () => {
    const values = fc.uint8Array({ maxLength: 12 });
    const without = ['linear-cost', 'bounded-memory'] as const;
    // The least of several: caches that others fill only ever add time.
    let least = Infinity;
    for (let attempt = 0; attempt < 5 && least >= 1000; attempt++) {
      const before = process.cpuUsage();
      const report = await proveDecoder(lengthPrefixed(), { values, seed, without });
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, (user + system) / 1000);
      expect(report.text).toMatch(/^SAFE/);
      expect(report.cases).toBeGreaterThanOrEqual(1000);
    }
    expect(least).toBeLessThan(1000);
  });
});
