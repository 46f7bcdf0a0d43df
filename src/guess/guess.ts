// Guesses how a conversation is framed. This file is pure.
//
// Some sixteen thousand framings are tried (hypothesis.ts). Each gives a chain of frames, or breaks. The
// framings that fit are weighed in bits (evidence.ts) and judged (judge.ts). A direction that no single
// framing explains from its first byte on is judged in parts (phases.ts).

import { checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { isWithin } from './applied.ts';
import { GUESSED_LENGTH } from './collect.ts';
import { judge } from './judge.ts';
import type { Context, Guess, Verdict } from './judge.ts';
import { borrowed, lent } from './lend.ts';
import { fromFirst, phasesOf } from './phases.ts';
import { onlyRepeats, sampleOf } from './stream.ts';
import type { GuessStream, Sample } from './stream.ts';

export type { Guess, Verdict } from './judge.ts';

export interface GuessOptions {
  /** Maximum number of bytes of each stream that are looked at. Default 64 KiB. */
  readonly maxLength?: number | undefined;
  /**
   * Names of formats that count as unknown. All formats with the same frames then count as unknown, too. An
   * evaluation names the format here that is to be found. Default: none.
   */
  readonly unknown?: readonly string[] | undefined;
}

export interface GuessResult {
  readonly version: 1;
  readonly verdict: Verdict;
  readonly guesses: readonly Guess[];
}

const NAMES: OptionNames<GuessOptions> = { maxLength: true, unknown: true };

/**
 * Guesses the framing of the streams of one conversation. Throws UsageError ERR_OPTION for wrong options.
 */
export function guess(streams: readonly GuessStream[], options: GuessOptions = {}): GuessResult {
  checkNames('guess', options, NAMES);
  const maxLength = whole('maxLength', options.maxLength ?? GUESSED_LENGTH, { min: 1 });
  const samples = streams
    .map((stream) => sampleOf(stream, maxLength))
    .filter(({ bytes }) => !onlyRepeats(bytes));
  const context: Context = { unknown: new Set(options.unknown), isQuick: false };
  const { verdict, guesses: first, sure, doubted } = judge(samples, 0, context);
  const phases = new Map<Sample, readonly Guess[]>();
  const partsIn = (sample: Sample): readonly Guess[] => {
    const known = phases.get(sample) ?? phasesOf(sample, context);
    phases.set(sample, known);
    return known;
  };
  /** The parts of a stream that say something against a guess: those with other frames. */
  const partsAgainst = (one: Guess): readonly Guess[] =>
    samples
      .filter(isOf(one))
      .flatMap((sample) => partsIn(sample).filter((part) => !isWithin(sample, part, one)));
  const guesses = first.filter((one) => sure.includes(one) || !isOutdone(one, partsAgainst(one)));
  const others = samples.filter(
    (sample, i) => doubted.includes(i) || !guesses.some((one) => isOf(one)(sample)),
  );
  const { shared, isTie } = sharedIn(samples, sure);
  const taken = new Set<string>(shared.map(({ direction }) => direction));
  const open = others.filter(({ direction }) => !taken.has(direction));
  const parts = [...shared, ...partsOf(open, guesses, partsIn)];
  const isComplete = samples.every((sample) => guesses.some((one) => isOf(one)(sample)));
  if (parts.length === 0) {
    return {
      version: 1,
      verdict: isTie || !isComplete ? worse(verdict) : verdict,
      guesses,
    };
  }
  return { version: 1, verdict: 'likely', guesses: [...without(guesses, parts), ...parts] };
}

/**
 * Returns the parts of each sample. For a sample without parts, returns the framing of another direction, if
 * that framing explains the sample.
 */
function partsOf(
  samples: readonly Sample[],
  guesses: readonly Guess[],
  partsIn: (sample: Sample) => readonly Guess[],
): readonly Guess[] {
  const own = samples.map(partsIn);
  const ways = new Set<string>(samples.map(({ direction }) => direction));
  const sound = guesses.filter(({ bits, direction }) => bits >= LENT_BITS && !ways.has(direction));
  const known = [...own.flat(), ...sound];
  return samples.flatMap((sample, i) => {
    const others = known.filter(
      ({ direction }) => direction !== 'both' && direction !== sample.direction,
    );
    const parts = own[i] ?? [];
    // Both sides may send the same handshake, and one side may send a frame in the same chunk.
    const places = others.map(({ from }) => from);
    const [first, ...later] = parts;
    if (first !== undefined) {
      return later.length > 0 ? parts : [fromFirst(sample, first, places)];
    }
    return others.flatMap((other) => borrowed(sample, other) ?? []).slice(0, 1);
  });
}

/** Returns the verdict where a direction is not explained, or as well by another framing. */
function worse(verdict: Verdict): Verdict {
  return verdict === 'sure' ? 'likely' : verdict;
}

/**
 * Returns the framing of another direction for each stream that it explains, if it is sure. If the sure framing of
 * each direction explains the other one, they tie, and each direction keeps its own.
 */
function sharedIn(
  samples: readonly Sample[],
  sure: readonly Guess[],
): { readonly shared: readonly Guess[]; readonly isTie: boolean } {
  const loans = samples.flatMap((sample) => {
    const own = sure.find((one) => isOf(one)(sample));
    const loan = sure
      .filter((one) => one !== own)
      .map((one) => lent(sample, one))
      .find((one) => one !== undefined);
    const isOther = loan !== undefined && (own === undefined || !isWithin(sample, loan, own));
    return isOther ? [{ loan, isSure: own !== undefined }] : [];
  });
  const isTie = loans.length > 1 && loans.some(({ isSure }) => isSure);
  return {
    shared: loans.flatMap(({ loan, isSure }) => (isSure && isTie ? [] : [loan])),
    isTie,
  };
}

/** Returns a function that tells whether a guess is about the direction of a sample. */
function isOf({ direction }: Guess): (sample: Sample) => boolean {
  return (sample) => direction === 'both' || direction === sample.direction;
}

/**
 * Number of bits, and share of the bits of a reading from the first byte on, by which the parts of streams must
 * explain more than this reading does. The greater one counts.
 */
const PARTS_MARGIN = 10;
const PARTS_MARGIN_PART = 0.2;
/**
 * Returns whether frames from a later start on explain far more than a guess. What stands in front of
 * them, and records inside of them, may make a chain of their own from the first byte on.
 */
function isOutdone({ bits }: Guess, parts: readonly Guess[]): boolean {
  const found = parts.reduce((sum, one) => sum + one.bits, 0);
  return found >= bits + Math.max(PARTS_MARGIN, PARTS_MARGIN_PART * bits);
}

/** Returns the guesses for the directions that have no parts. */
function without(guesses: readonly Guess[], parts: readonly Guess[]): Guess[] {
  const found = new Set(parts.map(({ direction }) => direction));
  return guesses.flatMap((one): Guess[] => {
    const left = WAYS.filter((way) => !found.has(way));
    if (one.direction !== 'both') {
      return found.has(one.direction) ? [] : [one];
    }
    return left.length === WAYS.length ? [one] : left.map((direction) => ({ ...one, direction }));
  });
}

/** Minimum evidence in bits of a framing that is tried on the other direction. */
const LENT_BITS = 30;

const WAYS = ['a>b', 'b>a'] as const;
