// Two directions, and what one of them says about the other. And delimiters, which bytes of numbers look like.

import { describe, expect, test } from 'vitest';
import { guess } from '../../src/guess/guess.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

type Way = GuessStream['direction'];

const random = randomOf(9);
const numbers = Array.from({ length: 30 }, (_, i) => i);

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

function uncut(frames: readonly Uint8Array[], direction: Way = 'a>b'): GuessStream {
  return { direction, bytes: join(frames) };
}

function cut(frames: readonly Uint8Array[], direction: Way = 'a>b'): GuessStream {
  let at = 0;
  return { direction, bytes: join(frames), ends: frames.map(({ length }) => (at += length)) };
}

/** A type, a number that counts itself and what follows, and that many bytes: as PostgreSQL has it. */
function typed(i: number, payload = noise(random.between(3, 60))): Uint8Array {
  const length = payload.length + 4;
  return join([Uint8Array.of(0x51 + (i % 5), 0, 0, length >> 8, length & 255), payload]);
}

/** A number of three bytes, a type, flags, an identifier, and that many bytes: as HTTP/2 has it. */
function numbered(i: number): Uint8Array {
  const payload = noise(random.between(3, 60));
  return join([Uint8Array.of(0, 0, payload.length, i % 4, 0, 0, 0, 0, 1 + 2 * (i % 9)), payload]);
}

/** A first message without a type. */
const startup = join([hex('00000025 00030000'), utf8('user\0me\0database\0stars\0\0\0\0\0\0\0')]);

describe('a direction with a handshake and few frames takes the sure framing of the other one', () => {
  test.each<[string, Uint8Array, (i: number) => Uint8Array]>([
    ['a startup message without a type', startup, typed],
    ['a preface of text', utf8('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), numbered],
  ])('behind %s, where no cut is known', (_, handshake, make) => {
    const client = uncut([handshake, ...numbers.slice(0, 5).map((i) => make(i))]);
    const server = uncut(
      numbers.map((i) => make(i)),
      'b>a',
    );
    const { verdict, guesses } = guess([client, server]);
    const fromOf = (way: Way): number | undefined =>
      guesses.find(({ direction }) => direction === way)?.from;
    expect({ verdict, client: fromOf('a>b'), server: fromOf('b>a') }).toEqual({
      verdict: 'likely',
      client: handshake.length,
      server: 0,
    });
  });
});

describe('a conversation is not sure', () => {
  test.each<[string, GuessStream]>([
    ['bytes of chance', uncut([noise(700)], 'b>a')],
    ['text', uncut([utf8('One word follows the other, and no frame begins. '.repeat(9))], 'b>a')],
  ])('if one direction is %s', (_, other) => {
    expect(guess([uncut(numbers.map((i) => typed(i)))]).verdict).toBe('sure');
    expect(guess([uncut(numbers.map((i) => typed(i))), other]).verdict).toBe('likely');
  });
});

/** Whether delimiters are found in frames of which each is a chunk. */
function isDelimited(frames: readonly Uint8Array[]): boolean {
  return guess([cut(frames)]).guesses.some(({ framing }) => framing.codec === 'delimited');
}

function words(i: number): Uint8Array {
  return utf8(`select ${i * 37} from stars`.slice(i % 7));
}

describe('a byte at the end of every chunk is no delimiter', () => {
  test.each(['03', '04', 'ff'])('%s between bytes that are no text', (end) => {
    const without = (bytes: Uint8Array): Uint8Array => bytes.filter((byte) => byte !== hex(end)[0]);
    expect(isDelimited(numbers.map((i) => join([words(i), hex(end)])))).toBe(true);
    expect(isDelimited(numbers.map(() => join([without(noise(40)), hex(end)])))).toBe(false);
  });

  test('00 that often stands twice', () => {
    const zero = hex('00');
    expect(isDelimited(numbers.map((i) => join([words(i), zero])))).toBe(true);
    expect(isDelimited(numbers.map((i) => join([zero, zero, words(i), zero])))).toBe(false);
  });
});

/** A record of 17 bytes, most of which are the same in each. */
const record = (i: number): Uint8Array =>
  join([hex('0000000f 0a01 0030'), noise(4), Uint8Array.of(i), utf8('port')]);

/** A message with a number that counts it, and with records. */
const table = (count: number): Uint8Array => {
  const records = join(Array.from({ length: count }, (_, i) => record(i)));
  return join([
    hex('0106'),
    Uint8Array.of((records.length + 8) >> 8, (records.length + 8) & 255),
    noise(4),
    records,
  ]);
};

test('records of one length inside of messages are not taken for frames for sure', () => {
  const stream = uncut([
    hex('0100 0008 00000001'),
    table(40),
    hex('0102 0008 00000002'),
    table(33),
  ]);
  expect(guess([stream]).verdict).not.toBe('sure');
});

test.each([1, 2, 5])('frames inside of which %i chunks end are not sure', (count) => {
  const { direction, bytes } = uncut(numbers.map((i) => typed(i)));
  const ends = Array.from({ length: count }, (_, i) => 3 + 7 * i);
  expect(guess([{ direction, bytes }]).verdict).toBe('sure');
  expect(guess([{ direction, bytes, ends }]).verdict).not.toBe('sure');
});
