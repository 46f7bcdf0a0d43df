// Gives the verdict over one set of streams: it searches, chooses among the framings that fit, and says how
// sure the choice is. This file is pure.
//
// The verdict depends on the bits, on the number of frames, and on how far the next best reading is behind.

import type { Way } from '../capture/events.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { printFraming } from '../framing/words.ts';
import { lengthsOf } from './chain.ts';
import { findChecksum } from './checksum-search.ts';
import type { FoundChecksum } from './checksum-search.ts';
import { areDoubtful, contradicts } from './evidence.ts';
import { rankedWith } from './hypothesis.ts';
import type { Hypothesis } from './hypothesis.ts';
import { hasTail, isUsual, layoutToFraming } from './layout.ts';
import { reasonsFor } from './reasons.ts';
import { search } from './search.ts';
import { frontmost, isShifted } from './shifts.ts';
import type { Finding } from './search.ts';
import type { Sample } from './stream.ts';

/**
 * How sure a guess is. 'sure' is meant to be right 99 times of 100. 'none' means that no framing was found.
 */
export type Verdict = 'sure' | 'likely' | 'none';

/** One framing that was found. */
export interface Guess {
  readonly framing: Framing;
  /**
   * Name of the known format that has this framing. Missing if no format has it, or if several formats have
   * it.
   */
  readonly format?: string;
  readonly direction: Way | 'both';
  /** Offset in the stream of the first frame. */
  readonly from: number;
  /**
   * Evidence in bits, minus the cost of the choice among all framings. It is 0 if the framing was not judged
   * by this stream, but by the other direction or by what is known to follow it.
   */
  readonly bits: number;
  /** Number of frames that fit (`fit`), and number of frames that were tried (`of`). */
  readonly frames: readonly [fit: number, of: number];
  /** The evidence in words. */
  readonly why: readonly string[];
  /**
   * Other framings, at most three, that give the same frames for every byte seen. Missing if there are none.
   */
  readonly alternatives?: readonly Framing[];
}

const MAX_ALTERNATIVES = 3;
/** Maximum number of framings among which the alternatives are chosen. */
const MAX_NEAR = 32;
/**
 * Number of bits of cost. Framings that give the same frames differ only in cost. A framing whose cost is
 * less than this above the best one's is an alternative.
 */
const TIE_BITS = 3;
/** Minimum evidence in bits for the verdict 'sure'. */
const SURE_BITS = 30;
/** Minimum number of bits by which the next best finding must be behind for 'sure'. */
const SURE_MARGIN = 10;
/**
 * The same margin as a part of the evidence. The more evidence a finding has, the further the next best must
 * be behind.
 */
const SURE_MARGIN_PART = 0.2;
/** Minimum evidence in bits for each frame for 'sure'. */
const SURE_BITS_A_FRAME = 3;
/** Minimum evidence in bits for 'likely'. */
const LIKELY_BITS = 10;
/**
 * Number of different frames. Below `likely` the verdict is 'none', and up to `sure` it is at most 'likely'.
 */
interface FewFrames {
  readonly likely: number;
  readonly sure: number;
}
const FEW_CUT: FewFrames = { likely: 2, sure: 2 };
/**
 * The limits where cuts are not known or do not fit. Any audio has a few long frames that look alike. The
 * first messages of a protocol, three each way, often hold a second length that fits them all.
 */
const FEW_UNCUT: FewFrames = { likely: 4, sure: 6 };

/** Settings that hold for all streams of a guess. */
export interface Context {
  /** Names of formats that do not count as known. */
  readonly unknown: ReadonlySet<string>;
  /** Whether only the usual layouts are tried. */
  readonly isQuick: boolean;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly guesses: readonly Guess[];
  /** Those of the guesses that are sure, each by itself. */
  readonly sure: readonly Guess[];
  /** Indices of the streams whose cuts contradict the guess, or whose frames say hardly anything. */
  readonly doubted: readonly number[];
}

/**
 * Finds the framings that fit the streams, and says how sure they are. `from` is the offset of the samples in
 * their streams.
 */
export function judge(samples: readonly Sample[], from: number, context: Context): Judged {
  const findings = search(samples, context);
  const chosen = choose(findings, samples.length);
  const verdicts = chosen.map((finding) => verdictOf(finding, findings));
  const found = chosen.filter((_, i) => verdicts[i] !== 'none');
  const guesses = chosen.map((one) => toGuess(one, samples, from));
  return {
    verdict: worst(verdicts),
    guesses: guesses.filter((_, i) => verdicts[i] !== 'none'),
    sure: guesses.filter((_, i) => verdicts[i] === 'sure'),
    doubted: found.filter((one) => contradictsCuts(one) || isWeak(one)).flatMap(({ of }) => of),
  };
}

