// Tries every hypothesis on the streams of a conversation, and ranks the hypotheses that fit.

import type { Trail } from './chain.ts';
import { evidenceOf, SECOND_LOOK } from './evidence.ts';
import { compareTied, hypothesesFor } from './hypothesis.ts';
import type { Hypothesis, Tried } from './hypothesis.ts';
import { frontOf } from './stream.ts';
import type { Sample } from './stream.ts';
import { fitsOf, holds } from './walker.ts';
import type { Fit } from './walker.ts';

/** Hypotheses that give the same frames in the same samples. */
export interface Finding {
  /** The hypotheses that fit alike, the best first. At most MAX_TIED are kept. */
  readonly tied: readonly Hypothesis[];
  /** Indices of the samples that the finding is about. */
  readonly of: readonly number[];
  readonly fits: readonly Fit[];
  /** Bits in favour of the finding, minus its cost. */
  readonly bits: number;
}

interface Trial {
  readonly hypothesis: Hypothesis;
  /** How the hypothesis fits each sample. `undefined` where the sample refutes the hypothesis. */
  readonly fits: readonly (Fit | undefined)[];
}

/**
 * Maximum number of findings that are kept for each set of streams. They are then judged by more bytes of
 * their frames.
 */
const MAX_FINDINGS = 40;
/**
 * Maximum number of hypotheses of a finding. In a stream of zeros, thousands of hypotheses give the same
 * frames.
 */
const MAX_TIED = 64;

/**
 * Maximum number of bytes of a sample on which all hypotheses are tried. Those that fit best there are tried
 * on the whole sample.
 */
const FIRST_BYTES = 16_384;

/**
 * Returns the findings for all samples together and for each sample alone, the best first. `tried` says which
 * hypotheses are left out.
 */
export function search(samples: readonly Sample[], tried: Tried): Finding[] {
  const short = samples.map((sample) => frontOf(sample, FIRST_BYTES));
  const first = bestOf(trialsOf(short, [...hypothesesFor(short, tried)]), samples.length);
  const isShort = samples.every(({ bytes }) => bytes.length <= FIRST_BYTES);
  const hypotheses = [...new Set(first.flatMap(({ tied }) => tied))];
  const best = isShort ? first : bestOf(trialsOf(samples, hypotheses), samples.length);
  return best.map((finding) => lookedAtAgain(finding, samples)).toSorted((a, b) => b.bits - a.bits);
}

/** Minimum number of frames, and of bits, of a chain whose break says something. */
const BREAK_FRAMES = 3;
const BREAK_BITS = 20;
/** Share of a stream behind which a break no longer counts as one in the middle. */
const BREAK_PART = 0.95;
const MAX_BREAKS = 3;

/**
 * Returns the places at which the best chains break, or come to a frame that is not whole, long before the
 * stream ends.
 */
export function breaksOf(sample: Sample, tried: Tried): number[] {
  const bitsOf = new Map<number, number>();
  const hypotheses = [...hypothesesFor([sample], tried)];
  fitsOf(hypotheses, sample, breaksEarly).forEach((fit, i) => {
    if (fit !== undefined) {
      const end = fit.chain.ends.at(-1) ?? 0;
      const bits = fit.bits - (hypotheses[i]?.cost ?? 0);
      bitsOf.set(end, Math.max(bits, bitsOf.get(end) ?? 0));
    }
  });
  return [...bitsOf]
    .filter(([, bits]) => bits >= BREAK_BITS)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_BREAKS)
    .map(([end]) => end);
}

/** Returns whether a chain ends long before the stream does. If it does, marks the chain as broken. */
function breaksEarly(trail: Trail, { bytes }: Sample): boolean {
  const isEarly = trail.count >= BREAK_FRAMES && trail.end < BREAK_PART * bytes.length;
  trail.isBroken ||= isEarly;
  return isEarly;
}

/** Returns the best findings for all samples together, and for each sample alone. */
function bestOf(trials: readonly Trial[], count: number): Finding[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const sets = count > 1 ? [all, ...all.map((i) => [i])] : [all];
  return sets.flatMap((of) => findingsFor(trials, of));
}

function trialsOf(samples: readonly Sample[], hypotheses: readonly Hypothesis[]): Trial[] {
  const fits = samples.map((sample) => fitsOf(hypotheses, sample, holds));
  return hypotheses.flatMap((hypothesis, i): Trial[] => {
    const own = fits.map((list) => list[i]);
    return own.some((fit) => fit !== undefined) ? [{ hypothesis, fits: own }] : [];
  });
}

/** Returns the best findings for some of the samples. */
function findingsFor(trials: readonly Trial[], of: readonly number[]): Finding[] {
  const groups = new Map<string, { tied: Hypothesis[]; fits: Fit[]; bits: number }>();
  for (const { hypothesis, fits: all } of trials) {
    const fits = of.flatMap((i) => all[i] ?? []);
    if (fits.length < of.length) {
      continue;
    }
    const bits = fits.reduce((sum, fit) => sum + fit.bits, -hypothesis.cost);
    const key = fits.map(({ chain }) => chain.hash).join();
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { tied: [hypothesis], fits, bits });
    } else {
      group.tied.push(hypothesis);
      group.bits = Math.max(group.bits, bits);
    }
  }
  const best = [...groups.values()].toSorted((a, b) => b.bits - a.bits).slice(0, MAX_FINDINGS);
  return best.map(({ tied, fits, bits }) => ({
    tied: tied.toSorted(compareTied).slice(0, MAX_TIED),
    of,
    fits,
    bits,
  }));
}

/**
 * Returns the finding with the evidence of SECOND_LOOK, which compares more bytes of each frame, in place of
 * the evidence of FIRST_LOOK. Keeps a finding for which the content says nothing.
 */
function lookedAtAgain(finding: Finding, samples: readonly Sample[]): Finding {
  let bits = finding.bits;
  const fits = finding.fits.map((fit, i): Fit => {
    const sample = samples[finding.of[i] ?? 0];
    if (sample === undefined || fit.evidence.columns === 0) {
      return fit;
    }
    const evidence = evidenceOf(fit.chain, sample, SECOND_LOOK);
    const gained = evidence.columns - fit.evidence.columns;
    bits += gained;
    return { ...fit, evidence, bits: fit.bits + gained };
  });
  return { ...finding, fits, bits };
}
