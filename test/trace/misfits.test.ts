// What a conversation looks like that does not fit the format: what is told, and what is not.

import { describe, expect, test } from 'vitest';
import { wordFor } from '../../src/guess/guess-word.ts';
import { Misfits } from '../../src/trace/misfits.ts';
import type { Misfit } from '../../src/trace/misfits.ts';
import { join, utf8 } from '../support/bytes.ts';
import type { Way } from '../../src/capture/events.ts';
import { conversation, inspectionOf } from './tracing.ts';

/** Payloads of different lengths, whose bytes look random. */
const PAYLOADS = Array.from({ length: 40 }, (_, i) =>
  Uint8Array.from(
    { length: 20 + ((i * 7) % 29) },
    (_one, k) => Math.imul(k * 31 + i * 977, 0x9e3779b1) >>> 24,
  ),
);
const TLS = PAYLOADS.map((payload, i) =>
  join([Uint8Array.of(i < 2 ? 22 : 23, 3, 3, 0, payload.length), payload]),
);
const LINES = PAYLOADS.map((_, i) => utf8(`SET key:${i * 37} value ${i * i}\r\n`));
const U32BE = PAYLOADS.map((payload) => join([Uint8Array.of(0, 0, 0, payload.length), payload]));
/** The start of a frame of u32be that is not finished, and of no other framing. */
const LONG = join([Uint8Array.of(0, 0x7f, 0, 0), ...PAYLOADS]);

interface Said {
  readonly pieces: readonly Uint8Array[];
  readonly way?: Way;
  readonly index?: number;
}

function misfitsOf(word: string, talks: readonly Said[], direction?: Way): readonly Misfit[] {
  const misfits = new Misfits(direction);
  const inspection = inspectionOf(word, {
    direction,
    takes: (finding, about) => {
      misfits.tell(finding, about);
      return true;
    },
  });
  const opened = new Set<number>();
  for (const { pieces, way = 'a>b', index = 0 } of talks) {
    const place = { conversation: conversation(index), direction: way, time: 1 };
    const opening = opened.has(index) ? [] : [{ kind: 'open', ...place } as const];
    opened.add(index);
    const segments = pieces.map(
      (bytes) => ({ kind: 'segment', ...place, offset: 0, bytes }) as const,
    );
    const end = { kind: 'end', ...place, how: 'open' } as const;
    for (const event of [...opening, ...segments, end]) {
      misfits.add(event);
      inspection.visit(event);
    }
  }
  return misfits.found();
}

function wordsOf(found: readonly Misfit[]): readonly string[] {
  return found.map(({ conversation: { index }, ways, result: { verdict, guesses } }) =>
    [index, ways.join(' '), verdict, ...guesses.map(wordFor)].join(' '),
  );
}

describe('a conversation that does not fit', () => {
  test.each<[string, string, readonly Said[], readonly string[]]>([
    ['TLS, which the format refuses', 'u32be', [{ pieces: TLS }], ['0 a>b sure tlsRecord']],
    ['TLS, as one long frame', 'postgres', [{ pieces: TLS }], ['0 a>b sure tlsRecord']],
    ['lines', 'u32be', [{ pieces: LINES }], ['0 a>b sure {"codec":"lines","maxLength":65536}']],
    [
      'one direction of two',
      'u32be',
      [{ pieces: U32BE }, { pieces: TLS, way: 'b>a' }],
      ['0 b>a sure tlsRecord'],
    ],
    [
      'one conversation of two',
      'u32be',
      [{ pieces: U32BE }, { pieces: TLS, index: 1 }],
      ['1 a>b sure tlsRecord'],
    ],
    [
      'more conversations than are guessed',
      'u32be',
      Array.from({ length: 6 }, (_, index) => ({ pieces: TLS, index })),
      Array.from({ length: 4 }, (_, index) => `${index} a>b sure tlsRecord`),
    ],
  ])('is told with its format: %s', (_, word, talks, told) => {
    expect(wordsOf(misfitsOf(word, talks))).toEqual(told);
  });

  test.each<[string, string, readonly Said[], Way?]>([
    ['frames that fit', 'u32be', [{ pieces: U32BE }]],
    [
      'a wrong frame among frames that fit',
      'u32be',
      [{ pieces: [...U32BE, utf8('XXXX'), ...U32BE] }],
    ],
    ['the first part of a long frame', 'u32be', [{ pieces: [LONG] }]],
    ['too few bytes', 'u32be', [{ pieces: [TLS[0]?.subarray(0, 20) ?? LONG] }]],
    [
      'a direction that is not inspected',
      'u32be',
      [{ pieces: U32BE }, { pieces: TLS, way: 'b>a' }],
      'a>b',
    ],
  ])('is not told: %s', (_, word, talks, direction) => {
    expect(misfitsOf(word, talks, direction)).toEqual([]);
  });

  test('is not looked for behind the first conversations, whose memory is limited', () => {
    const fitting = Array.from({ length: 16 }, (_, index) => ({ pieces: U32BE, index }));
    expect(misfitsOf('u32be', [...fitting, { pieces: TLS, index: 16 }])).toEqual([]);
    expect(misfitsOf('u32be', [...fitting.slice(1), { pieces: TLS, index: 16 }])).toHaveLength(1);
  });
});
