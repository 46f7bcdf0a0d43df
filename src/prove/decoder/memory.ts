// Checks that memory follows the bytes that came. The decoder allocates nothing for a length that is only
// declared, keeps no object for every tiny chunk, and lets go of what it has delivered. Margins are wide. The
// bytes that a decoder holds are measured several times, and the least result counts. Bytes that appear only
// for a moment can be collected before they are measured, so of those the largest result counts.

import type { Finding } from './judging.ts';
import { CONFIRMATIONS, blame, feed, longFrame } from './feed.ts';
import type { CostMaterial, Measured } from './feed.ts';
import { arrayBufferLength, heldArrayBufferLength, heldLength } from './gauge.ts';
import { unalignedChunks } from './streams.ts';
import type { Stream } from './streams.ts';
import type { Target } from './target.ts';
import { quantity } from '../../text.ts';

/**
 * Payload lengths to declare. The first length that the target takes is measured. Lengths below these are
 * left out, because an attacker gains little by declaring so few bytes.
 */
const DECLARED = [4 * 1024 * 1024, 1024 * 1024, 256 * 1024];
/** Number of bytes of such a frame that are sent: its head, and the first bytes of its payload. */
const HEAD_LENGTH = 64;
/** Number of bytes that all connections of a measurement declare together. */
const DECLARED_IN_ALL = 32 * 1024 * 1024;
/** Part of the declared length that may appear in array buffers. */
const TOLERATED_PART = 0.5;

/**
 * Beginnings of frames that declare about 16 MiB or more in one format or another. Most targets have a lower
 * limit.
 */
const BOASTS: readonly Uint8Array[] = [
  [0x00, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));
/** Number of bytes that the smallest of BOASTS declares. */
const BOASTED = 0xffffff;

/**
 * Measures how many bytes `count` connections hold in array buffers when each has got the head of a frame.
 */
async function heldFor(material: CostMaterial, head: Uint8Array, count: number): Promise<number> {
  const before = heldArrayBufferLength();
  const runs: unknown[] = [];
  for (let index = 0; index < count; index++) {
    runs.push(await feed(material, [head]));
  }
  const held = heldArrayBufferLength() - before;
  return runs.length === count ? held : 0;
}

/**
 * Measures the largest number of bytes that appear in array buffers, if only for a moment, when one
 * connection gets the head.
 */
async function appearsFor(material: CostMaterial, head: Uint8Array): Promise<number> {
  let most = 0;
  for (let round = 0; round < CONFIRMATIONS; round++) {
    const before = arrayBufferLength();
    await feed(material, [head]).catch(() => undefined);
    most = Math.max(most, arrayBufferLength() - before);
  }
  return most;
}

/**
 * Returns a finding if connections that got the head of a long frame hold memory for the rest of the frame.
 */
async function holdsDeclared(material: CostMaterial): Promise<Finding | undefined> {
  for (const length of DECLARED) {
    const head = material.frameOf(length)?.slice(0, HEAD_LENGTH);
    if (head === undefined) {
      continue;
    }
    const count = DECLARED_IN_ALL / length;
    // A target that refuses this length has allocated nothing. It may take the next length, which is smaller.
    const allocated = await heldFor(material, head, count).catch(() => undefined);
    if (allocated === undefined) {
      continue;
    }
    if (allocated <= DECLARED_IN_ALL * TOLERATED_PART) {
      return undefined;
    }
    const what = `allocates ${allocated} bytes for ${count} connections that sent ${quantity(head.length, 'byte')} each, and declared ${length}`;
    return { what, chunks: [head] };
  }
  return undefined;
}

async function allocatesAhead(material: CostMaterial): Promise<Finding | undefined> {
  const held = await holdsDeclared(material);
  if (held !== undefined) {
    return held;
  }
  heldArrayBufferLength(); // Collects garbage, so that none goes away during a measurement.
  for (const head of BOASTS) {
    const allocated = await appearsFor(material, head);
    if (allocated <= BOASTED * TOLERATED_PART) {
      continue;
    }
    const what = `allocates ${allocated} bytes for the ${head.length} that came`;
    return { what, chunks: [head] };
  }
  return undefined;
}

