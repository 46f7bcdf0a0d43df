// Streams that codecs of this package make: of every row of `formats`, and of random options.

import { FAMILIES, ROWS } from '../../src/codec/formats/formats.ts';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { isUnstickError } from '../../src/errors.ts';
import { framing } from '../../src/framing/framing.ts';
import { parseFraming } from '../../src/framing/words.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';
import { codecOfRow, FORMAT_NAMES, framesOf } from '../../test/support/format-vectors.ts';
import type { FormatName } from '../../test/support/format-vectors.ts';
import type { KnownStream } from './cases.ts';

export interface Synthetic {
  readonly name: string;
  readonly framing: Framing;
  readonly stream: KnownStream;
  /** Name of the checksum at the end of each frame. Missing if there is none. */
  readonly checksum?: string | undefined;
}

const FRAMES = 30;

/** Device families: the rows of trackers, meters, vehicles and serial lines. */
export const DEVICES: ReadonlySet<string> = new Set(
  (['trackers', 'meters', 'vehicles', 'serial'] as const).flatMap((name) =>
    Object.keys(FAMILIES[name]),
  ),
);

/**
 * Frames as chunks, as programs send them: mostly one a chunk, now and then two in one, or one in two.
 */
function toStream(frames: readonly Uint8Array[], random: Random): KnownStream {
  const ends: number[] = [];
  const cuts: number[] = [];
  let at = 0;
  for (const frame of frames) {
    if (random.chance(1, 20) && frame.length > 1) {
      cuts.push(at + random.between(1, frame.length - 1));
    }
    at += frame.length;
    ends.push(at);
    if (random.chance(9, 10)) {
      cuts.push(at);
    }
  }
  return { direction: 'a>b', bytes: Buffer.concat(frames), ends: cuts, from: 0, frames: ends };
}

/** A payload that begins like another one, has bytes of its kind, and another length. */
function varied(payload: Uint8Array, random: Random): Uint8Array {
  const head = Math.min(payload.length, random.between(1, 6));
  const length = Math.max(1, Math.round((payload.length * random.between(40, 180)) / 100));
  return Uint8Array.from({ length }, (_, i) =>
    i < head || random.chance(1, 2)
      ? (payload[i % payload.length] ?? 0)
      : (payload[random.below(payload.length)] ?? 0),
  );
}

/** Values of a row: those of its golden frames, and values like them. */
function valuesLike(value: unknown, random: Random): unknown {
  if (value instanceof Uint8Array) {
    return varied(value, random);
  }
  if (typeof value === 'object' && value !== null && 'payload' in value) {
    const { payload } = value;
    return payload instanceof Uint8Array ? { ...value, payload: varied(payload, random) } : value;
  }
  return value;
}

/** Thirty frames of a row; `undefined` where its golden frames cannot be varied. */
function streamOfRow(name: FormatName, seed: number): Synthetic | undefined {
  const random = randomOf(seed);
  const codec = codecOfRow(name, 'resync' in ROWS[name] ? { resync: false } : {});
  const decoder = codec.decoder();
  for (const frame of framesOf(name)) {
    decoder.push(frame);
  }
  const values = [...decoder];
  const frames: Uint8Array[] = [];
  for (let tries = 0; values.length > 0 && frames.length < FRAMES && tries < 10 * FRAMES; tries++) {
    const value = valuesLike(values[random.below(values.length)], random);
    try {
      frames.push(Buffer.concat(codec.encode(value as never)));
    } catch (error) {
      if (!isUnstickError(error)) {
        throw error;
      }
    }
  }
  const stream = toStream(frames, random);
  return frames.length < FRAMES ? undefined : { name, framing: ROWS[name], stream };
}

/** A stream of each row that can be varied. */
export function streamsOfRows(seed: number): Synthetic[] {
  return FORMAT_NAMES.flatMap((name, i) => streamOfRow(name, seed + i) ?? []);
}

const TYPES = ['u8', 'u16be', 'u16le', 'u24be', 'u24le', 'u32be', 'u32le'] as const;
const CHECKSUMS = [
  'CRC-16/MODBUS',
  'CRC-16/XMODEM',
  'CRC-16/KERMIT',
  'CRC-32/ISO-HDLC',
  'xor8',
  'sum8',
] as const;

/** Thirty varied frames of random options. */
export function randomStream(seed: number): Synthetic {
  const random = randomOf(seed);
  const type = random.pick(TYPES);
  const width = Math.floor(Number(/\d+/.exec(type)?.[0]) / 8);
  const offset = random.between(0, 10);
  const more = random.pick([offset + width, 0, offset]);
  const word = `${type}@${offset}+${more}`;
  const plain = parseFraming(word, 'word', () => '');
  const checksum = random.chance(1, 2) ? random.pick(CHECKSUMS) : undefined;
  const given: Framing =
    checksum === undefined || plain.codec !== 'lengthPrefixed'
      ? plain
      : { ...plain, trailer: { checksum } };
  const codec = framing(given) as unknown as { encode: (value: unknown) => Uint8Array[] };
  const heads = Array.from({ length: offset }, () => ({
    low: random.below(200),
    span: random.pick([1, 1, 4, 40]),
  }));
  const frames = Array.from({ length: FRAMES }, () => {
    const before = Uint8Array.from(heads, ({ low, span }) => low + random.below(span));
    const payload = Uint8Array.from({ length: random.between(2, 120) }, () => random.below(256));
    return Buffer.concat(codec.encode(offset === 0 ? payload : { before, payload }));
  });
  return { name: word, framing: given, stream: toStream(frames, random), checksum };
}
