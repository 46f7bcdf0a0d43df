// A guess takes bounded time, whatever the bytes are: streams that fit every hypothesis take no more than a few
// times what frames take. Times are compared with each other, so a slow machine changes nothing.

import { expect, test } from 'vitest';
import { guess } from '../../src/guess/guess.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';

const LENGTH = 65_536;

function bytesOf(at: (i: number) => number): GuessStream {
  return { direction: 'a>b', bytes: Uint8Array.from({ length: LENGTH }, (_, i) => at(i)) };
}

/** The stream in chunks of one length. */
function cut(stream: GuessStream, length: number): GuessStream {
  const count = Math.floor(stream.bytes.length / length);
  return { ...stream, ends: Array.from({ length: count }, (_, i) => (i + 1) * length) };
}

/** The same byte, but for the last one. */
function same(byte: number): GuessStream {
  return bytesOf((i) => (i === LENGTH - 1 ? byte ^ 1 : byte));
}

function repeated(...bytes: readonly number[]): GuessStream {
  return bytesOf((i) => bytes[i % bytes.length] ?? 0);
}

/** Bytes that are drawn one by one. */
function drawn(one: (random: Random) => number): GuessStream {
  const random = randomOf(1);
  return bytesOf(() => one(random));
}

/** Frames of 5 to 44 bytes: a marker, a number of two bytes, and bytes of chance. */
function frames(): GuessStream {
  const random = randomOf(1);
  const all: number[] = [];
  while (all.length < LENGTH) {
    const length = random.between(2, 41);
    all.push(0xc5, 0, length, ...Array.from({ length }, () => random.below(256)));
  }
  return { direction: 'a>b', bytes: Uint8Array.from(all).subarray(0, LENGTH) };
}

/** The least processor time in ms of some turns: other programs on the machine only add to it. */
function timeOf(stream: GuessStream): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    guess([stream]);
    return process.cpuUsage(before).user / 1000;
  });
  return Math.min(...times);
}

/**
 * Maximum time as a multiple of what frames take. It is mostly below 4; without the limits of the search it was
 * 50 for zeros, and 100 for zeros in chunks.
 */
const MOST = 12;

const usual = timeOf(frames());

test.each<[string, GuessStream]>([
  ['zeros, then a one', same(0)],
  ['zeros in chunks, then a one', cut(same(0), 100)],
  ['one byte again and again', same(4)],
  ['newlines in chunks', cut(same(10), 100)],
  ['a short pattern', repeated(0, 0, 4)],
  ['a pattern that is a frame, in chunks', cut(repeated(0, 0, 0, 8, 0, 0, 0, 0), 8)],
  ['a pattern too long to be seen at once', bytesOf((i) => i & 255)],
  [
    'a long pattern in chunks',
    cut(
      bytesOf((i) => (i % 40) * (i % 7)),
      40,
    ),
  ],
  ['zeros and ones', drawn((random) => random.below(2))],
  ['small numbers', drawn((random) => random.below(4))],
  ['zeros and a few others', drawn(rarely)],
  ['zeros and a few others, in chunks', cut(drawn(rarely), 64)],
  ['digits', drawn((random) => 48 + random.below(10))],
  ['newlines and letters', drawn((random) => random.pick([10, 65]))],
  [
    'newlines and letters, in chunks',
    cut(
      drawn((random) => random.pick([10, 65])),
      32,
    ),
  ],
  ['bytes of chance', drawn((random) => random.below(256))],
])('%s take no more than a few times the time of frames', (_, stream) => {
  expect(timeOf(stream) / usual).toBeLessThan(MOST);
});

function rarely(random: Random): number {
  return random.chance(1, 100) ? random.below(256) : 0;
}
