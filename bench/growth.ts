// How the cost of a frame grows with its length, in 1-byte chunks and in 64 KiB chunks. Linear work takes
// twice as long for twice the bytes. (With 64 KiB chunks the shorter frame has 64 MiB. A shorter one would
// fit into the caches and into memory that the C library keeps, where the hand loop, too, is four times as
// fast.)

import { lengthPrefixed } from '../src/entries/main.ts';
import { seconds } from './harness.ts';
import { plainFrame } from './input.ts';
import { subarrayLoop } from './loops.ts';
import { judge, publish, rowOf } from './results.ts';
import type { Row, Verdict } from './results.ts';

const MIB = 1024 * 1024;
const WARM_UP_TURNS = 2;
const TURNS = 7;
/** Limit of the growth for twice the bytes. Linear work has 2. */
const PER_DOUBLING = 2.2;

const codec = lengthPrefixed({ maxPayloadLength: 256 * MIB });

/** Finds the one frame in the chunks. Returns the number of frames found. */
type Find = (chunks: readonly Buffer[]) => number;

const byTake: Find = (chunks) => {
  const decoder = codec.decoder();
  let found = 0;
  for (const chunk of chunks) {
    decoder.push(chunk);
    if (decoder.take() !== undefined) {
      found++;
    }
  }
  return found;
};

const byScan: Find = (chunks) => {
  const decoder = codec.decoder();
  let found = 0;
  for (const chunk of chunks) {
    decoder.scan(chunk, () => found++);
  }
  return found;
};

const byLoop: Find = (chunks) => {
  let found = 0;
  const push = subarrayLoop(() => found++);
  for (const chunk of chunks) {
    push(chunk);
  }
  return found;
};

function cut(length: number, chunkLength: number): Buffer[] {
  const frame = plainFrame(length);
  const chunks: Buffer[] = [];
  for (let at = 0; at < frame.length; at += chunkLength) {
    chunks.push(Buffer.from(frame.subarray(at, at + chunkLength)));
  }
  return chunks;
}

const ways: readonly (readonly [string, Find])[] = [
  ['push/take', byTake],
  ['scan', byScan],
  ['hand loop', byLoop],
];

async function timeOf(chunks: readonly Buffer[], find: Find): Promise<number> {
  const time = await seconds(() => {
    if (find(chunks) !== 1) {
      throw new Error('the frame was not found');
    }
  });
  return time * 1000;
}

/** Compares a frame with one of twice the length, in chunks of the same length. The two take turns. */
async function grow(title: string, chunkLength: number, length: number): Promise<void> {
  const [once, twice] = [cut(length, chunkLength), cut(2 * length, chunkLength)];
  const rows: Row[] = [];
  const verdicts: Verdict[] = [];
  for (const [way, find] of ways) {
    const short: number[] = [];
    const long: number[] = [];
    for (let turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
      const times = [await timeOf(once, find), await timeOf(twice, find)] as const;
      if (turn < 0) {
        continue;
      }
      short.push(times[0]);
      long.push(times[1]);
    }
    rows.push(rowOf(`${way}, ${length / MIB} MiB`, short));
    rows.push(rowOf(`${way}, ${(2 * length) / MIB} MiB`, long));
    if (find === byLoop) {
      continue;
    }
    const name = `${way}, twice the bytes take so many times as long`;
    // Compare the quickest turns: the time that a busy machine adds to other turns is not growth.
    const growth = Math.min(...long) / Math.min(...short);
    verdicts.push(judge({ name, atMost: PER_DOUBLING }, growth));
  }
  publish({ title, unit: 'ms', rows, verdicts });
}

await grow('growth: a frame in 1-byte chunks', 1, 2 * MIB);
await grow('growth: a frame in 64 KiB chunks', 65_536, 64 * MIB);
