// Random ways to cut a byte stream, and random bytes that no honest program sends. The arbitraries generate
// plain values, so they serve any fast-check property, not only the proofs of this package.
//
// Rules: an arbitrary of cuts shrinks to fewer cuts, then to earlier cuts. No code here knows a wire format:
// a caller that knows where frames begin passes the offsets. This file uses no node: module, no clock, and no
// randomness of its own.

import * as fc from 'fast-check';
import { cutPoints, splitAt } from './cut-points.ts';
import type { FrameHints } from './cut-points.ts';
import { checkNames, flag, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { joinBytes } from '../schedule/pieces.ts';

/** Number of candidates that a selection takes: none, one, up to three, up to half, all. */
type Density = 'none' | 'one' | 'few' | 'half' | 'all';

const DENSITIES: readonly Density[] = ['none', 'one', 'one', 'one', 'few', 'few', 'half', 'all'];

/**
 * Maximum number of places in a selection, so that one case stays cheap. If there are more candidates than
 * this, 'all' takes at most half of them.
 */
const DENSE_LIMIT = 4096;

/**
 * Arbitrary for a sorted selection of the places of a list: usually one place or a few, sometimes none, half
 * or all. To shrink, it first leaves out all places, then half of them, then smaller parts down to single
 * places. Then it moves each place towards the front. So a failure that needs one cut ends with one cut.
 */
class Selection extends fc.Arbitrary<readonly number[]> {
  readonly #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  override generate(random: fc.Random): fc.Value<readonly number[]> {
    return new fc.Value(this.#select(random), undefined);
  }

  #select(random: fc.Random): readonly number[] {
    const count = this.#count;
    const density = DENSITIES[random.nextInt(0, DENSITIES.length - 1)] ?? 'one';
    if (count === 0 || density === 'none') {
      return [];
    }
    if (density === 'all' && count <= DENSE_LIMIT) {
      return Array.from({ length: count }, (_, i) => i);
    }
    const wanted = { one: 1, few: 3, half: count >> 1, all: count >> 1 }[density];
    const some = Array.from({ length: Math.min(wanted, DENSE_LIMIT) }, () =>
      random.nextInt(0, count - 1),
    );
    return sorted(some);
  }

  override canShrinkWithoutContext(value: unknown): value is readonly number[] {
    return Array.isArray(value) && value.every((place) => Number.isInteger(place));
  }

  override shrink(value: readonly number[]): fc.Stream<fc.Value<readonly number[]>> {
    return fc.stream(smallerSelections(value)).map((places) => new fc.Value(places, undefined));
  }
}

function sorted(places: readonly number[]): readonly number[] {
  return [...new Set(places)].sort((one, other) => one - other);
}

function* smallerSelections(places: readonly number[]): IterableIterator<readonly number[]> {
  if (places.length === 0) {
    return;
  }
  yield [];
  for (let size = places.length >> 1; size > 0; size >>= 1) {
    for (let start = 0; start < places.length; start += size) {
      yield places.toSpliced(start, size);
    }
  }
  for (const [index, place] of places.entries()) {
    const lowest = (places[index - 1] ?? -1) + 1;
    for (const lower of new Set([lowest, (lowest + place) >> 1, place - 1])) {
      if (lower >= lowest && lower < place) {
        yield places.with(index, lower);
      }
    }
  }
}

/**
 * Arbitrary for places among `count` candidates, sorted, each at most once. All arbitraries of cuts here are
 * made of it.
 */
export function selections(count: number): fc.Arbitrary<readonly number[]> {
  return new Selection(Math.max(0, count));
}

/**
 * Arbitrary for offsets at which to cut a stream of `length` bytes, sorted, without 0 and `length`. Shrinks
 * to no cut.
 */
export function cuts(length: number): fc.Arbitrary<readonly number[]> {
  return selections(length - 1).map((places) => places.map((place) => place + 1));
}

/**
 * Arbitrary for sorted offsets at which to cut, chosen from those of `cutPoints`. Decoders break there:
 * inside and after prefixes and headers, inside characters, in the middle of a frame, one byte from either
 * end of a frame, and at its ends. `boundaries` are the offsets between frames. Shrinks to no cut.
 */
export function frameCuts(
  bytes: Uint8Array,
  boundaries: readonly number[],
  hints: FrameHints = {},
): fc.Arbitrary<readonly number[]> {
  const offsets = [...new Set(cutPoints(bytes, boundaries, hints).map((point) => point.offset))];
  return selections(offsets.length).map((places) =>
    places.map((place) => offsets[place] ?? 0).sort((one, other) => one - other),
  );
}

/** Options of `chunkings` besides the cuts. */
export interface ChunkingOptions {
  /** Whether up to two empty chunks may appear before, between or after the others. Default true. */
  readonly emptyChunks?: boolean | undefined;
}

