// Conversations that begin with something else: a handshake, or messages of another form. And messages that hold
// records, which repeat as frames do.

import { expect, test } from 'vitest';
import { framing } from '../../src/framing/framing.ts';
import { guess } from '../../src/guess/guess.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

type Way = GuessStream['direction'];

function cutStream(frames: readonly Uint8Array[], direction: Way = 'a>b'): GuessStream {
  let at = 0;
  return { direction, bytes: join(frames), ends: frames.map(({ length }) => (at += length)) };
}

const random = randomOf(4);

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** A type, a channel, a number of four bytes, that many bytes, and CE: as AMQP has it. */
function ended(i: number, length = random.between(6, 60)): Uint8Array {
  const head = Uint8Array.of(1 + (i % 3), 0, i % 2, 0, 0, length >> 8, length & 255);
  return join([head, noise(length), hex('ce')]);
}

/** A head of three bytes, a number of two bytes, and that many bytes. */
function plain(i: number, length = random.between(6, 60)): Uint8Array {
  return join([Uint8Array.of(0xc5, i % 4, 0x7f, length >> 8, length & 255), noise(length)]);
}

const numbers = Array.from({ length: 40 }, (_, i) => i);
const shake = join([hex('13'), utf8('Some other protocol'), noise(48)]);

test.each<[string, (i: number) => Uint8Array]>([
  ['a number and what follows', (i) => plain(i)],
  ['a byte at the end that the number does not count', (i) => ended(i)],
])('frames of %s are found behind a handshake', (_, make) => {
  const { guesses } = guess([cutStream([shake, ...numbers.map(make)])]);
  expect(guesses.at(-1)).toMatchObject({ from: shake.length, frames: [40, 40] });
});

test('a handshake is seen where the chunks are not known, give or take a few bytes', () => {
  const { bytes } = cutStream([shake, ...numbers.map((i) => plain(i))]);
  const { verdict, guesses } = guess([{ direction: 'a>b', bytes }]);
  const from = guesses.at(-1)?.from ?? 0;
  expect(verdict).toBe('likely');
  expect(Math.abs(from - shake.length)).toBeLessThan(8);
});

test('a first frame that is longer than a first look keeps its place', () => {
  const frames = [ended(0, 30_000), ...numbers.map((i) => ended(i))];
  const { guesses } = guess([cutStream([shake, ...frames])]);
  expect(guesses.at(-1)).toMatchObject({ from: shake.length, frames: [41, 41] });
});

test('a direction that tells too little takes the framing of the other one', () => {
  const there = cutStream([shake, ...numbers.map((i) => plain(i))], 'a>b');
  const back = cutStream([shake, plain(1)], 'b>a');
  const { guesses } = guess([there, back]);
  const found = guesses.find(({ direction }) => direction === 'b>a');
  expect(found).toMatchObject({ from: shake.length, bits: 0, frames: [1, 1] });
  expect(found?.why[0]).toBe('the framing of the other direction explains this one');
});

/** Records of one length as a file or a list has them, each with a number that could be a length. */
function records(count: number): Uint8Array {
  return join(
    Array.from({ length: count }, (_, i) =>
      join([hex('01 00 14 0a'), Uint8Array.of(i & 255, i >> 8), hex('77 66'), noise(16)]),
    ),
  );
}

test('records inside of messages are not taken for frames where the chunks are known', () => {
  const messages = [30, 12, 22, 41, 18, 25, 33, 16, 28, 37].map((count, i) => {
    const body = records(count);
    return join([Uint8Array.of(0x7b, i, body.length >> 8, body.length & 255), body]);
  });
  const { guesses } = guess([cutStream(messages)]);
  expect(guesses[0]?.frames).toEqual([10, 10]);
});

test.each([
  ['the payload', ['payload']],
  ['itself and the payload', ['prefix', 'payload']],
  ['all but the checksum', ['before', 'prefix', 'payload']],
  ['everything', ['before', 'prefix', 'payload', 'trailer']],
] as const)('a number that counts %s is named so, with a checksum at the end', (_, counts) => {
  const codec = framing({
    codec: 'lengthPrefixed',
    before: 9,
    prefix: 'u16be',
    counts,
    trailer: { checksum: 'CRC-32/ISO-HDLC' },
    deliver: 'parts',
  });
  const head = hex('c5 01 7f 03 22 91 07 55 13');
  const frames = numbers.map(() =>
    join(codec.encode({ before: head, payload: noise(random.between(4, 90)) })),
  );
  const [found] = guess([cutStream(frames)]).guesses;
  const { counts: named = ['payload'] } = { counts: undefined, ...found?.framing };
  expect(found?.framing).toMatchObject({ before: 9, prefix: 'u16be' });
  expect(named).toEqual(counts);
});

test('few chunks of lines that end with CR LF do not hide the lines', () => {
  const banner = [
    '220 mx.example ESMTP ready',
    '250-mx.example at your service',
    '250-SIZE 35882577',
    '250 SMTPUTF8',
  ];
  const answers = banner.map((line) => utf8(`${line}\r\n`));
  const [first = new Uint8Array(), ...others] = answers;
  const { verdict, guesses } = guess([cutStream([first, join(others)], 'b>a')]);
  expect(verdict).toBe('likely');
  expect(guesses[0]?.frames).toEqual([4, 4]);
});

test('a handshake and three frames in one chunk hide no frame', () => {
  const frames = numbers.map((i) => join([hex('00 00'), plain(i).subarray(3)]));
  const first = join([shake, ...frames.slice(0, 3)]);
  const { guesses } = guess([cutStream([first, ...frames.slice(3)])]);
  expect(guesses.at(-1)).toMatchObject({ from: shake.length, frames: [40, 40] });
});
