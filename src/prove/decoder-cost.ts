// What a decoder may cost: time linear in the bytes, memory no more than the bytes. Both are measured,
// so both are judged with wide margins, and only where there is something to see: what is fast anyway
// is not judged, what is in between is measured again with more bytes.
//
// Rules: the smallest measurement counts, since noise only ever adds; a fault is told only when every
// repetition shows it.

import type { Finding } from './decoder-checks.ts';
import { within } from './decoder-delivery.ts';
import {
  arrayBufferLength,
  heldArrayBufferLength,
  heldLength,
  processorTime,
  wallTime,
} from './decoder-gauge.ts';
import type { Stream } from './decoder-streams.ts';
import type { Subject } from './decoder-target.ts';
import { drawValue } from './decoder-values.ts';

/** What the measured checks work with. */
export interface CostMaterial {
  readonly subject: Subject;
  /** The bytes of one frame with about so much payload; `undefined` if the format has no such frame. */
  readonly frameOf: (payloadLength: number) => Uint8Array | undefined;
  /** A good stream that may be repeated, if there is one. */
  readonly repeatable: Stream | undefined;
}

/** A finding, nothing, or why nothing could be measured. */
export type Measured = Finding | { readonly impossible: string } | undefined;

/** A step that takes longer than this in ms is not measured but given up. */
const patience = 60_000;

/** Writes chunks to a new connection, whose values are let go; tells what is written, and stops when told. */
async function feed(
  subject: Subject,
  chunks: Iterable<Uint8Array>,
  goesOn: () => boolean = () => true,
): Promise<unknown> {
  if (subject.kind === 'sync') {
    const session = subject.open('forgetful');
    for (const chunk of chunks) {
      session.write(chunk);
      if (!goesOn()) break;
    }
    return session;
  }
  const session = subject.open('forgetful');
  const play = async (): Promise<void> => {
    for (const chunk of chunks) {
      await session.write(chunk);
      if (!goesOn()) break;
    }
  };
  try {
    await within(play(), patience);
  } catch (error) {
    session.drop();
    throw error;
  }
  return session;
}

function* singleBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Chunks that are timed together; the median of many such windows knows no collection and no preemption. */
const windowLength = 128;
/** Processor time in ms after which enough was seen. */
const enough = 1000;

/**
 * How much more the last eighth of the windows costs than the first, when a frame arrives byte by
 * byte: 1 if cost is linear, up to 15 if it is quadratic.
 */
async function climb(subject: Subject, frame: Uint8Array): Promise<number> {
  const windows: number[] = [];
  const limit = processorTime() + enough;
  let since = wallTime();
  let count = 0;
  await feed(subject, singleBytes(frame), () => {
    if (++count % windowLength !== 0) return true;
    const now = wallTime();
    windows.push(now - since);
    since = now;
    return processorTime() < limit;
  });
  const part = windows.length >> 3;
  return median(windows.slice(-part)) / Math.max(median(windows.slice(0, part)), 1e-6);
}

/** Payloads of frames that arrive byte by byte, each tried if the one before left doubt. */
const singly = {
  sync: [60_000, 120_000, 240_000, 480_000],
  async: [24_000, 48_000, 96_000, 192_000],
};
/** Up to `even` is fine, from `steep` is a fault, if it is seen as often as `confirmations` says. */
const even = 1.4;
const steep = 3;
/** Every one of so many measurements must show a fault. */
const confirmations = 3;

type FrameMaker = CostMaterial['frameOf'];

async function leastClimb(subject: Subject, frame: Uint8Array): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  await climb(subject, frame.subarray(0, frame.length >> 2)); // Warms up.
  for (let round = 0; round < confirmations && least > even; round++) {
    least = Math.min(least, await climb(subject, frame));
  }
  return least;
}

async function steepFrame(subject: Subject, frameOf: FrameMaker): Promise<Finding | undefined> {
  for (const length of singly[subject.kind]) {
    const frame = frameOf(length);
    if (frame === undefined) return undefined;
    const ratio = await leastClimb(subject, frame);
    if (ratio <= even) return undefined;
    if (ratio < steep) continue;
    const what = `needs ${ratio.toFixed(1)} times as long for a byte late in a frame as for one early in it, when ${frame.length} bytes arrive one by one`;
    return { what, chunks: [] };
  }
  return undefined;
}

function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const count = Math.max(1, Math.floor(length / bytes.length));
  const whole = new Uint8Array(count * bytes.length);
  for (let index = 0; index < count; index++) whole.set(bytes, index * bytes.length);
  return whole;
}

async function timeOf(subject: Subject, chunk: Uint8Array): Promise<number> {
  const start = processorTime();
  await feed(subject, [chunk]);
  return processorTime() - start;
}

/** Lengths of a chunk full of small frames; each is compared with a quarter of it. */
const fullChunks = [128 * 1024, 512 * 1024];
/** Cost of four times the bytes: 4 if linear, 16 if quadratic. */
const steepTotal = 8;
/** Processor time in ms below which such a chunk is too cheap to complain about. */
const cheapChunk = 30;
/** Measurements of a chunk that must all show a fault; fewer if they take long. */
const chunkRounds = 5;

async function totalRatio(subject: Subject, small: Uint8Array, large: Uint8Array): Promise<number> {
  const least = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  await timeOf(subject, small); // Warms up.
  for (let round = 0, spent = 0; round < chunkRounds; round++) {
    least.small = Math.min(least.small, await timeOf(subject, small));
    const time = await timeOf(subject, large);
    least.large = Math.min(least.large, time);
    spent += time;
    const ratio = least.large / Math.max(least.small, 0.1);
    if (least.large < cheapChunk || ratio < steepTotal) return 0;
    if (round > 0 && spent > enough) break;
  }
  return least.large / Math.max(least.small, 0.1);
}

