// How long a guess of 64 KiB takes, in ms of processor time.

import { guess } from '../../src/guess/guess.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import { median } from '../results.ts';
import { randomStream } from './synthetic.ts';

const LENGTH = 65_536;
const TURNS = 7;

/** Streams of 64 KiB: frames, bytes of chance, and bytes that fit many layouts. */
function inputs(): Readonly<Record<string, Uint8Array>> {
  const frames: Uint8Array[] = [];
  for (let length = 0; length < LENGTH;) {
    const { bytes } = randomStream(5).stream;
    frames.push(bytes);
    length += bytes.length;
  }
  const random = randomOf(1);
  const zeros = new Uint8Array(LENGTH);
  zeros[LENGTH - 1] = 1;
  return {
    frames: Buffer.concat(frames).subarray(0, LENGTH),
    'random bytes': Uint8Array.from({ length: LENGTH }, () => random.below(256)),
    'zeros, then a one': zeros,
    'zeros and ones': Uint8Array.from({ length: LENGTH }, () => random.below(2)),
    'zeros, and one byte in a hundred': Uint8Array.from({ length: LENGTH }, () =>
      random.chance(1, 100) ? random.below(256) : 0,
    ),
  };
}

export function measureTime(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(inputs()).map(([name, bytes]) => {
      const times = Array.from({ length: TURNS }, () => {
        const before = process.cpuUsage();
        guess([{ direction: 'a>b', bytes }]);
        return process.cpuUsage(before).user / 1000;
      });
      return [name, Math.round(median(times))];
    }),
  );
}
