// Tries every hypothesis on the streams of a conversation, and ranks what fits.

import { MAX_FRAMES, Trail } from './chain.ts';
import type { Chain } from './chain.ts';
import { isMarkedByEnd } from './described.ts';
import { evidenceOf, FIRST_LOOK, SECOND_LOOK } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { compareTied, fitBits, hypothesesFor, walk } from './hypothesis.ts';
import type { Hypothesis, Tried } from './hypothesis.ts';
import { frontOf } from './stream.ts';
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
/** Maximum number of findings that are kept for each set of streams, to be looked at again, whole. */
const MAX_FINDINGS = 40;

/** Maximum share of a stream behind a chain that broke: the rest may belong to something else. */
const MAX_LEFT = 0.02;

/** Number of bytes of a sample on which all hypotheses are tried. What fits best there is tried on the rest. */
const FIRST_BYTES = 16_384;

/**
 * The findings for all samples together and for each alone, the best first. `tried` says which hypotheses are
 * left out.
 */
export function search(samples: readonly Sample[], tried: Tried): Finding[] {
  const short = samples.map((sample) => frontOf(sample, FIRST_BYTES));
  const first = bestOf(trialsOf(short, hypothesesFor(short, tried)), samples.length);
  const isShort = samples.every(({ bytes }) => bytes.length <= FIRST_BYTES);
  const hypotheses = new Set(first.flatMap(({ tied }) => tied));
  const best = isShort ? first : bestOf(trialsOf(samples, hypotheses), samples.length);
  return best.map((finding) => lookedAtAgain(finding, samples)).toSorted((a, b) => b.bits - a.bits);
}

/** Minimum number of frames and of bits of a chain that breaks, so that the place says something. */
const BREAK_FRAMES = 3;
const BREAK_BITS = 20;
/** Maximum share of a stream behind which a chain does not break in the middle. */
const BREAK_PART = 0.95;
const MAX_BREAKS = 3;

/** Where the best chains break, or come to a frame that is not whole, long before the stream ends. */
export function breaksOf(sample: Sample, tried: Tried): number[] {
  const trail = new Trail();
  const bitsOf = new Map<number, number>();
  for (const hypothesis of hypothesesFor([sample], tried)) {
    walk(hypothesis, sample.bytes, trail);
    const { end, count } = trail;
    if (count >= BREAK_FRAMES && end < BREAK_PART * sample.bytes.length) {
      trail.isBroken = true;
      const evidence = evidenceOf(trail.toChain(), sample, FIRST_LOOK);
      const { cuts, columns, distinct } = believed(hypothesis, evidence, sample);
      const bits = cuts + columns + fitBits(hypothesis, distinct, sample) - hypothesis.cost;
      bitsOf.set(end, Math.max(bits, bitsOf.get(end) ?? 0));
    }
  }
  return [...bitsOf]
    .filter(([, bits]) => bits >= BREAK_BITS)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_BREAKS)
    .map(([end]) => end);
}

/** The best findings for all samples together, and for each alone. */
function bestOf(trials: readonly Trial[], count: number): Finding[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const sets = count > 1 ? [all, ...all.map((i) => [i])] : [all];
  return sets.flatMap((of) => findingsFor(trials, of).slice(0, MAX_FINDINGS));
}

function trialsOf(samples: readonly Sample[], hypotheses: Iterable<Hypothesis>): Trial[] {
  const walkers = samples.map((sample) => new Walker(sample));
  const trials: Trial[] = [];
  for (const hypothesis of hypotheses) {
    const fits = walkers.map((walker) => walker.fitOf(hypothesis));
    if (fits.some((fit) => fit !== undefined)) {
      trials.push({ hypothesis, fits });
    }
  }
  return trials;
}

/** Walks hypotheses over one sample. A chain that many hypotheses share is judged once. */
class Walker {
  readonly #sample: Sample;
  readonly #trail = new Trail();
  readonly #known = new Map<number, { readonly chain: Chain; readonly evidence: Evidence }>();

  constructor(sample: Sample) {
    this.#sample = sample;
  }

  /** How a hypothesis fits the sample; `undefined` if it does not. */
  fitOf(hypothesis: Hypothesis): Fit | undefined {
    walk(hypothesis, this.#sample.bytes, this.#trail);
    if (!holds(this.#trail, this.#sample)) {
      return undefined;
    }
    const seen = this.#judged();
    const evidence = believed(hypothesis, seen.evidence, this.#sample);
    const bits = evidence.cuts + evidence.columns;
    const fit = fitBits(hypothesis, evidence.distinct, this.#sample);
    return { chain: seen.chain, evidence, bits: bits + fit };
  }

  #judged(): { readonly chain: Chain; readonly evidence: Evidence } {
    const { hash } = this.#trail;
    const known = this.#known.get(hash);
    if (known !== undefined) {
      return known;
    }
    const chain = this.#trail.toChain();
    const judged = { chain, evidence: evidenceOf(chain, this.#sample, FIRST_LOOK) };
    this.#known.set(hash, judged);
    return judged;
  }
}

/**
 * The evidence, or hardly any for a framing that is marked only by its end. The bytes behind any comma or
 * newline repeat in every text, so believe a delimiter alone only where nearly every chunk ends with one. Lines
 * without cuts are believed where they are written as protocols write them.
 */
function believed(hypothesis: Hypothesis, evidence: Evidence, { text, isCut }: Sample): Evidence {
  if (hypothesis.kind !== 'described' || !isMarkedByEnd(hypothesis.framing)) {
    return evidence;
  }
  const { cuts, cutHits } = evidence;
  const [hits, of] = cutHits;
  const isLines = hypothesis.framing.codec === 'lines';
  if (isLines && text.isText && text.hasNetworkLines && !isCut) {
    return { ...evidence, cuts: NETWORK_LINES_BITS, columns: 0 };
  }
  const isOfKind = !isLines || text.isText;
  const isBelieved = isOfKind && cuts >= MIN_CUT_BITS && hits >= MIN_CUT_HITS * of;
  return isBelieved ? evidence : { ...evidence, cuts: Math.min(0, cuts), columns: 0 };
}

/** Evidence in bits of text whose lines all end with CR LF: enough for 'likely', and never for 'sure'. */
const NETWORK_LINES_BITS = 24;

function holds({ count, end, isBroken, longest }: Trail, { bytes, ends }: Sample): boolean {
  const left = bytes.length - end;
  if (count === 0 || count >= MAX_FRAMES) {
    return count > 0;
  }
  const isStalled = left > STALLED * longest && ends.filter((cut) => cut > end).length >= MANY_CUTS;
  return !isStalled && (!isBroken || left <= MAX_LEFT * bytes.length);
}

/**
 * A frame that is not whole, this many times as long as the longest one and with this many chunks in it, is a
 * wrong number.
 */
const STALLED = 4;
const MANY_CUTS = 4;

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
