// Walks hypotheses over one sample, and weighs the chains that they give. This file is pure.
//
// Many hypotheses give the same chain, so a chain is weighed once. A stream can be made so that every hypothesis
// gives another chain; weighing takes far longer than walking, so only a limited number of chains is weighed.

import type { Framing } from '../codec/formats/framing-types.ts';
import { lengthsOf, MAX_FRAMES, Trail } from './chain.ts';
import type { Chain } from './chain.ts';
import { isMarkedByEnd } from './described.ts';
import { contradicts, evidenceOf, FIRST_LOOK, REST_TRUST, trustIn } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { chanceIn, fitBits, walk } from './hypothesis.ts';
import type { Hypothesis } from './hypothesis.ts';
import { isTextOf } from './stream.ts';
import type { Sample } from './stream.ts';

/** The result of a hypothesis for one sample. */
export interface Fit {
  readonly chain: Chain;
  readonly evidence: Evidence;
  /** Bits in favour of the hypothesis, before its cost is subtracted. */
  readonly bits: number;
}

/**
 * Maximum number of different chains of a sample that are weighed. Those are taken whose numbers fit least by
 * chance.
 */
const MAX_CHAINS = 250;
/** Number of frames beyond which more frames do not rank a chain higher. */
const ENOUGH_FRAMES = 24;

/** Function that returns whether a chain is worth a look. It may mark the chain as broken. */
export type Condition = (trail: Trail, sample: Sample) => boolean;

interface Walked {
  readonly hash: number;
  /**
   * Number of bits that the numbers of the chain give at most, before the content of the frames is looked at.
   */
  readonly promise: number;
  /** The chain itself, if walking it again would take long. */
  readonly chain: Chain | undefined;
}

interface Weighed {
  readonly chain: Chain;
  readonly evidence: Evidence;
}

/**
 * Returns how each hypothesis fits the sample. An entry is `undefined` if its chain does not meet the
 * condition, or is not among the MAX_CHAINS best.
 */
export function fitsOf(
  hypotheses: readonly Hypothesis[],
  sample: Sample,
  condition: Condition,
): (Fit | undefined)[] {
  const walker = new Walker(sample, condition);
  const walked = hypotheses.map((hypothesis) => walker.walk(hypothesis));
  const chosen = promising(walked);
  return hypotheses.map((hypothesis, i) => {
    const one = walked[i];
    return one === undefined || !(chosen?.has(one.hash) ?? true)
      ? undefined
      : walker.weigh(hypothesis, one);
  });
}

class Walker {
  readonly #sample: Sample;
  readonly #condition: Condition;
  readonly #trail = new Trail();
  readonly #weighed = new Map<number, Weighed>();
  readonly #chances = new Map<Hypothesis, number>();

  constructor(sample: Sample, condition: Condition) {
    this.#sample = sample;
    this.#condition = condition;
  }

