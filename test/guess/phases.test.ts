// Streams whose framing changes on the way.

import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { guess } from '../../src/guess/guess.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

function cutStream(
  frames: readonly Uint8Array[],
  direction: GuessStream['direction'] = 'a>b',
): GuessStream {
  let at = 0;
  return { direction, bytes: join(frames), ends: frames.map(({ length }) => (at += length)) };
}

const numbers = Array.from({ length: 14 }, (_, i) => i);
const text = (i: number): string =>
  'select name from stars where id'.slice(i % 7, 9 + ((i * 5) % 22));

/** A type, and a number of four bytes that counts itself and what follows, as PostgreSQL has it. */
function typed(i: number): Uint8Array {
  const payload = utf8(`${text(i)}\0`);
  const letter = 'QPBEDS'.charCodeAt(i % 6);
  return join([Uint8Array.of(letter, 0, 0, 0, payload.length + 4), payload]);
}

const startup = join([hex('00000025 00030000'), utf8('user\0me\0database\0stars\0\0\0\0\0\0\0')]);

/** TLS records with lengths that differ. */
function record(i: number): Uint8Array {
  const length = 40 + ((i * 37) % 90);
  const payload = Uint8Array.from({ length }, (_, k) => (k * k * 31 + i * 77 + k * i) & 255);
  return join([Uint8Array.of(i < 3 ? 22 : 23, 3, 3, 0, length), payload]);
}

/** MySQL: a number of three bytes, least byte first, and the number of the packet. */
function packet(i: number): Uint8Array {
  const payload = utf8(`\x03${text(i)}`);
  return join([Uint8Array.of(payload.length, 0, 0, 0), payload]);
}

const records = numbers.map(record);
const lines = ['EHLO stars.example', 'STARTTLS'].map((line) => utf8(`${line}\r\n`));

test.each([
  ['PostgreSQL: a startup, then typed messages', [startup], numbers.map(typed), 'postgres'],
  ['MySQL: one packet, then TLS', [packet(3)], records, 'tlsRecord'],
  ['MySQL: many packets, then TLS', numbers.map(packet), records, 'tlsRecord'],
  ['SMTP: lines, then TLS', lines, records, 'tlsRecord'],
] as const)('%s, is an entry for each framing', (_, front, rest, format) => {
  const { verdict, guesses } = guess([cutStream([...front, ...rest])]);
  const { length } = join(front);
  expect(verdict).toBe('likely');
  expect(guesses.map(({ from }) => from)).toEqual([0, length]);
  expect(guesses[1]).toMatchObject({ format, frames: [rest.length, rest.length] });
  expect(guesses[0]?.frames).toEqual([front.length, front.length]);
});

describe('a direction that changes', () => {
  test('does not hide the other one', () => {
    const answers = numbers.map((i) => utf8(`250 ${text(i)} ${i * 37}\r\n`));
    const both = [cutStream(answers, 'b>a'), cutStream([...lines, ...records])];
    const { guesses } = guess(both);
    expect(guesses.map(({ direction }) => direction)).toEqual(['b>a', 'a>b', 'a>b']);
  });
});

describe('a wrong frame in the middle', () => {
  const names = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];
  const frames = names.map((name, i) =>
    join([Uint8Array.of(0x50 + (i % 3), 0, name.length), utf8(name)]),
  );

  test.each([
    ['claims more than comes', '53 ffff 00', 0],
    // Its length takes bytes of the next frame, so the frames go on behind that one.
    ['is cut short', '53 0008 7065', 1],
    ['is something else', '0d0a 0d0a 0d0a 0d0a', 0],
  ])('that %s leaves the framing in front of it and behind it', (_, wrong, lost) => {
    const chunks = [...frames, hex(wrong), ...frames];
    let end = 0;
    const ends = chunks.map(({ length }) => (end += length));
    const { verdict, guesses } = guess([{ direction: 'a>b', bytes: join(chunks), ends }]);
    expect(verdict).not.toBe('none');
    const [first] = guesses;
    expect(first).toMatchObject({ from: 0, framing: { prefix: 'u16be', before: 1 } });
    expect(guesses.map(({ framing }) => framing)).toEqual(guesses.map(() => first?.framing));
    expect(guesses.at(-1)?.from).toBe(ends[frames.length + lost]);
  });
});

describe('a stream without cuts that ends inside of a frame', () => {
  const { bytes: whole } = cutStream(numbers.map(typed));
  const parts = (length: number): GuessStream => ({
    direction: 'a>b',
    bytes: whole.subarray(0, length),
  });

  test.each([
    [0, 'sure'],
    [1, 'likely'],
    [9, 'likely'],
  ])('keeps its framing, %i bytes before the end, and is %s', (missing, wanted) => {
    const { verdict, guesses } = guess([parts(whole.length - missing)]);
    expect({ verdict, from: guesses.map(({ from }) => from) }).toEqual({
      verdict: wanted,
      from: [0],
    });
  });

  test('is sure if only its front is looked at', () => {
    expect(guess([parts(whole.length)], { maxLength: whole.length - 9 }).verdict).toBe('sure');
  });
});

describe('the same frames, read some bytes later, leave a rest, and are not preferred', () => {
  const names = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];

  test.each<[string, LengthPrefixedOptions['prefix'], number]>([
    ['a type and u16be', 'u16be', 1],
    ['a type and u16le', 'u16le', 1],
    ['a type, a version and u16be', 'u16be', 2],
    ['a type and u32be', 'u32be', 1],
  ])('with %s', (_, prefix, before) => {
    const codec = lengthPrefixed({ prefix, before, deliver: 'parts' });
    const frames = names.map((name, i) =>
      join(
        codec.encode({
          before: Uint8Array.of(0x50 + (i % 3), 2).subarray(0, before),
          payload: utf8(name),
        }),
      ),
    );
    const bytes = join([...frames, ...frames.toReversed(), ...frames]);
    expect(guess([{ direction: 'a>b', bytes }]).guesses).toMatchObject([
      { from: 0, frames: [24, 24] },
    ]);
  });
});
