// Memory no more than the bytes that came: nothing allocated for a length that is only declared, no
// object kept for every tiny chunk. It is measured, with wide margins; a fault is told only when every
// repetition shows it.

import type { Finding } from './checks.ts';
import { CONFIRMATIONS, feed, NO_FRAME } from './feed.ts';
import type { CostMaterial, Measured } from './feed.ts';
import { arrayBufferLength, heldArrayBufferLength, heldLength } from './gauge.ts';
import type { Target } from './target.ts';
import { drawValue } from './values.ts';

/** Payload lengths to declare, the largest that the format takes; below the last nothing is gained by lying. */
const DECLARED = [4 * 1024 * 1024, 1024 * 1024, 256 * 1024];
/** Bytes of a frame that are sent of it: its head. */
const HEAD_LENGTH = 64;
/** Bytes that all connections together declare. */
const DECLARED_IN_ALL = 32 * 1024 * 1024;
/** Array buffers that may appear for a declared length, as part of it. */
const TOLERATED_PART = 0.5;

/** Beginnings that declare 16 MiB and more in one format or another, most of them beyond its limit. */
const BOASTS: readonly Uint8Array[] = [
  [0x00, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));
/** What the smallest of them declares, in bytes. */
const BOASTED = 0xffffff;

/** What many connections hold in array buffers when each has had the head of a frame. */
async function heldFor(target: Target, head: Uint8Array, count: number): Promise<number> {
  const before = heldArrayBufferLength();
  const runs: unknown[] = [];
  for (let index = 0; index < count; index++) {
    runs.push(await feed(target, [head]));
  }
  const held = heldArrayBufferLength() - before;
  return runs.length === count ? held : 0;
}

/** What appears in array buffers, if only for a moment, when one connection boasts. */
async function appearsFor(target: Target, head: Uint8Array): Promise<number> {
  let most = 0;
  for (let round = 0; round < CONFIRMATIONS; round++) {
    const before = arrayBufferLength();
    await feed(target, [head]).catch(() => undefined);
    most = Math.max(most, arrayBufferLength() - before);
  }
  return most;
}

async function allocatesAhead({ target, frameOf }: CostMaterial): Promise<Finding | undefined> {
  for (const length of DECLARED) {
    const head = frameOf(length)?.slice(0, HEAD_LENGTH);
    if (head === undefined) {
      continue;
    }
    const count = DECLARED_IN_ALL / length;
    const allocated = await heldFor(target, head, count);
    if (allocated <= DECLARED_IN_ALL * TOLERATED_PART) {
      break;
    }
    const what = `allocates ${allocated} bytes for ${count} connections that sent ${head.length} bytes each, and declared ${length}`;
    return { what, chunks: [head] };
  }
  heldArrayBufferLength(); // Leaves no garbage that could go away during a measurement.
  for (const head of BOASTS) {
    const allocated = await appearsFor(target, head);
    if (allocated <= BOASTED * TOLERATED_PART) {
      continue;
    }
    const what = `allocates ${allocated} bytes for the ${head.length} that came`;
    return { what, chunks: [head] };
  }
  return undefined;
}

/** Payload of a frame of which all but the last byte arrive one by one, and are held. */
const HELD_PAYLOAD = { sync: 60_000, async: 30_000 };
/** What may be held: bytes for each byte that came, and in all cases. */
const TOLERATED = { perByte: 16, always: 1024 * 1024 };
/** Chunks with memory of their own that nobody but the target keeps. */
function* ownBytes(bytes: Uint8Array, kind: Target['kind']): Generator<Uint8Array> {
  for (const byte of bytes) {
    yield kind === 'sync' ? Uint8Array.of(byte) : Buffer.from([byte]);
  }
}

async function holdsTooMuch({ target, frameOf }: CostMaterial): Promise<Finding | undefined> {
  const frame = frameOf(HELD_PAYLOAD[target.kind])?.slice(0, -1);
  if (frame === undefined) {
    return undefined;
  }
  let least = Number.POSITIVE_INFINITY;
  // All are kept: one that was let go during a measurement would hide what the next one holds.
  const runs: unknown[] = [];
  for (let round = 0; round < CONFIRMATIONS; round++) {
    const before = heldLength();
    runs.push(await feed(target, ownBytes(frame, target.kind)));
    least = Math.min(least, heldLength() - before);
    const limit = frame.length * TOLERATED.perByte + TOLERATED.always;
    if (runs.length === 0 || least <= limit) {
      return undefined;
    }
  }
  const each = (least / frame.length).toFixed(0);
  return { what: `holds ${each} bytes for every byte that arrives alone`, chunks: [] };
}

/** Whether memory follows the bytes that came: not the length that was declared, not the number of chunks. */
export async function boundedMemory(material: CostMaterial): Promise<Measured> {
  try {
    const found = (await allocatesAhead(material)) ?? (await holdsTooMuch(material));
    if (found !== undefined) {
      return found;
    }
  } catch (error) {
    return { impossible: `the target fails on a good frame: ${drawValue(error)}` };
  }
  return material.frameOf(DECLARED.at(-1) ?? 0) === undefined &&
    material.frameOf(HELD_PAYLOAD[material.target.kind]) === undefined
    ? { impossible: NO_FRAME }
    : undefined;
}