/** Judges streams that must all have the same framing, such as one direction of several conversations. */
export function judgeAlike(samples: readonly Sample[], context: Context): Judged {
  const findings = search(samples, context);
  const found = findings.find(({ of }) => of.length === samples.length);
  const best = found === undefined ? undefined : frontmost(found, findings);
  const verdict = best === undefined ? 'none' : verdictOf(best, findings);
  return best === undefined || verdict === 'none'
    ? { verdict: 'none', guesses: [], sure: [], doubted: [] }
    : { verdict, guesses: [toGuess(best, samples, 0)], sure: [], doubted: [] };
}

/**
 * Returns one finding for all streams together, or one finding for each stream if those explain more. Returns
 * none if nothing fits.
 */
function choose(findings: readonly Finding[], count: number): Finding[] {
  const best = (isMeant: (finding: Finding) => boolean): Finding | undefined => {
    const found = findings.find(isMeant);
    return found === undefined ? undefined : frontmost(found, findings);
  };
  const together = best(({ of }) => of.length === count);
  const alone = Array.from({ length: count }, (_, i) =>
    best(({ of }) => of.length === 1 && of[0] === i),
  ).flatMap((finding) => finding ?? []);
  // A finding that is answered with 'none' explains nothing, so it does not speak against one for all streams.
  const bitsAlone = alone
    .filter((one) => verdictOf(one, findings) !== 'none')
    .reduce((sum, { bits }) => sum + bits, 0);
  const shared = sharedBy(alone);
  const same = findings.find(({ of, tied }) => of.length === count && tied[0] === shared);
  if (same !== undefined) {
    return [same];
  }
  if (count > 1 && alone.length > 0 && (together === undefined || bitsAlone > together.bits)) {
    return alone.filter(({ bits }) => bits > 0);
  }
  return together === undefined ? [] : [together];
}

/**
 * Returns the best hypothesis, if every stream alone has the same best hypothesis. Returns `undefined` if the
 * streams differ.
 */
function sharedBy(findings: readonly Finding[]): Hypothesis | undefined {
  const [first] = findings;
  const best = first?.tied[0];
  return best !== undefined && findings.every(({ tied }) => tied[0] === best) ? best : undefined;
}

function verdictOf(finding: Finding, findings: readonly Finding[]): Verdict {
  const frames = framesOf(finding);
  const other = findings.find((one) => one !== finding && areRivals(one, finding));
  const margin = finding.bits - (other?.bits ?? 0);
  const isCut = finding.fits.some(({ evidence }) => evidence.cutHits[0] > 1);
  const few = isCut ? FEW_CUT : FEW_UNCUT;
  const needed = Math.max(SURE_BITS, SURE_BITS_A_FRAME * frames);
  if (
    finding.bits >= needed &&
    frames > few.sure &&
    (isCut || !isFree(finding) || changesOf(finding) > few.sure) &&
    margin >= marginFor(finding) &&
    !finding.fits.some(({ evidence }) => evidence.leavesRest || areDoubtful(evidence.cutHits))
  ) {
    return 'sure';
  }
  return finding.bits >= LIKELY_BITS && frames >= few.likely ? 'likely' : 'none';
}

/**
 * Returns whether the number counts nothing that protocols count: a constant was chosen so that it fits. For records
 * of one length inside of a message, some constant always does.
 */
function isFree({ tied }: Finding): boolean {
  return tied.every((one) => one.kind === 'layout' && !isUsual(one.layout) && !hasTail(one.layout));
}

/** Returns the number of frames that are not as long as the frame before. Only these show what the number says. */
function changesOf({ fits }: Finding): number {
  const lengths = fits.map(({ chain }) => lengthsOf(chain));
  return lengths.reduce(
    (sum, list) => sum + list.filter((one, i) => one !== list[i - 1]).length,
    0,
  );
}

/** Evidence in bits for each frame. Below it, the search looks for another reading from a later start on. */
const WEAK_BITS_A_FRAME = 1.5;

function isWeak(finding: Finding): boolean {
  return finding.bits < WEAK_BITS_A_FRAME * framesOf(finding);
}

/** Returns the number of different frames of each stream, at most MAX_DISTINCT of each, added up. */
function framesOf({ fits }: Finding): number {
  return fits.reduce((sum, { evidence }) => sum + evidence.distinct, 0);
}

/** Returns whether most chunks of a stream end inside of frames. */
function contradictsCuts({ fits }: Pick<Finding, 'fits'>): boolean {
  return fits.some(({ evidence }) => contradicts(evidence.cutHits));
}

/** Returns the number of bits by which the next best finding must be behind. */
function marginFor({ bits }: Finding): number {
  return Math.max(SURE_MARGIN, SURE_MARGIN_PART * bits);
}

