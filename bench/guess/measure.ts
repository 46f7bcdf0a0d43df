// Runs the guess over everything, and counts.

import { guess } from '../../src/guess/guess.ts';
import type { GuessResult } from '../../src/guess/guess.ts';
import { layoutKey } from '../../src/guess/described.ts';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { frameLayout } from '../../src/codec/frame-layout.ts';
import { toLengthPrefixed } from '../../src/framing/codecs.ts';
import { toStreams, withoutEnds } from './cases.ts';
import type { Case, KnownStream } from './cases.ts';
import { groupBy } from './groups.ts';
import { negatives } from './negatives.ts';
import { formatsLike } from './protocols.ts';
import { isRight, isRightBehind } from './score.ts';
import { macroOf, meanOf, shareOf } from './statistics.ts';
import type { Share } from './statistics.ts';
import { DEVICES, randomStream, streamsOfRows } from './synthetic.ts';
import type { Synthetic } from './synthetic.ts';
import { VARIANTS, variantsOf } from './variants.ts';
import type { Variant } from './variants.ts';

/** One answer of the guess, and whether it is right. */
export interface Answer {
  readonly name: string;
  /** Protocol, row or kind. */
  readonly group: string;
  readonly half?: string;
  readonly isRight: boolean;
  readonly result: GuessResult;
}

export interface RealFigures {
  readonly variant: string;
  readonly answers: readonly Answer[];
}

export type Progress = (text: string) => void;

function judgeCase(one: Case, streams: readonly KnownStream[], { isLate }: Variant): Answer {
  const result = guess(toStreams(streams), { unknown: one.protocol.unknown });
  const isRightNow = isLate ? isRightBehind(result, streams) : isRight(result, streams);
  const { name, half } = one.protocol;
  return { name: one.name, group: name, half, isRight: isRightNow, result };
}

/**
 * Every variant of every conversation, each with the formats of its protocol left out. `isQuick`: the variants
 * that say most.
 */
export function measureReal(
  cases: readonly Case[],
  progress: Progress,
  isQuick: boolean,
): RealFigures[] {
  return VARIANTS.filter(({ isTelling }) => isTelling || !isQuick).map((variant) => {
    progress(variant.name);
    const answers = cases.flatMap((one) =>
      variantsOf(one, variant).map((streams) => judgeCase(one, streams, variant)),
    );
    progress(`${variant.name}: ${macroShare(answers).value.toFixed(3)}`);
    return { variant: variant.name, answers };
  });
}

/** The mean over the protocols. */
export function macroShare(answers: readonly Answer[]): Share {
  const groups = groupBy(answers, ({ group }) => group);
  return macroOf([...groups.values()].map((list) => list.map(({ isRight: right }) => right)));
}

/** How often the verdict 'sure' is right. */
export function sureShare(answers: readonly Answer[]): Share {
  const sure = answers.filter(({ result }) => result.verdict === 'sure');
  return shareOf(sure.filter(({ isRight: right }) => right).length, sure.length);
}

/** Mean number of alternatives of a guess. */
export function meanAlternatives(answers: readonly Answer[]): number {
  const all = answers.flatMap(({ result }) => result.guesses);
  return meanOf(all.map(({ alternatives = [] }) => alternatives.length));
}

export interface SyntheticAnswer extends Answer {
  /** Whether the options that made the stream are the guess, or one of its alternatives. */
  readonly hasOptions: boolean;
  /** Whether the checksum is named, where there is one. */
  readonly hasChecksum: boolean | undefined;
}

function judgeSynthetic(
  { name, framing, stream, checksum }: Synthetic,
  { isCut, unknown }: { readonly isCut: boolean; readonly unknown: readonly string[] },
): SyntheticAnswer {
  const streams = [isCut ? stream : withoutEnds(stream)];
  const result = guess(toStreams(streams), { unknown });
  const [best] = result.guesses;
  const named = best === undefined ? [] : [best.framing, ...(best.alternatives ?? [])];
  return {
    name,
    group: name,
    isRight: isRight(result, streams),
    result,
    hasOptions: named.some((one) => isSame(one, framing)),
    hasChecksum:
      checksum === undefined
        ? undefined
        : JSON.stringify(named).includes(`"checksum":"${checksum}"`),
  };
}

/**
 * Whether two descriptions have the same options, apart from a checksum, limits and facts. "Counts the prefix"
 * and "two bytes less" are the same for a prefix of two bytes.
 */
function isSame(one: Framing, other: Framing): boolean {
  return keyOf(one) === keyOf(other) || layoutKey(one) === layoutKey(other);
}

function keyOf(framing: Framing): string {
  if (framing.codec !== 'lengthPrefixed') {
    return layoutKey(framing);
  }
  const { codec: _c, source: _s, note: _n, known: _k, seen: _e, ...options } = framing;
  const { before, prefix, after, trailer, counted } = frameLayout(toLengthPrefixed(options));
  const more = before.length + prefix.width + after.length + trailer.length - counted;
  return JSON.stringify([framing.prefix, before.length, more]);
}

const RANDOM_STREAMS = 150;

/**
 * Streams of every row, with and without cuts, with all formats known and with those of the row left out.
 * `isQuick`: with the cuts, all formats known.
 */
export function measureRows(
  seed: number,
  progress: Progress,
  isQuick: boolean,
): Readonly<Record<string, SyntheticAnswer[]>> {
  const streams = streamsOfRows(seed);
  const judge = (isCut: boolean, isKnown: boolean): SyntheticAnswer[] => {
    progress(`rows, cuts ${isCut}, known ${isKnown}`);
    return streams.map((one) =>
      judgeSynthetic(one, {
        isCut,
        unknown: isKnown ? [] : [one.name, ...formatsLike(one.framing)],
      }),
    );
  };
  return {
    'with the cuts': judge(true, true),
    ...(isQuick
      ? {}
      : {
          'with the cuts, the row left out': judge(true, false),
          'without the cuts': judge(false, true),
          'without the cuts, the row left out': judge(false, false),
        }),
  };
}

/** Streams of random options. */
export function measureRandom(
  seed: number,
  progress: Progress,
  count = RANDOM_STREAMS,
): Readonly<Record<string, SyntheticAnswer[]>> {
  const streams = Array.from({ length: count }, (_, i) => randomStream(seed + i));
  progress('random options');
  return {
    'with the cuts': streams.map((one) => judgeSynthetic(one, { isCut: true, unknown: [] })),
    'without the cuts': streams.map((one) => judgeSynthetic(one, { isCut: false, unknown: [] })),
  };
}

/** Whether the name of a device row is among the first three that the guess gives. */
export function isNamed({ name, result }: SyntheticAnswer): boolean {
  const [best] = result.guesses;
  const why = best?.why.find((reason) => reason.startsWith('the framing of ')) ?? '';
  const names = why.slice('the framing of '.length).split(', ').slice(0, 3);
  return best?.format === name || names.includes(name);
}

export function isDevice({ name }: SyntheticAnswer): boolean {
  return DEVICES.has(name);
}

/** Bytes without frames. Right is 'none'. */
export function measureNegatives(
  cases: readonly Case[],
  seed: number,
  progress: Progress,
): Answer[] {
  progress('bytes without frames');
  return negatives(cases, seed).map(({ kind, stream }, i) => {
    const result = guess([stream]);
    return { name: `${kind} ${i}`, group: kind, isRight: result.verdict === 'none', result };
  });
}