async function steepChunk(subject: Subject, bytes: Uint8Array): Promise<Finding | undefined> {
  for (const length of fullChunks) {
    const [small, large] = [repeated(bytes, length / 4), repeated(bytes, length)];
    const ratio = await totalRatio(subject, small, large);
    if (ratio > 0) {
      const what = `needs ${ratio.toFixed(1)} times as long for a chunk of ${large.length} bytes full of small frames as for a quarter of it`;
      return { what, chunks: [] };
    }
  }
  return undefined;
}

const noFrame = 'give frameOf, so that a long frame can be made';

/** Whether work grows with the bytes and no faster. */
export async function linearCost(material: CostMaterial): Promise<Measured> {
  const { subject, frameOf, repeatable } = material;
  const possible = frameOf(singly[subject.kind][0] ?? 0) !== undefined;
  if (!possible && repeatable === undefined) return { impossible: noFrame };
  try {
    const found = possible ? await steepFrame(subject, frameOf) : undefined;
    if (found !== undefined || repeatable === undefined) return found;
    return await steepChunk(subject, repeatable.bytes);
  } catch (error) {
    return { impossible: `the target fails on a good frame: ${drawValue(error)}` };
  }
}

/** Payload lengths to declare, the largest that the format takes; below the last nothing is gained by lying. */
const declared = [4 * 1024 * 1024, 1024 * 1024, 256 * 1024];
/** Bytes of a frame that are sent of it: its head. */
const headLength = 64;
/** Bytes that all connections together declare. */
const declaredInAll = 32 * 1024 * 1024;
/** Array buffers that may appear for a declared length, as part of it. */
const toleratedPart = 0.5;

/** Beginnings that declare 16 MiB and more in one format or another, most of them beyond its limit. */
const boasts: readonly Uint8Array[] = [
  [0x00, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));
/** What the smallest of them declares, in bytes. */
const boasted = 0xffffff;

/** What many connections hold in array buffers when each has had the head of a frame. */
async function heldFor(subject: Subject, head: Uint8Array, count: number): Promise<number> {
  const before = heldArrayBufferLength();
  const sessions: unknown[] = [];
  for (let index = 0; index < count; index++) sessions.push(await feed(subject, [head]));
  const held = heldArrayBufferLength() - before;
  return sessions.length === count ? held : 0;
}

/** What appears in array buffers, if only for a moment, when one connection boasts. */
async function appearsFor(subject: Subject, head: Uint8Array): Promise<number> {
  let most = 0;
  for (let round = 0; round < confirmations; round++) {
    const before = arrayBufferLength();
    await feed(subject, [head]).catch(() => undefined);
    most = Math.max(most, arrayBufferLength() - before);
  }
  return most;
}

async function allocatesAhead({ subject, frameOf }: CostMaterial): Promise<Finding | undefined> {
  for (const length of declared) {
    const head = frameOf(length)?.slice(0, headLength);
    if (head === undefined) continue;
    const count = declaredInAll / length;
    const allocated = await heldFor(subject, head, count);
    if (allocated <= declaredInAll * toleratedPart) break;
    const what = `allocates ${allocated} bytes for ${count} connections that sent ${head.length} bytes each, and declared ${length}`;
    return { what, chunks: [head] };
  }
  heldArrayBufferLength(); // Leaves no garbage that could go away during a measurement.
  for (const head of boasts) {
    const allocated = await appearsFor(subject, head);
    if (allocated <= boasted * toleratedPart) continue;
    const what = `allocates ${allocated} bytes for the ${head.length} that came`;
    return { what, chunks: [head] };
  }
  return undefined;
}

/** Payload of a frame of which all but the last byte arrive one by one, and are held. */
const heldPayload = { sync: 60_000, async: 30_000 };
/** What may be held: bytes for each byte that came, and in all cases. */
const tolerated = { perByte: 16, always: 1024 * 1024 };
/** Chunks with memory of their own that nobody but the target keeps. */
function* ownBytes(bytes: Uint8Array, kind: Subject['kind']): Generator<Uint8Array> {
  for (const byte of bytes) yield kind === 'sync' ? Uint8Array.of(byte) : Buffer.from([byte]);
}

async function holdsTooMuch({ subject, frameOf }: CostMaterial): Promise<Finding | undefined> {
  const frame = frameOf(heldPayload[subject.kind])?.slice(0, -1);
  if (frame === undefined) return undefined;
  let least = Number.POSITIVE_INFINITY;
  // All are kept: one that was let go during a measurement would hide what the next one holds.
  const sessions: unknown[] = [];
  for (let round = 0; round < confirmations; round++) {
    const before = heldLength();
    sessions.push(await feed(subject, ownBytes(frame, subject.kind)));
    least = Math.min(least, heldLength() - before);
    const limit = frame.length * tolerated.perByte + tolerated.always;
    if (sessions.length === 0 || least <= limit) return undefined;
  }
  const each = (least / frame.length).toFixed(0);
  return { what: `holds ${each} bytes for every byte that arrives alone`, chunks: [] };
}

/** Whether memory follows the bytes that came: not the length that was declared, not the number of chunks. */
export async function boundedMemory(material: CostMaterial): Promise<Measured> {
  try {
    const found = (await allocatesAhead(material)) ?? (await holdsTooMuch(material));
    if (found !== undefined) return found;
  } catch (error) {
    return { impossible: `the target fails on a good frame: ${drawValue(error)}` };
  }
  return material.frameOf(declared.at(-1) ?? 0) === undefined &&
    material.frameOf(heldPayload[material.subject.kind]) === undefined
    ? { impossible: noFrame }
    : undefined;
}
