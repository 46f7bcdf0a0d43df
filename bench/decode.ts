// Decoding in one process: frames of one size with a u32be prefix, in 64 KiB chunks. Decoders of others
// decode frames of their own formats.

import { hold } from './harness.ts';
import type { Contest } from './harness.ts';
import { inputOf, passes, plainFrame } from './input.ts';
import type { Count, Input } from './input.ts';
import { loop, subarrayLoop } from './loops.ts';
import { peerDecoders } from './others/decoders.ts';
import type { Target } from './results.ts';
import { lengthPrefixed } from '../src/entries/main.ts';

const codec = lengthPrefixed();

const byLoop: Count = ({ chunks }) => {
  let found = 0;
  const push = subarrayLoop(() => found++);
  for (const chunk of chunks) {
    push(chunk);
  }
  return found;
};

const byBareLoop: Count = ({ chunks }) => {
  let found = 0;
  const push = loop(() => found++);
  for (const chunk of chunks) {
    push(chunk);
  }
  return found;
};

const byTake: Count = ({ chunks }) => {
  let found = 0;
  const decoder = codec.decoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
    while (decoder.take() !== undefined) {
      found++;
    }
  }
  return found;
};

const byTakeOfUint8Arrays: Count = ({ chunks }) => {
  let found = 0;
  const decoder = codec.decoder();
  for (const { buffer, byteOffset, length } of chunks) {
    decoder.push(new Uint8Array(buffer, byteOffset, length));
    while (decoder.take() !== undefined) {
      found++;
    }
  }
  return found;
};

const byScan: Count = ({ chunks }) => {
  let found = 0;
  const decoder = codec.decoder();
  for (const chunk of chunks) {
    decoder.scan(chunk, () => found++);
  }
  return found;
};

const LOOP = 'hand loop, Buffer.subarray';
const BARE_LOOP = 'hand loop, no object a frame';
const TAKE = 'push/take, Buffers';
const TAKE_ARRAYS = 'push/take, Uint8Arrays';

const NEVER_BEHIND: readonly Target[] = [
  { name: TAKE, atLeast: 1 },
  { name: TAKE_ARRAYS, atLeast: 1 },
];
/** Frames of 1 MiB lie in many chunks, so joining them decides, and with it page faults. */
const LARGE: readonly Target[] = NEVER_BEHIND.map((target) => ({ ...target, atLeast: 0.9 }));

function sized(
  payloadLength: number,
  label: string,
  targets: (peers: readonly string[]) => readonly Target[] = () => NEVER_BEHIND,
): Contest {
  const make = (): Input => inputOf(plainFrame(payloadLength));
  const peers = peerDecoders(payloadLength);
  return {
    title: `decode ${label} payloads`,
    unit: 'M frames/s',
    reference: LOOP,
    targets: targets(Object.keys(peers)),
    contenders: {
      [LOOP]: passes(make, byLoop),
      [BARE_LOOP]: passes(make, byBareLoop),
      [TAKE]: passes(make, byTake),
      [TAKE_ARRAYS]: passes(make, byTakeOfUint8Arrays),
      scan: passes(make, byScan),
      ...peers,
    },
  };
}

await hold(import.meta.url, [
  sized(16, '16 B', (peers) => [
    { name: 'scan', atLeast: 5 },
    { name: 'scan', of: BARE_LOOP, atLeast: 0.8 },
    { name: 'scan', ofFastest: peers, atLeast: 8 },
    { name: TAKE, atLeast: 1 },
    { name: TAKE_ARRAYS, atLeast: 1.5 },
  ]),
  sized(256, '256 B'),
  sized(4096, '4 KiB'),
  sized(65_536, '64 KiB'),
  sized(1_048_576, '1 MiB', () => LARGE),
]);