/** Payload length of a frame that is sent byte by byte, but without its last byte. */
const HELD_PAYLOAD = { sync: 60_000, async: 30_000 };
/** Number of held bytes that are allowed: `perByte` for each byte that came, and `always` more. */
const TOLERATED = { perByte: 16, always: 1024 * 1024 };
/**
 * Yields the bytes as chunks of one byte. Each chunk has its own memory, which only the target can keep
 * alive.
 */
function* ownBytes(bytes: Uint8Array, kind: Target['kind']): Generator<Uint8Array> {
  for (const byte of bytes) {
    yield kind === 'sync' ? Uint8Array.of(byte) : Buffer.from([byte]);
  }
}

async function holdsTooMuch(
  material: CostMaterial,
  whole: Uint8Array,
): Promise<Finding | undefined> {
  const { kind } = material.target;
  const frame = whole.slice(0, -1);
  let least = Number.POSITIVE_INFINITY;
  // Keep all runs alive: if a run were collected during a measurement, that would hide the memory that the
  // next run holds.
  const runs: unknown[] = [];
  for (let round = 0; round < CONFIRMATIONS; round++) {
    const before = heldLength();
    runs.push(await feed(material, ownBytes(frame, kind)));
    least = Math.min(least, heldLength() - before);
    const limit = frame.length * TOLERATED.perByte + TOLERATED.always;
    if (runs.length === 0 || least <= limit) {
      return undefined;
    }
  }
  const each = (least / frame.length).toFixed(0);
  return { what: `holds ${each} bytes for every byte that arrives alone`, chunks: [] };
}

/**
 * A long stream whose chunks seldom end where a frame ends: its length, and the length of a chunk, in bytes.
 */
const LONG = { total: 4 * 1024 * 1024, length: 1000 };
/** Payload length in bytes of the frames of such a stream, if frames can be made. */
const LONG_PAYLOAD = 1500;
/**
 * Maximum number of frames in such a stream. With tiny frames, a stream of the full length would take long.
 */
const LONG_FRAMES = 200_000;
/**
 * Part of such a stream that the target may still hold after the frames were delivered. The target may hold
 * 512 KiB in any case.
 */
const RETAINED_PART = 0.5;

/** Returns the frames to repeat: a long frame if the target takes it, otherwise the frames of a sample. */
async function unitOf(material: CostMaterial): Promise<Stream | undefined> {
  const { repeatable } = material;
  if (repeatable === undefined) {
    return undefined;
  }
  const long = await longFrame(material, LONG_PAYLOAD);
  return 'frame' in long
    ? { bytes: long.frame, boundaries: [0, long.frame.length], values: undefined }
    : repeatable;
}

/** Returns a finding if the target keeps delivered frames, when every chunk ends inside the next frame. */
async function retains(material: CostMaterial): Promise<Finding | undefined> {
  const unit = await unitOf(material);
  if (unit === undefined) {
    return undefined;
  }
  const mean = unit.bytes.length / Math.max(1, (unit.boundaries?.length ?? 2) - 1);
  const total = Math.min(LONG.total, LONG_FRAMES * mean);
  const limit = Math.max(total * RETAINED_PART, TOLERATED.always / 2);
  let least = Number.POSITIVE_INFINITY;
  const runs: unknown[] = [];
  for (let round = 0; round < CONFIRMATIONS; round++) {
    const before = heldLength();
    runs.push(await feed(material, unalignedChunks(unit, { ...LONG, total })));
    least = Math.min(least, heldLength() - before);
    if (runs.length === 0 || least <= limit) {
      return undefined;
    }
  }
  const what = `still holds ${quantity(least, 'byte')} of a stream of ${Math.round(total)}, all of them delivered, when no chunk ends where a frame ends`;
  return { what, chunks: [] };
}

/**
 * Checks that memory follows the bytes that the target must hold, and not a declared length, delivered frames
 * or the number of chunks.
 */
export async function boundedMemory(material: CostMaterial): Promise<Measured> {
  try {
    const found = (await allocatesAhead(material)) ?? (await retains(material));
    if (found !== undefined) {
      return found;
    }
    const long = await longFrame(material, HELD_PAYLOAD[material.target.kind]);
    if ('frame' in long) {
      return await holdsTooMuch(material, long.frame);
    }
    if ('finding' in long) {
      return long.finding;
    }
    return material.repeatable ? { partly: long.lacking } : { impossible: long.lacking };
  } catch (error) {
    const blamed = blame(error, 'good frames', material);
    return 'finding' in blamed ? blamed.finding : { impossible: blamed.lacking };
  }
}