  /** Walks the chain of a hypothesis. Returns `undefined` if the chain does not meet the condition. */
  walk(hypothesis: Hypothesis): Walked | undefined {
    const trail = this.#trail;
    walk(hypothesis, this.#sample, trail);
    if (!this.#condition(trail, this.#sample)) {
      return undefined;
    }
    const frames = Math.min(trail.count, ENOUGH_FRAMES);
    return {
      hash: trail.hash,
      promise: this.#fitBits(hypothesis, frames) - hypothesis.cost,
      chain: hypothesis.kind === 'layout' ? undefined : trail.toChain(),
    };
  }

  weigh(hypothesis: Hypothesis, walked: Walked): Fit {
    const seen = this.#weighed.get(walked.hash) ?? this.#weighChain(hypothesis, walked);
    const evidence = believed(hypothesis, seen, this.#sample);
    // Marks in random bytes fit as well, but few chunks end there.
    const marked = hypothesis.kind === 'layout' ? 1 : trustIn(evidence.cutHits);
    const isHalf = evidence.leavesRest && !this.#sample.isCut;
    const trust = isHalf ? marked * REST_TRUST : marked;
    const fit = this.#fitBits(hypothesis, evidence.distinct) * trust;
    return { chain: seen.chain, evidence, bits: evidence.cuts + evidence.columns + fit };
  }

  #fitBits(hypothesis: Hypothesis, frames: number): number {
    const chance = this.#chances.get(hypothesis) ?? chanceIn(hypothesis, this.#sample);
    this.#chances.set(hypothesis, chance);
    return fitBits(hypothesis, frames, chance);
  }

  #weighChain(hypothesis: Hypothesis, { hash, chain: kept }: Walked): Weighed {
    const chain = kept ?? this.#chainOf(hypothesis);
    const weighed = { chain, evidence: evidenceOf(chain, this.#sample, FIRST_LOOK) };
    this.#weighed.set(hash, weighed);
    return weighed;
  }

  #chainOf(hypothesis: Hypothesis): Chain {
    walk(hypothesis, this.#sample, this.#trail);
    // Call the condition again: it decides whether the chain counts as broken.
    this.#condition(this.#trail, this.#sample);
    return this.#trail.toChain();
  }
}

/** Returns the hashes of the chains that promise most, or `undefined` if all chains are weighed. */
function promising(walked: readonly (Walked | undefined)[]): ReadonlySet<number> | undefined {
  const best = new Map<number, number>();
  for (const one of walked) {
    if (one !== undefined) {
      best.set(one.hash, Math.max(one.promise, best.get(one.hash) ?? -Infinity));
    }
  }
  if (best.size <= MAX_CHAINS) {
    return undefined;
  }
  const ranked = [...best].toSorted(([, a], [, b]) => b - a);
  return new Set(ranked.slice(0, MAX_CHAINS).map(([hash]) => hash));
}

/** Maximum share of a stream that may lie behind a broken chain. Such a rest may belong to something else. */
const MAX_LEFT = 0.02;
/**
 * A last frame that is not whole counts as a wrong number if more than STALLED times as many bytes of it have
 * come as the longest frame has, and at least MANY_CUTS chunks end in it.
 */
const STALLED = 4;
const MANY_CUTS = 4;

/**
 * Returns whether a chain explains the stream to its end, or nearly. A chain of MAX_FRAMES frames counts as
 * one that does.
 */
export function holds({ count, end, isBroken, longest }: Trail, { bytes, ends }: Sample): boolean {
  const left = bytes.length - end;
  if (count === 0 || count >= MAX_FRAMES) {
    return count > 0;
  }
  const isStalled = left > STALLED * longest && ends.filter((cut) => cut > end).length >= MANY_CUTS;
  return !isStalled && (!isBroken || left <= MAX_LEFT * bytes.length);
}

/** Minimum evidence of the cuts in bits for a framing that is marked only by the end of its frames. */
const MIN_CUT_BITS = 10;
/** Minimum share of the chunks that must end where a frame of such a framing ends. */
const MIN_CUT_HITS = 0.9;
/**
 * Evidence in bits of text whose lines all end with CR LF. It is enough for 'likely', and never enough for
 * 'sure'.
 */
const NETWORK_LINES_BITS = 24;

/**
 * Returns the evidence, or hardly any evidence for a framing that is marked only by its end. The bytes behind
 * any comma or newline repeat in every text, so a delimiter alone is believed only where nearly every chunk
 * ends with one. Lines are also believed where they are written as protocols write them, and the cuts do not
 * contradict that.
 */
function believed(
  hypothesis: Hypothesis,
  { chain, evidence }: Weighed,
  { text }: Sample,
): Evidence {
  if (hypothesis.kind !== 'described' || !isMarkedByEnd(hypothesis.framing)) {
    return evidence;
  }
  const { cuts, cutHits } = evidence;
  const [hits, of] = cutHits;
  const isLines = hypothesis.framing.codec === 'lines';
  const isOfKind = isLines ? text.isText : canCarry(hypothesis.framing, chain, text.counts);
  if (isOfKind && cuts >= MIN_CUT_BITS && hits >= MIN_CUT_HITS * of) {
    return evidence;
  }
  const isOfProtocol = isLines && text.isText && text.networkLines !== 'none';
  if (!isOfProtocol || contradicts(cutHits)) {
    return { ...evidence, cuts: Math.min(0, cuts), columns: 0 };
  }
  return { ...evidence, cuts: text.networkLines === 'many' ? NETWORK_LINES_BITS : 0, columns: 0 };
}

/** Maximum share of the frames between delimiters that may be empty. */
const MAX_EMPTY = 0.1;

/**
 * Returns whether a delimiter could end frames with these bytes. Without escapes they must be text: the bytes of a
 * number take any value, so the delimiter would come inside of frames, too. (A constant last message, such as the
 * 53 00 00 00 04 of PostgreSQL, looks like a delimiter.) A delimiter that often stands twice is the zeros of numbers.
 */
function canCarry(framing: Framing, chain: Chain, counts: Uint32Array): boolean {
  if (framing.codec !== 'delimited' || framing.escape !== undefined) {
    return true;
  }
  const end = new Set(framing.end.split(' ').map((byte) => Number.parseInt(byte, 16)));
  const lengths = lengthsOf(chain);
  const empty = lengths.filter((length) => length <= end.size).length;
  return (
    empty <= MAX_EMPTY * lengths.length &&
    isTextOf(counts.map((count, byte) => (end.has(byte) ? 0 : count)))
  );
}
