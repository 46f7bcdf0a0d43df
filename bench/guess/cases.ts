// Conversations whose frames are known, out of the captures of Debian's source packages.

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Way } from '../../src/capture/events.ts';
import type { Spots } from '../../src/framing/codecs.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { StreamCollector } from '../../src/guess/collect.ts';
import type { Collected } from '../../src/guess/collect.ts';
import { isText } from '../../src/guess/stream.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { capturePaths, readCapture } from '../../test/interop/support/captures.ts';
import { endsOf } from './frames.ts';
import { groupBy } from './groups.ts';
import { keyOf, labelsOf } from './labels.ts';
import type { Labelled } from './labels.ts';
import { NEW_PROTOCOLS, PROTOCOLS } from './protocols.ts';
import type { Protocol } from './protocols.ts';

/** One direction with its frames. */
export interface KnownStream extends GuessStream {
  /** Offset of the first frame. In front of it there may be a handshake in another form. */
  readonly from: number;
  /** Where the frames end, in ascending order. */
  readonly frames: readonly number[];
}

export interface Case {
  readonly name: string;
  readonly protocol: Protocol;
  readonly streams: readonly KnownStream[];
}

/** Maximum number of bytes of a direction. */
export const MAX_BYTES = 65_536;
/** Minimum number of frames of a conversation, in both directions. Fewer cannot be told from chance. */
export const MIN_FRAMES = 4;
/** Maximum number of conversations of one protocol: hundreds of TLS connections say no more than a few. */
const MAX_CASES = 16;
/** Minimum share of the bytes of a direction behind its first frame that the framing must explain. */
const MIN_COVER = 0.98;
/** Maximum number of chunks at whose ends the first frame is looked for, behind a handshake. */
const MAX_STARTS = 6;
/** Maximum number of bytes in front of such a start in which earlier frames are looked for. */
const MAX_BEFORE = 1024;
/** Chunks of this many bytes or more may end where the kernel has cut, so their ends prove nothing. */
const SEGMENT = 536;
/** Minimum share of the other chunks behind such a start that must end where a frame ends. */
const MIN_HITS = 0.5;

/** Captures of source packages, and the protocols that are looked for in them. */
interface Collection {
  readonly sources: readonly string[];
  readonly protocols: readonly Protocol[];
}

/** The captures and the protocols that the rules of the guess were written with. */
const TUNED: Collection = { sources: ['ndpi', 'wireshark'], protocols: PROTOCOLS };
/** Protocols, and captures, that the rules were never tried on while they were written. */
const NEW: readonly Collection[] = [
  { ...TUNED, protocols: NEW_PROTOCOLS },
  { sources: ['tcpdump', 'tcpflow'], protocols: [...PROTOCOLS, ...NEW_PROTOCOLS] },
];

/** At most `most` conversations of each protocol, spread over the captures. */
export async function knownCases(most = MAX_CASES): Promise<readonly Case[]> {
  return spreadCases(await casesOf(TUNED), most);
}

/**
 * Conversations that the rules of the guess were never tried on while they were written: at most `most` of each
 * protocol, and none with the same bytes as one of `known` or as another.
 */
export async function newCases(known: readonly Case[], most = MAX_CASES): Promise<readonly Case[]> {
  const seen = new Set(known.map(contentOf));
  const all: Case[] = [];
  for (const collection of NEW) {
    for (const one of await casesOf(collection)) {
      const content = contentOf(one);
      if (!seen.has(content)) {
        seen.add(content);
        all.push(one);
      }
    }
  }
  return spreadCases(all, most);
}

/** The hash of what was sent. */
export function contentOf({ streams }: Case): string {
  const hash = createHash('sha256');
  streams.forEach(({ bytes }) => hash.update(bytes));
  return hash.digest('hex');
}

async function casesOf({ sources, protocols }: Collection): Promise<Case[]> {
  const paths = await withStreams(await capturePaths(sources));
  const labels = await labelsOf(paths);
  const found: Case[] = [];
  for (const path of paths) {
    const wanted = labels.get(path) ?? [];
    if (protocols.some(({ labels: own }) => wanted.some(({ layers }) => hasOne(layers, own)))) {
      found.push(...(await casesIn(path, wanted, protocols)));
    }
  }
  return found;
}

/** At most `most` cases of each protocol, in the order of the protocols' names. */
export function spreadCases(cases: readonly Case[], most = MAX_CASES): readonly Case[] {
  const groups = groupBy(cases, ({ protocol }) => protocol.name);
  return [...groups]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .flatMap(([, group]) => spread(group, most));
}

function hasOne(list: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((one) => list.includes(one));
}

/** At most `most` of a list, at equal distances. */
function spread<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(1, list.length / most);
  return Array.from(
    { length: Math.min(most, list.length) },
    (_, i) => list[Math.floor(i * step)],
  ).flatMap((one) => one ?? []);
}

/** The captures with streams of TCP. Asking tshark takes far longer than reading a capture. */
async function withStreams(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if ((await streamsIn(path)).length > 0) {
      found.push(path);
    }
  }
  return found;
}

async function streamsIn(path: string): Promise<readonly Collected[]> {
  const collector = new StreamCollector(MAX_BYTES);
  await readCapture(path, collector.add);
  return collector.collected();
}

