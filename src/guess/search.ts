// Tries every hypothesis on the streams of a conversation, and ranks what fits.

import { hashOf, judgedBy, MAX_FRAMES } from './chain.ts';
import type { Chain } from './chain.ts';
import { isMarkedByEnd } from './described.ts';
import { evidenceOf, FIRST_LOOK, SECOND_LOOK } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { compareTied, fitBits, hypothesesFor, walk } from './hypothesis.ts';
import type { Hypothesis } from './hypothesis.ts';
import type { Sample } from './stream.ts';

/** What a hypothesis makes of one sample. */
export interface Fit {
  readonly chain: Chain;
  readonly evidence: Evidence;
  /** Bits in favour, without the cost of the hypothesis. */
  readonly bits: number;
}

/** Hypotheses that give the same frames in the same samples. */
export interface Finding {
  /** The hypotheses that fit alike, the best first. */
  readonly tied: readonly Hypothesis[];
  /** Indices of the samples that the finding is about. */
  readonly of: readonly number[];
  readonly fits: readonly Fit[];
  /** Bits in favour, less the cost. */
  readonly bits: number;
}

interface Trial {
  readonly hypothesis: Hypothesis;
  /** Undefined where the sample refutes the hypothesis. */
  readonly fits: readonly (Fit | undefined)[];
}

/** Minimum evidence of the cuts in bits for a framing that is marked only by its end. */
const MIN_CUT_BITS = 10;
/** Minimum share of the chunks that must end where a frame of such a framing ends. */
const MIN_CUT_HITS = 0.9;
/** Maximum number of findings for each set of streams that get a second look, at whole frames. */
const MAX_FINDINGS = 40;

/** Maximum share of a stream behind a chain that broke: the rest may belong to something else. */
const MAX_LEFT = 0.02;

/** The findings for all samples together and for each alone, the best first. */
export function search(samples: readonly Sample[]): Finding[] {
  const trials = trialsOf(samples);
  const all = samples.map((_, i) => i);
  const sets = samples.length > 1 ? [all, ...all.map((i) => [i])] : [all];
  return sets
    .flatMap((of) => findingsFor(trials, of).slice(0, MAX_FINDINGS))
    .map((finding) => lookedAtAgain(finding, samples))
    .toSorted((a, b) => b.bits - a.bits);
}

function trialsOf(samples: readonly Sample[]): Trial[] {
  const known = samples.map(() => new Map<number, { chain: Chain; evidence: Evidence }>());
  const trials: Trial[] = [];
  for (const hypothesis of hypothesesFor(samples)) {
    const fits = samples.map((sample, i) => fitOf(hypothesis, sample, known[i]));
    if (fits.some((fit) => fit !== undefined)) {
      trials.push({ hypothesis, fits });
    }
  }
  return trials;
}

/**
 * How a hypothesis fits a sample; `undefined` if it does not. A chain that many hypotheses share is judged
 * once.
 */
function fitOf(
  hypothesis: Hypothesis,
  sample: Sample,
  known = new Map<number, { chain: Chain; evidence: Evidence }>(),
): Fit | undefined {
  const walked = walk(hypothesis, sample.bytes);
  if (!holds(walked, sample)) {
    return undefined;
  }
  const key = hashOf(walked);
  const seen = known.get(key) ?? {
    chain: walked,
    evidence: evidenceOf(walked, sample, FIRST_LOOK),
  };
  known.set(key, seen);
  const evidence = believed(hypothesis, seen.evidence);
  const bits = evidence.cuts + evidence.columns;
  return { ...seen, evidence, bits: bits + fitBits(hypothesis, evidence.distinct, sample) };
}

/**
 * The evidence, or hardly any for a framing that is marked only by its end. The bytes behind any comma or
 * newline repeat in every text, so believe a delimiter alone only where nearly every chunk ends with one.
 */
function believed(hypothesis: Hypothesis, evidence: Evidence): Evidence {
  const { cuts, cutHits } = evidence;
  const [hits, of] = cutHits;
  const isDoubtful = hypothesis.kind === 'described' && isMarkedByEnd(hypothesis.framing);
  const isBelieved = !isDoubtful || (cuts >= MIN_CUT_BITS && hits >= MIN_CUT_HITS * of);
  return isBelieved ? evidence : { ...evidence, cuts: Math.min(0, cuts), columns: 0 };
}

function holds(chain: Chain, { bytes }: Sample): boolean {
  const left = bytes.length - judgedBy(chain, bytes.length);
  const isLong = chain.ends.length >= MAX_FRAMES;
  return chain.ends.length > 0 && (isLong || left <= MAX_LEFT * bytes.length);
}

function findingsFor(trials: readonly Trial[], of: readonly number[]): Finding[] {
  const groups = new Map<string, { tied: Hypothesis[]; fits: Fit[]; bits: number }>();
  for (const { hypothesis, fits: all } of trials) {
    const fits = of.flatMap((i) => all[i] ?? []);
    if (fits.length < of.length) {
      continue;
    }
    const bits = fits.reduce((sum, fit) => sum + fit.bits, -hypothesis.cost);
    const key = fits.map(({ chain }) => hashOf(chain)).join();
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { tied: [hypothesis], fits, bits });
    } else {
      group.tied.push(hypothesis);
      group.bits = Math.max(group.bits, bits);
    }
  }
  const findings = [...groups.values()].toSorted((a, b) => b.bits - a.bits);
  return findings.map(({ tied, fits, bits }) => ({
    tied: tied.toSorted(compareTied),
    of,
    fits,
    bits,
  }));
}

/** The finding with evidence from ALL_COLUMNS instead of HEAD_COLUMNS. */
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
