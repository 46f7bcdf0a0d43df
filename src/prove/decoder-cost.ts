// What a decoder may cost: time linear in the bytes, memory no more than the bytes. Both are measured,
// so both are judged with wide margins and only after repetition: a linear decoder is at 4, a
// quadratic one at 16, the line is drawn at 8; whatever is fast anyway is not judged at all.
//
// Rules: the smallest measurement counts, since noise only ever adds; a fault is told only when every
// repetition shows it.

import type { Finding } from './decoder-checks.ts';
import { within } from './decoder-delivery.ts';
import { arrayBufferLength, heldLength, processorTime } from './decoder-gauge.ts';
import type { Stream } from './decoder-streams.ts';
import type { Subject } from './decoder-target.ts';

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
/** Payload of the larger of two frames that arrive byte by byte, for targets at once and in time. */
const tinyChunks = { sync: 60_000, async: 24_000 };
/** Bytes of the larger of two chunks full of small frames. */
const fullChunk = 128 * 1024;
/** How many times the smaller size goes into the larger. */
const growth = 4;
/** Cost ratio above which cost is not linear: between 4 (linear) and 16 (quadratic). */
const steepest = 8;
/** Processor time in ms below which the larger size is too cheap to complain about. */
const cheap = 30;
/** Repetitions before a fault is told, and the time in ms after which two are enough. */
const repetitions = { most: 6, enough: 2000 };

async function feed(subject: Subject, chunks: Iterable<Uint8Array>): Promise<unknown> {
  if (subject.kind === 'sync') {
    const session = subject.open('eager');
    for (const chunk of chunks) session.write(chunk);
    return session;
  }
  const session = subject.open('eager');
  const play = async (): Promise<void> => {
    for (const chunk of chunks) await session.write(chunk);
  };
  try {
    await within(play(), patience);
  } catch (error) {
    session.drop();
    throw error;
  }
  return session;
}

async function timeOf(subject: Subject, chunks: readonly Uint8Array[]): Promise<number> {
  const start = processorTime();
  await feed(subject, chunks);
  return processorTime() - start;
}

/** How many times as much the larger costs, by the best of several measurements; 0 if it is cheap. */
async function costRatio(
  subject: Subject,
  small: readonly Uint8Array[],
  large: readonly Uint8Array[],
): Promise<number> {
  const least = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  let spent = 0;
  for (let round = 1; round <= repetitions.most; round++) {
    const [one, other] = [await timeOf(subject, small), await timeOf(subject, large)];
    least.small = Math.min(least.small, one);
    least.large = Math.min(least.large, other);
    spent += one + other;
    if (least.large < cheap || least.large <= least.small * steepest) return 0;
    if (round > 1 && spent > repetitions.enough) break;
  }
  return least.large / Math.max(least.small, 0.1);
}

function singleBytes(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1));
}

function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const count = Math.max(1, Math.floor(length / bytes.length));
  const whole = new Uint8Array(count * bytes.length);
  for (let index = 0; index < count; index++) whole.set(bytes, index * bytes.length);
  return whole;
}

interface Growing {
  readonly name: string;
  readonly small: readonly Uint8Array[];
  readonly large: readonly Uint8Array[];
}

function growingInputs({ subject, frameOf, repeatable }: CostMaterial): Growing[] {
  const payload = tinyChunks[subject.kind];
  const [small, large] = [frameOf(payload / growth), frameOf(payload)];
  const inputs: Growing[] = [];
  if (small !== undefined && large !== undefined) {
    const name = 'a frame that arrives one byte at a time';
    inputs.push({ name, small: singleBytes(small), large: singleBytes(large) });
  }
  if (repeatable !== undefined && repeatable.bytes.length > 0) {
    const chunks = [fullChunk / growth, fullChunk].map((length) => [
      repeated(repeatable.bytes, length),
    ]);
    const [few = [], many = []] = chunks;
    inputs.push({ name: 'one chunk full of small frames', small: few, large: many });
  }
  return inputs;
}

const noFrame = 'give frameOf, so that a long frame can be made';

/** Whether work grows with the bytes and no faster. */
export async function linearCost(material: CostMaterial): Promise<Measured> {
  const inputs = growingInputs(material);
  if (inputs.length === 0) return { impossible: noFrame };
  for (const { name, small, large } of inputs) {
    const ratio = await costRatio(material.subject, small, large).catch(() => 0);
    if (ratio > 0) {
      const times = ratio.toFixed(1);
      const what = `needs ${times} times as long for ${growth} times as many bytes: ${name}`;
      return { what, chunks: [] };
    }
  }
  return undefined;
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

async function allocatedFor(subject: Subject, head: Uint8Array, count: number): Promise<number> {
  const before = arrayBufferLength();
  const held: unknown[] = [];
  for (let index = 0; index < count; index++) {
    held.push(await feed(subject, [head]).catch(() => undefined));
  }
  return held.length === count ? arrayBufferLength() - before : 0;
}

async function allocatesAhead({ subject, frameOf }: CostMaterial): Promise<Finding | undefined> {
  for (const length of declared) {
    const head = frameOf(length)?.slice(0, headLength);
    if (head === undefined) continue;
    heldLength();
    const count = declaredInAll / length;
    const allocated = await allocatedFor(subject, head, count);
    if (allocated <= declaredInAll * toleratedPart) break;
    const what = `allocates ${allocated} bytes for ${count} connections that sent ${head.length} bytes each, and declared ${length}`;
    return { what, chunks: [head] };
  }
  for (const head of boasts) {
    const allocated = await allocatedFor(subject, head, 1);
    if (allocated <= boasted * toleratedPart) continue;
    const what = `allocates ${allocated} bytes for the ${head.length} that came`;
    return { what, chunks: [head] };
  }
  return undefined;
}

/** Payload of a frame of which all but the last byte arrive one by one, and are held. */
const heldPayload = { sync: 120_000, async: 30_000 };
/** What may be held: bytes for each byte that came, and in all cases. */
const tolerated = { perByte: 16, always: 1024 * 1024 };
/** Every one of so many measurements must show a fault. */
const confirmations = 3;

/** Chunks with memory of their own that nobody but the target keeps. */
function* ownBytes(bytes: Uint8Array, kind: Subject['kind']): Generator<Uint8Array> {
  for (const byte of bytes) yield kind === 'sync' ? Uint8Array.of(byte) : Buffer.from([byte]);
}

async function holdsTooMuch({ subject, frameOf }: CostMaterial): Promise<Finding | undefined> {
  const frame = frameOf(heldPayload[subject.kind])?.slice(0, -1);
  if (frame === undefined) return undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < confirmations; round++) {
    const before = heldLength();
    const session = await feed(subject, ownBytes(frame, subject.kind)).catch(() => undefined);
    least = Math.min(least, session === undefined ? 0 : heldLength() - before);
    if (least <= frame.length * tolerated.perByte + tolerated.always) return undefined;
  }
  const each = (least / frame.length).toFixed(0);
  return { what: `holds ${each} bytes for every byte that arrives alone`, chunks: [] };
}

/** Whether memory follows the bytes that came: not the length that was declared, not the number of chunks. */
export async function boundedMemory(material: CostMaterial): Promise<Measured> {
  const found = (await allocatesAhead(material)) ?? (await holdsTooMuch(material));
  if (found !== undefined) return found;
  return material.frameOf(declared.at(-1) ?? 0) === undefined &&
    material.frameOf(heldPayload[material.subject.kind]) === undefined
    ? { impossible: noFrame }
    : undefined;
}
