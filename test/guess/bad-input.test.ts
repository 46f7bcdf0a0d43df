// Streams with too little information, or made to mislead the guess: the guess admits what it does not know,
// and its time is bounded.

import { describe, expect, test } from 'vitest';
import type { CaptureEvent, Conversation } from '../../src/capture/events.ts';
import { StreamCollector } from '../../src/guess/collect.ts';
import { guess } from '../../src/guess/guess.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

/** A stream whose chunks are these frames. */
function cutStream(frames: readonly Uint8Array[]): GuessStream {
  let at = 0;
  return {
    direction: 'a>b',
    bytes: join(frames),
    ends: frames.map(({ length }) => (at += length)),
  };
}

/** A marker, a number of two bytes that counts what follows, and a text of varied length. */
function frame(i: number): Uint8Array {
  const text = utf8('the quick brown fox jumps over'.slice(i % 7, 9 + ((i * 5) % 21)));
  return join([hex('c5'), Uint8Array.of(0, text.length), text]);
}

const FRAMES = Array.from({ length: 24 }, (_, i) => frame(i));
const WHOLE = join(FRAMES);
const MEGABYTE = 2 ** 20;

/** Frames of one length whose bytes differ. */
const CONSTANT = Array.from({ length: 20 }, (_, i) =>
  hex(`aa55 0008 0100 00${(16 + i * 3).toString(16)}`),
);

describe('the verdict is none', () => {
  test.each<[string, readonly GuessStream[]]>([
    ['for no stream', []],
    ['for an empty stream', [{ direction: 'a>b', bytes: new Uint8Array(0) }]],
    ['for one byte', [{ direction: 'a>b', bytes: hex('05') }]],
    ['for one frame', [cutStream(FRAMES.slice(0, 1))]],
    ['for one frame without its cuts', [{ direction: 'a>b', bytes: frame(0) }]],
    ['for the first bytes of a frame', [{ direction: 'a>b', bytes: frame(0).subarray(0, 5) }]],
    ['for a megabyte of zeros', [{ direction: 'a>b', bytes: new Uint8Array(MEGABYTE) }]],
    ['for a megabyte of 01', [{ direction: 'a>b', bytes: new Uint8Array(MEGABYTE).fill(1) }]],
  ])('%s', (_, streams) => {
    expect(guess(streams)).toEqual({ version: 1, verdict: 'none', guesses: [] });
  });
});

describe('the verdict is not sure', () => {
  test.each<[string, GuessStream]>([
    ['for two frames', cutStream(FRAMES.slice(0, 2))],
    ['for zeros with a one at the end', { direction: 'a>b', bytes: lastIsOne(MEGABYTE) }],
    [
      'for zeros with a one at the end, in equal chunks',
      { direction: 'a>b', bytes: lastIsOne(4096), ends: [1024, 2048, 3072, 4096] },
    ],
    ['for a byte that comes again and again, and one other', { direction: 'a>b', bytes: mixed() }],
  ])('%s', (_, stream) => {
    expect(guess([stream]).verdict).not.toBe('sure');
  });
});

function lastIsOne(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[length - 1] = 1;
  return bytes;
}

function mixed(): Uint8Array {
  return Uint8Array.from({ length: 8192 }, (_, i) => (i % 1000 === 999 ? 9 : 2));
}

test('frames of one length: says what it cannot tell', () => {
  const [found] = guess([cutStream(CONSTANT)]).guesses;
  expect(found?.why).toContain(
    'all frames have one length, so the number that says it cannot be told',
  );
});

test.each([1, 2, 3])(
  'a stream that is cut off %i bytes behind a boundary keeps its frames',
  (more) => {
    const { length } = join(FRAMES.slice(0, 20));
    const { bytes, ends = [] } = cutStream(FRAMES);
    const cut = {
      direction: 'a>b' as const,
      bytes: bytes.subarray(0, length + more),
      ends: ends.filter((end) => end <= length),
    };
    expect(guess([cut]).guesses[0]).toMatchObject({ from: 0, frames: [20, 20] });
  },
);

test('the bytes behind a gap of a capture are not taken for the stream', () => {
  const conversation: Conversation = {
    index: 0,
    name: 'a>b',
    client: 'a',
    server: 'b',
    clientPort: 2,
    serverPort: 1,
    isMidStream: false,
  };
  const place = { conversation, direction: 'a>b', time: undefined } as const;
  const noise = Uint8Array.from({ length: 900 }, (_, i) => (i * i * 7 + i) & 255);
  let offset = 0;
  const segments = FRAMES.map((bytes): CaptureEvent => {
    const event = { kind: 'segment', ...place, offset, bytes } as const;
    offset += bytes.length;
    return event;
  });
  const collector = new StreamCollector(65_536);
  const events: readonly CaptureEvent[] = [
    { kind: 'open', conversation, time: undefined },
    ...segments,
    { kind: 'gap', ...place, offset, length: 77, why: 'lost' },
    { kind: 'segment', ...place, offset: offset + 77, bytes: noise },
  ];
  events.forEach(collector.add);
  const [collected] = collector.collected();
  expect(collected?.streams[0]?.bytes).toEqual(WHOLE);
  expect(guess(collected?.streams ?? []).guesses[0]).toMatchObject({ frames: [24, 24] });
});

/** Processor time in ms that a guess may take on a slow machine: hundreds of times what it takes on a fast one. */
const MOST_TIME = 20_000;

test.each<[string, GuessStream]>([
  ['zeros that fit every layout', { direction: 'a>b', bytes: lastIsOne(MEGABYTE) }],
  ['numbers that are all small', { direction: 'a>b', bytes: mixed() }],
  ['a chunk a byte', { direction: 'a>b', bytes: WHOLE, ends: Array.from(WHOLE, (_, i) => i + 1) }],
  [
    'newlines alone but for one byte',
    { direction: 'a>b', bytes: new Uint8Array(MEGABYTE).fill(10).fill(9, 5, 6) },
  ],
])('the time is bounded for %s', (_, stream) => {
  const before = process.cpuUsage();
  guess([stream]);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(MOST_TIME);
});
