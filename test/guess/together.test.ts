// Conversations of one protocol that are too short alone.

import { expect, test } from 'vitest';
import type { GuessStream } from '../../src/guess/stream.ts';
import { guessTogether } from '../../src/guess/together.ts';
import type { GuessConversation } from '../../src/guess/together.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

const text = (i: number): string =>
  'the quick brown fox jumps over'.slice(i % 7, 9 + ((i * 5) % 21));

/** A marker, a number of two bytes that counts what follows, and a text. */
function frame(i: number): Uint8Array {
  return join([hex('c5'), Uint8Array.of(0, text(i).length), utf8(text(i))]);
}

function cutStream(
  frames: readonly Uint8Array[],
  direction: GuessStream['direction'],
): GuessStream {
  let at = 0;
  return { direction, bytes: join(frames), ends: frames.map(({ length }) => (at += length)) };
}

/** A request and an answer: one frame of each direction says nothing. */
const short = (i: number): GuessConversation => ({
  serverPort: 9000,
  streams: [cutStream([frame(i)], 'a>b'), cutStream([frame(i + 7)], 'b>a')],
});
const numbers = Array.from({ length: 10 }, (_, i) => i);

test('short conversations of one port are sure together', () => {
  expect(guessTogether([short(1)]).map(({ verdict }) => verdict)).toEqual(['none']);
  const results = guessTogether(numbers.map(short));
  for (const { verdict, guesses } of results) {
    expect(verdict).toBe('sure');
    expect(guesses[0]).toMatchObject({ direction: 'both', frames: [2, 2] });
    expect(guesses[0]?.why[0]).toBe('judged together with 9 other conversations of this port');
  }
});

test('the evidence counts only the conversations that were judged together', () => {
  const results = guessTogether(Array.from({ length: 14 }, (_, i) => short(i)));
  const reasons = results.map(({ guesses }) => guesses[0]?.why[0]);
  expect(reasons[0]).toBe('judged together with 11 other conversations of this port');
  expect(reasons[13]).toBe('judged together with 12 other conversations of this port');
});

test('a conversation of another port keeps its own verdict', () => {
  const results = guessTogether([...numbers.map(short), { ...short(3), serverPort: 9001 }]);
  expect(results.at(-1)?.verdict).toBe('none');
});

test('a conversation with other frames does not take those of its port', () => {
  const other: GuessConversation = {
    serverPort: 9000,
    streams: [cutStream([utf8('GET / HTTP/1.1\r\n\r\n')], 'a>b')],
  };
  const results = guessTogether([...numbers.map(short), other]);
  expect(results.at(-1)?.verdict).toBe('none');
});