/**
 * Whether two findings are about the same streams, and the frames of one are more than those of the other
 * moved by some bytes. (Two findings of one search never have the same frames.)
 */
function areRivals(one: Finding, finding: Finding): boolean {
  return one.of.join() === finding.of.join() && !isShifted(one, finding);
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === 'none')) {
    return 'none';
  }
  return verdicts.every((verdict) => verdict === 'sure') ? 'sure' : 'likely';
}

function toGuess(finding: Finding, samples: readonly Sample[], from: number): Guess {
  const checksum = checksumIn(finding, samples);
  const [first, ...others] = withChecked(
    rankedWith(finding.tied, checksum?.length ?? 0),
    checksum !== undefined,
  );
  const framing =
    first === undefined ? { codec: 'lines' as const } : plainOf(first, describe(first, checksum));
  const directions = new Set(finding.of.map((i) => samples[i]?.direction));
  const [direction] = directions;
  const fit = finding.fits.reduce((sum, { chain }) => sum + chain.ends.length, 0);
  const broken = finding.fits.filter(({ chain }) => chain.isBroken).length;
  // The checksum stands in the layout beside a format, whatever the layout costs.
  const isBeside = checksum !== undefined && first?.kind === 'described';
  const near = others
    .filter(({ cost }, i) => cost < (first?.cost ?? 0) + TIE_BITS || (i === 0 && isBeside))
    .slice(0, MAX_NEAR);
  const alternatives = unlike(
    framing,
    near.map((one) => plainOf(one, describe(one, checksum))),
  ).slice(0, MAX_ALTERNATIVES);
  const formats = first?.kind === 'described' ? first.formats : [];
  return {
    framing,
    ...(formats.length === 1 && formats[0] !== undefined ? { format: formats[0] } : {}),
    direction: directions.size > 1 || direction === undefined ? 'both' : direction,
    from,
    bits: Math.round(finding.bits),
    frames: [fit, fit + broken],
    why: reasonsFor(finding, checksum, formats),
    ...(alternatives.length === 0 ? {} : { alternatives }),
  };
}

/** Returns the framing without its facts, which are for people who read the table of formats. */
function withoutFacts(framing: Framing): Framing {
  const { source: _source, note: _note, known: _known, seen: _seen, ...others } = framing;
  return others;
}

/**
 * Returns the framing of a hypothesis. A limit belongs to one protocol, so the limit is left out unless a
 * single protocol is meant.
 */
function plainOf(hypothesis: Hypothesis, framing: Framing): Framing {
  const plain = withoutFacts(framing);
  const isNamed = hypothesis.kind === 'described' && hypothesis.formats.length === 1;
  if (isNamed || plain.codec !== 'lengthPrefixed') {
    return plain;
  }
  const { maxPayloadLength: _, ...others } = plain;
  return others;
}

/** Returns the framings that differ from the first one and from each other. */
function unlike(first: Framing, others: readonly Framing[]): Framing[] {
  const byText = new Map(others.map((one) => [printFraming(one), one]));
  byText.delete(printFraming(first));
  return [...byText.values()];
}

function describe(hypothesis: Hypothesis, checksum: FoundChecksum | undefined): Framing {
  return hypothesis.kind === 'layout'
    ? layoutToFraming(hypothesis.layout, checksum)
    : hypothesis.framing;
}

/**
 * Returns the hypotheses in their order. If a checksum was found at the end of the frames and the first one is a format, the
 * first layout comes second: only a layout can say the checksum.
 */
function withChecked(tied: readonly Hypothesis[], isChecked: boolean): readonly Hypothesis[] {
  const layout = tied.find(({ kind }) => kind === 'layout');
  const [first, ...others] = tied;
  return !isChecked || first === undefined || layout === undefined || first === layout
    ? tied
    : [first, layout, ...others.filter((one) => one !== layout)];
}

/**
 * Finds the checksum at the end of the frames, if a layout fits them. (A layout itself says nothing about the end
 * of a frame.)
 */
function checksumIn(finding: Finding, samples: readonly Sample[]): FoundChecksum | undefined {
  const [first] = finding.tied;
  const isChecked =
    first?.kind === 'described' && JSON.stringify(first.framing).includes('"checksum"');
  if (isChecked || !finding.tied.some(({ kind }) => kind === 'layout')) {
    return undefined;
  }
  const frames = finding.of.flatMap((index, i) => {
    const bytes = samples[index]?.bytes ?? new Uint8Array();
    const ends = finding.fits[i]?.chain.ends ?? [];
    return ends.map((end, k) => bytes.subarray(ends[k - 1] ?? 0, end));
  });
  return findChecksum(frames);
}