const CHUNKING_NAMES = { emptyChunks: true } satisfies OptionNames<ChunkingOptions>;

/**
 * Arbitrary for the given bytes as chunks: whole, cut once, cut a few times, or cut at up to half of the
 * offsets. Up to 4097 bytes may also come as chunks of one byte. Some chunks may be empty. Shrinks to one
 * chunk.
 */
export function chunkings(
  bytes: Uint8Array,
  options: ChunkingOptions = {},
): fc.Arbitrary<readonly Uint8Array[]> {
  checkNames('chunkings', options, CHUNKING_NAMES);
  const empties = flag('emptyChunks', options.emptyChunks, true) ? emptyPlaces() : fc.constant([]);
  return fc
    .tuple(cuts(bytes.length), empties)
    .map(([offsets, places]) => withEmptyChunks(splitAt(bytes, offsets), places));
}

/**
 * Arbitrary for the places of empty chunks: usually none, otherwise up to two. `withEmptyChunks` takes each
 * place modulo the number of gaps.
 */
export function emptyPlaces(): fc.Arbitrary<readonly number[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<readonly number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(16), { maxLength: 2 }) },
  );
}

/** Puts an empty chunk at each place of `places`: before, between or after the given chunks. */
export function withEmptyChunks(
  chunks: readonly Uint8Array[],
  places: readonly number[],
): readonly Uint8Array[] {
  return places.reduce<readonly Uint8Array[]>(
    (list, place) => list.toSpliced(place % (list.length + 1), 0, new Uint8Array(0)),
    chunks,
  );
}

/**
 * Arbitrary for pieces as a receiver may get them in fewer reads: neighbouring pieces are joined, and the
 * order is kept. Shrinks to the pieces as given, with nothing joined.
 */
export function coalescings(pieces: readonly Uint8Array[]): fc.Arbitrary<readonly Uint8Array[]> {
  return selections(pieces.length - 1).map((joins) => {
    const groups: Uint8Array[][] = [];
    for (const [index, piece] of pieces.entries()) {
      const last = groups.at(-1);
      if (last === undefined || !joins.includes(index - 1)) {
        groups.push([piece]);
      } else {
        last.push(piece);
      }
    }
    return groups.map((group) => (group.length === 1 && group[0] ? group[0] : joinBytes(group)));
  });
}

const ascii = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (char) => char.charCodeAt(0));

/**
 * Bytes that decoders have misread: lengths at the limits of their type, beginnings of other protocols,
 * frames that are nearly right.
 */
const CLASSICS: readonly Uint8Array[] = [
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x00],
  [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01],
  [0x00, 0x00, 0x00, 0x02, 0xc3, 0x28],
  [0x00, 0x00, 0x00, 0x03, 0xed, 0xa0, 0x80],
]
  .map((numbers) => Uint8Array.from(numbers))
  .concat(
    [
      'GET / HTTP/1.1\r\n\r\n',
      'Content-Length: 2abc\r\n\r\n{}',
      'Content-Length: -1\r\n\r\n',
      'Content-Length: 99999999999999999999\r\n\r\n',
      '-1:a,',
      '00000000000000000001:a,',
      '\0\0\0\x0a[[[[[[[[[[',
      '\0\0\0\x11{"__proto__":{}}\r',
      '{"bodyLength":-1}',
    ].map(ascii),
  );

/** Bytes that mean something to many formats: signs, digits, ends of lines, limits of numbers. */
const LOADED = [0x00, 0x01, 0x02, 0x04, 0x7f, 0x80, 0x81, 0xfe, 0xff, ...ascii('09-+:,{}["\r\n ')];

/** Options of `hostileBytes`. */
export interface HostileOptions {
  /** Maximum number of bytes. Default 32. */
  readonly maxLength?: number | undefined;
}

const HOSTILE_NAMES = { maxLength: true } satisfies OptionNames<HostileOptions>;
const DEFAULT_HOSTILE_LENGTH = 32;

/**
 * Arbitrary for bytes that no honest remote sends: from an attacker, from another protocol, or noise. Shrinks
 * to fewer bytes, and each byte to zero.
 */
export function hostileBytes(options: HostileOptions = {}): fc.Arbitrary<Uint8Array> {
  checkNames('hostileBytes', options, HOSTILE_NAMES);
  const maxLength = whole('maxLength', options.maxLength ?? DEFAULT_HOSTILE_LENGTH);
  const short = CLASSICS.filter((bytes) => bytes.length <= maxLength);
  return fc.oneof(
    fc.uint8Array({ maxLength }),
    fc.array(fc.constantFrom(...LOADED), { maxLength }).map((numbers) => Uint8Array.from(numbers)),
    ...(short.length === 0 ? [] : [fc.constantFrom(...short)]),
  );
}