async function casesIn(
  path: string,
  labelled: readonly Labelled[],
  protocols: readonly Protocol[],
): Promise<Case[]> {
  const byKey = groupBy(labelled, ({ endpoints }) => endpoints);
  return (await streamsIn(path)).flatMap((collected) => {
    const { client, server } = collected.conversation;
    // The ports of a conversation may be used again: the first label belongs to the first conversation.
    const layers = byKey.get(keyOf([client, server]))?.shift()?.layers ?? [];
    const own = protocols.filter(({ labels }) => hasOne(layers, labels));
    return caseOf(path, collected, own) ?? [];
  });
}

/** The first of the protocols that explains the streams. */
function caseOf(
  path: string,
  { conversation, streams }: Collected,
  protocols: readonly Protocol[],
): Case | undefined {
  for (const protocol of protocols) {
    const alone = streams.flatMap((stream) => knownOf(stream, protocol) ?? []);
    // Both sides may begin with the same handshake, and one of them may send more with it in one chunk.
    const places = alone.map(({ from }) => from);
    const known = streams.flatMap((stream) => knownOf(stream, protocol, places) ?? []);
    const frames = known.reduce((sum, stream) => sum + stream.frames.length, 0);
    if (frames >= MIN_FRAMES) {
      const name = `${basename(path)} ${conversation.name}`;
      return { name, protocol, streams: known };
    }
  }
  return undefined;
}

/**
 * The frames of a direction; `undefined` if the framing does not explain it. A framing that begins later may
 * explain bytes of another one by chance, so the chunks must bear it out.
 */
function knownOf(
  stream: GuessStream,
  { framing }: Protocol,
  places: readonly number[] = [],
): KnownStream | undefined {
  const spots = spotsOf({ ...framing, ...('resync' in framing ? { resync: undefined } : {}) });
  const { bytes, ends = [] } = stream;
  // Any bytes have lines, so lines are the truth of text alone.
  if (framing.codec === 'lines' && !isText(bytes)) {
    return undefined;
  }
  const starts = [0, ...places, ...ends.slice(0, MAX_STARTS)].toSorted((a, b) => a - b);
  for (const from of starts) {
    const { frames, covered } = endsOf(spots, bytes, from);
    const isExplained = frames.length > 0 && covered >= MIN_COVER * (bytes.length - from);
    if (isExplained && (from === 0 || isBorneOut(ends, from, frames))) {
      const first =
        framing.codec === 'lengthPrefixed'
          ? firstOf(spots, bytes, {
              from,
              before: typeof framing.before === 'number' ? framing.before : 0,
            })
          : from;
      return { ...stream, from: first, frames: endsOf(spots, bytes, first).frames };
    }
  }
  return undefined;
}

/** Whether the chunks behind an offset mostly end where a frame ends, apart from those that the kernel may have cut. */
function isBorneOut(ends: readonly number[], from: number, frames: readonly number[]): boolean {
  const known = new Set(frames);
  const written = ends.filter((end, i) => end > from && end - (ends[i - 1] ?? 0) < SEGMENT);
  const hits = written.filter((end) => known.has(end)).length;
  return hits > 0 && hits >= MIN_HITS * written.length;
}

/**
 * The earliest place from which frames lead to a start: a handshake and the first frames may be one chunk. They
 * have the bytes that all later frames have in front of their number, or zeros of a handshake would be taken for
 * empty frames.
 */
function firstOf(
  spots: Spots,
  bytes: Uint8Array,
  { from, before }: { readonly from: number; readonly before: number },
): number {
  const mark = markOf(bytes, [from, ...endsOf(spots, bytes, from).frames.slice(0, -1)], before);
  for (let at = Math.max(0, from - MAX_BEFORE); at < from; at++) {
    const { frames, covered } = endsOf(spots, bytes.subarray(0, from), at);
    const isWhole = covered === from - at && frames.at(-1) === from;
    if (
      isWhole &&
      [at, ...frames].every((start) => mark.equals(headAt(bytes, start, mark.length)))
    ) {
      return at;
    }
  }
  return from;
}

/** The bytes that frames with these starts all begin with, at most `most`. */
function markOf(bytes: Uint8Array, starts: readonly number[], most: number): Buffer {
  const [first = 0, ...others] = starts;
  let length = 0;
  while (
    length < most &&
    first + length < bytes.length &&
    others.every((start) => bytes[start + length] === bytes[first + length])
  ) {
    length++;
  }
  return headAt(bytes, first, length);
}

function headAt(bytes: Uint8Array, start: number, length: number): Buffer {
  return Buffer.from(bytes.subarray(start, start + length));
}

/** The directions of a case as the guess takes them. */
export function toStreams(streams: readonly KnownStream[]): GuessStream[] {
  return streams.map(({ direction, bytes, ends }): GuessStream => {
    const way: Way = direction;
    return ends === undefined ? { direction: way, bytes } : { direction: way, bytes, ends };
  });
}

/** The direction without its cuts, as a file of bytes has it. */
export function withoutEnds(stream: KnownStream): KnownStream {
  return { ...stream, ends: undefined };
}
