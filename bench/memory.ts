// How much memory four things need: an idle connection, a declared length whose payload does not come, a frame
// that is joined of many chunks, and a streamed body of 1 GiB.
//   --quick            measures idle connections once instead of three times
//   --connections N    opens N connections instead of 10 000

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lengthPrefixed } from '../src/entries/main.ts';
import type { FrameDecoder } from '../src/codec/codec.ts';
import { arrayBufferLength, heldArrayBufferLength } from '../src/prove/decoder/gauge.ts';
import { largestCount } from './limits.ts';
import { judge, median, publish, rowOf } from './results.ts';
import type { Row } from './results.ts';

const MIB = 1024 * 1024;
const CONNECTIONS = 10_000;
const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, connections: { type: 'string' } },
  strict: false,
});
const TURNS = values.quick === true ? 1 : 3;

/** Runs a file of this folder in a process. Returns the figures that it sends, and ends it. */
async function ask(file: string, words: readonly (string | number)[]): Promise<number[]> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), words.map(String), {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  const ended = once(child, 'exit');
  const answered = once(child, 'message');
  const [figures]: unknown[] = await Promise.race([answered, ended]);
  if (!Array.isArray(figures)) {
    throw new Error(`${file} ended without an answer`);
  }
  child.disconnect();
  await ended;
  return figures.map(Number);
}

const BARE = "bare socket, 'data' listener";
const PEER = 'peer of listen';
/** How many times the memory of a bare socket a connection may need. */
const FRAMED_AT_MOST = 1.5;
const PEER_AT_MOST = 2.5;
const idleWays: Readonly<Record<string, string>> = {
  [BARE]: 'bare',
  'hand loop': 'loop',
  'framed, nobody reads': 'framed',
  'framed, for await': 'iterate',
  'framed, scan': 'scan',
  [PEER]: 'peer',
};

/** Measures the bytes for each connection, resident and on the heap, after one frame on each. */
async function idleConnections(count: number): Promise<void> {
  const resident = new Map<string, number[]>();
  const heap = new Map<string, number[]>();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [name, way] of Object.entries(idleWays)) {
      const [rss = Number.NaN, used = Number.NaN] = await ask('idle-server.ts', [way, count]);
      resident.set(name, [...(resident.get(name) ?? []), rss / count]);
      heap.set(name, [...(heap.get(name) ?? []), used / count]);
    }
  }
  for (const [what, lists] of [
    ['resident', resident],
    ['heap', heap],
  ] as const) {
    const reference = median(lists.get(BARE) ?? []);
    const rows: Row[] = [...lists].map(([name, list]) => ({
      ...rowOf(name, list),
      ratio: median(list) / reference,
    }));
    const verdicts = rows
      .filter(({ name }) => what === 'resident' && (name === PEER || name.startsWith('framed')))
      .map(({ name, ratio = Number.NaN }) => {
        const atMost = name === PEER ? PEER_AT_MOST : FRAMED_AT_MOST;
        return judge({ name, of: BARE, atMost }, ratio);
      });
    publish({ title: `${count} idle connections, ${what}`, unit: 'bytes each', rows, verdicts });
  }
}

function memory(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

function declaredLength(): void {
  const before = memory();
  const decoder = lengthPrefixed({ maxPayloadLength: 2 ** 32 - 1 }).decoder();
  decoder.push(Buffer.from('ffffffff', 'hex'));
  if (decoder.take() !== undefined) {
    throw new Error('A frame was found, though no payload was pushed.');
  }
  const name = 'memory grows by';
  const grown = (memory() - before) / MIB;
  publish({
    title: 'a declared length of 4294967295',
    unit: 'MiB',
    rows: [rowOf(name, [grown])],
    verdicts: [judge({ name, atMost: 1 }, grown)],
  });
}

const FRAME_LENGTH = 64 * MIB;
const CHUNK_LENGTH = 65_536;

/** Feeds a decoder a frame in chunks, and calls `look` after each. Returns the number of frames. */
type Feed = (decoder: FrameDecoder, look: () => void) => number;

/** As a connection does for `for await`: memory of its own for each chunk, which the caller does not keep. */
const byTake: Feed = (decoder, look) => {
  let found = 0;
  for (let sent = 0; sent < FRAME_LENGTH; sent += CHUNK_LENGTH) {
    decoder.push(Buffer.allocUnsafeSlow(CHUNK_LENGTH));
    found += decoder.take() === undefined ? 0 : 1;
    look();
  }
  return found;
};

/** As a connection does for `scan`: the same memory for each chunk. */
const byScan: Feed = (decoder, look) => {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_LENGTH);
  let found = 0;
  for (let sent = 0; sent < FRAME_LENGTH; sent += CHUNK_LENGTH) {
    decoder.scan(chunk, () => found++);
    look();
  }
  return found;
};

/**
 * Measures how much memory of buffers there is at most while a frame comes, in lengths of the frame. Chunks
 * that were copied and not yet collected count.
 */
function joinedFrame(feed: Feed): number {
  const decoder = lengthPrefixed({ maxPayloadLength: FRAME_LENGTH }).decoder();
  const before = heldArrayBufferLength();
  let most = 0;
  decoder.push(Buffer.from('04000000', 'hex'));
  const found = feed(decoder, () => {
    most = Math.max(most, arrayBufferLength() - before);
  });
  if (found !== 1) {
    throw new Error('No frame was found.');
  }
  return most / FRAME_LENGTH;
}

function joinedFrames(): void {
  const rows = [rowOf('take', [joinedFrame(byTake)]), rowOf('scan', [joinedFrame(byScan)])];
  publish({
    title: 'a frame of 64 MiB in chunks of 64 KiB',
    unit: 'memory at most, in lengths of the frame',
    rows,
    verdicts: rows.map(({ name, median: most }) => judge({ name, atMost: 1.1 }, most)),
  });
}

async function streamedBody(): Promise<void> {
  const [sender = Number.NaN, receiver = Number.NaN, rate = Number.NaN] = await ask(
    'body-transfer.ts',
    [],
  );
  publish({
    title: 'a message body of 1 GiB, hashed on both sides',
    unit: 'MiB, MiB/s',
    rows: [
      rowOf('sender grows by', [sender / MIB]),
      rowOf('receiver grows by', [receiver / MIB]),
      rowOf('rate', [rate / MIB]),
    ],
    verdicts: [
      judge({ name: 'sender grows by', atMost: 64 }, sender / MIB),
      judge({ name: 'receiver grows by', atMost: 64 }, receiver / MIB),
    ],
  });
}

await idleConnections(Math.min(Number(values.connections ?? CONNECTIONS), largestCount()));
declaredLength();
joinedFrames();
await streamedBody();
