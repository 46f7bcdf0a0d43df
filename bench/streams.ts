// Decoding the same chunks from a stream in memory, in all the ways that read from a stream.

import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { decodeStream, framed, lengthPrefixed } from '../src/entries/main.ts';
import { hold } from './harness.ts';
import type { Contest } from './harness.ts';
import { inputOf, memoryDuplex, passes, plainFrame } from './input.ts';
import type { Count, Input } from './input.ts';
import { loopTransform, subarrayLoop } from './loops.ts';

const codec = lengthPrefixed();

async function listen(stream: Readable): Promise<number> {
  let found = 0;
  stream.on('data', () => found++);
  await once(stream, 'end');
  return found;
}

async function iterate(frames: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const frame of frames) {
    if (frame instanceof Uint8Array) {
      found++;
    }
  }
  return found;
}

const byLoop: Count = async ({ chunks }) => {
  let found = 0;
  const stream = memoryDuplex(chunks);
  stream.on(
    'data',
    subarrayLoop(() => found++),
  );
  await once(stream, 'end');
  return found;
};

const byBatches: Count = async ({ chunks }) => {
  let found = 0;
  for await (const batch of framed(memoryDuplex(chunks)).batches()) {
    found += batch.length;
  }
  return found;
};

const byScan: Count = async ({ chunks }) => {
  let found = 0;
  await framed(memoryDuplex(chunks)).scan(() => found++);
  return found;
};

const PLAIN = "plain Transform, 'data'";
const PLAIN_ITERATED = 'plain Transform, for await';

const ways: Readonly<Record<string, Count>> = {
  [PLAIN]: ({ chunks }) => listen(memoryDuplex(chunks).pipe(loopTransform())),
  [PLAIN_ITERATED]: ({ chunks }) => iterate(memoryDuplex(chunks).pipe(loopTransform())),
  "decodeStream, 'data'": ({ chunks }) => listen(memoryDuplex(chunks).pipe(decodeStream(codec))),
  'decodeStream, for await': ({ chunks }) =>
    iterate(memoryDuplex(chunks).pipe(decodeStream(codec))),
  'framed, for await': ({ chunks }) => iterate(framed(memoryDuplex(chunks))),
  'framed, batches': byBatches,
  'framed, scan': byScan,
  "hand loop on 'data'": byLoop,
};

function sized(payloadLength: number, label: string): Contest {
  const make = (): Input => inputOf(plainFrame(payloadLength));
  return {
    title: `streams of ${label} payloads`,
    unit: 'M frames/s',
    reference: PLAIN,
    targets: [
      { name: "decodeStream, 'data'", atLeast: 0.9 },
      { name: 'decodeStream, for await', of: PLAIN_ITERATED, atLeast: 0.9 },
    ],
    contenders: Object.fromEntries(
      Object.entries(ways).map(([name, count]) => [name, passes(make, count)]),
    ),
  };
}

await hold(import.meta.url, [
  sized(16, '16 B'),
  sized(256, '256 B'),
  sized(4096, '4 KiB'),
  sized(65_536, '64 KiB'),
  sized(1_048_576, '1 MiB'),
]);
