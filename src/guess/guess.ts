// Guesses how a conversation is framed. Pure.
//
// Some ten thousand framings are tried (hypothesis.ts); each gives a chain of frames, or breaks.
// What fits is weighed in bits (evidence.ts). The verdict follows from the bits, from how many frames there
// are, and from how far the next other reading is behind.

import type { Way } from '../capture/events.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import { printFraming } from '../framing/words.ts';
import { checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { findChecksum } from './checksum-search.ts';
import type { FoundChecksum } from './checksum-search.ts';
import { framingOf } from './hypothesis.ts';
import type { Hypothesis } from './hypothesis.ts';
import { layoutToFraming } from './layout.ts';
import { reasonsFor } from './reasons.ts';
import { search } from './search.ts';
import type { Finding } from './search.ts';
import { behind, sampleOf } from './stream.ts';
import type { GuessStream, Sample } from './stream.ts';

/** 'sure' is meant to be right 99 times of 100. 'none': no framing was found. */
export type Verdict = 'sure' | 'likely' | 'none';

export interface GuessOptions {
  /** Maximum number of bytes of each stream that are looked at. Default 64 KiB. */
  readonly maxLength?: number | undefined;
  /**
   * Names of formats that do not count as known, with all formats that have the same frames. An evaluation
   * leaves out the format that is to be found. Default: none.
   */
  readonly unknown?: readonly string[] | undefined;
}

/** One framing that was found. */
export interface Guess {
  readonly framing: Framing;
  /** Name of the known format that has this framing. Missing if no format has it, or several have. */
  readonly format?: string;
  readonly direction: Way | 'both';
  /** Offset in the stream of the first frame. */
  readonly from: number;
  /** Evidence in bits, less the cost of the choice among all framings. */
  readonly bits: number;
  /** Number of frames that fit, and number of frames that were tried. */
  readonly frames: readonly [fit: number, of: number];
  /** The evidence in words. */
  readonly why: readonly string[];
  /**
   * Other framings, at most three, that give the same frames for every byte seen. Missing if there are none.
   */
  readonly alternatives?: readonly Framing[];
}

export interface GuessResult {
  readonly version: 1;
  readonly verdict: Verdict;
  readonly guesses: readonly Guess[];
}

const NAMES: OptionNames<GuessOptions> = { maxLength: true, unknown: true };
const MAX_ALTERNATIVES = 3;
/** Maximum number of framings among which the alternatives are chosen. */
const MAX_NEAR = 32;
/**
 * Framings that give the same frames differ only in cost. If the cost of a framing is less than this many bits
 * above the cost of the best, the framing is an alternative.
 */
const TIE_BITS = 3;
/** Minimum evidence in bits for the verdict 'sure'. */
const SURE_BITS = 30;
/** Minimum number of bits by which the next best finding must be behind for 'sure'. */
const SURE_MARGIN = 10;
/** The same as a part of the evidence: the more there is to explain, the further behind it must be. */
const SURE_MARGIN_PART = 0.2;
/** Minimum evidence in bits for each frame for 'sure'. */
const SURE_BITS_A_FRAME = 0.5;
/** Minimum evidence in bits for 'likely'. */
const LIKELY_BITS = 10;
/** Number of frames up to which the verdict is at most 'likely', and below which the verdict is 'none'. */
const FEW_FRAMES = 2;
/** As FEW_FRAMES, where cuts are not known or do not fit: any audio has a few long frames that look alike. */
const FEW_FRAMES_UNCUT = 4;
/** Maximum number of chunks of a stream that was joined late whose ends are tried as the start of a frame. */
const MAX_STARTS = 8;

/**
 * Guesses the framing of the streams of one conversation, or of several conversations of one protocol.
 * Throws UsageError ERR_OPTION for wrong options.
 */
export function guess(streams: readonly GuessStream[], options: GuessOptions = {}): GuessResult {
  checkNames('guess', options, NAMES);
  const maxLength = whole('maxLength', options.maxLength ?? 65_536, { min: 1 });
  const samples = streams
    .map((stream) => sampleOf(stream, maxLength))
    .filter(({ bytes }) => bytes.some((byte) => byte !== bytes[0]));
  const context: Context = { unknown: new Set(options.unknown) };
  const found = judge(samples, 0, context);
  if (found.verdict !== 'none') {
    return { version: 1, ...found };
  }
  const late = samples.flatMap((sample) => joinedLate(sample, context) ?? []);
  const verdict = late.some((one) => one.verdict === 'sure') ? 'likely' : 'none';
  return {
    version: 1,
    verdict,
    guesses: verdict === 'none' ? [] : late.flatMap((one) => one.guesses),
  };
}

/** What holds for all streams of a guess. */
interface Context {
  readonly unknown: ReadonlySet<string>;
}

interface Judged {
  readonly verdict: Verdict;
  readonly guesses: readonly Guess[];
}

function judge(samples: readonly Sample[], from: number, { unknown }: Context): Judged {
  const findings = search(samples, unknown);
  const chosen = choose(findings, samples.length);
  const verdicts = chosen.map((finding) => verdictOf(finding, findings));
  const verdict = worst(verdicts);
  if (verdict === 'none') {
    return { verdict, guesses: [] };
  }
  return { verdict, guesses: chosen.map((finding) => toGuess(finding, samples, from)) };
}

/** One finding for all streams together, or one for each stream where those explain more. */
function choose(findings: readonly Finding[], count: number): Finding[] {
  const together = findings.find(({ of }) => of.length === count);
  const alone = Array.from({ length: count }, (_, i) =>
    findings.find(({ of }) => of.length === 1 && of[0] === i),
  ).flatMap((finding) => finding ?? []);
  const bitsAlone = alone.reduce((sum, { bits }) => sum + bits, 0);
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

/** The best hypothesis, if every stream alone has the same best one; `undefined` if the streams differ. */
function sharedBy(findings: readonly Finding[]): Hypothesis | undefined {
  const [first] = findings;
  const best = first?.tied[0];
  return best !== undefined && findings.every(({ tied }) => tied[0] === best) ? best : undefined;
}

function verdictOf(finding: Finding, findings: readonly Finding[]): Verdict {
  const frames = finding.fits.reduce((sum, { evidence }) => sum + evidence.distinct, 0);
  const other = findings.find((one) => one !== finding && areRivals(one, finding));
  const margin = finding.bits - (other?.bits ?? 0);
  const isCut = finding.fits.some(({ evidence }) => evidence.cutHits[0] > 1);
  const few = isCut ? FEW_FRAMES : FEW_FRAMES_UNCUT;
  const needed = Math.max(SURE_BITS, SURE_BITS_A_FRAME * frames);
  if (finding.bits >= needed && frames > few && margin >= marginFor(finding)) {
    return 'sure';
  }
  return finding.bits >= LIKELY_BITS && frames >= few ? 'likely' : 'none';
}

/** Number of bits by which the next best finding must be behind. */
function marginFor({ bits }: Finding): number {
  return Math.max(SURE_MARGIN, SURE_MARGIN_PART * bits);
}

/** Whether two findings are about the same streams. Those of one search differ in their frames. */
function areRivals(one: Finding, finding: Finding): boolean {
  return one.of.join() === finding.of.join();
}

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === 'none')) {
    return 'none';
  }
  return verdicts.every((verdict) => verdict === 'sure') ? 'sure' : 'likely';
}

/** The first sure reading of a stream from the end of one of its first chunks on. */
function joinedLate(sample: Sample, context: Context): Judged | undefined {
  const starts = sample.ends.slice(0, MAX_STARTS);
  const all = starts.map((start) => judge([behind(sample, start)], start, context));
  return all.find(({ verdict }) => verdict === 'sure');
}

function toGuess(finding: Finding, samples: readonly Sample[], from: number): Guess {
  const [first, ...others] = finding.tied;
  const checksum = checksumIn(finding, samples);
  const framing =
    first === undefined ? { codec: 'lines' as const } : plainOf(first, describe(first, checksum));
  const directions = new Set(finding.of.map((i) => samples[i]?.direction));
  const [direction] = directions;
  const fit = finding.fits.reduce((sum, { chain }) => sum + chain.ends.length, 0);
  const broken = finding.fits.filter(({ chain }) => chain.isBroken).length;
  const near = others.filter(({ cost }) => cost < (first?.cost ?? 0) + TIE_BITS).slice(0, MAX_NEAR);
  const alternatives = unlike(
    framing,
    near.map((one) => plainOf(one)),
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

/** The framing without facts, which are for people who read the table of formats. */
function withoutFacts(framing: Framing): Framing {
  const { source: _source, note: _note, known: _known, seen: _seen, ...others } = framing;
  return others;
}

/**
 * The framing of a hypothesis. A limit belongs to one protocol, so it goes where no single protocol is meant.
 */
function plainOf(hypothesis: Hypothesis, framing: Framing = framingOf(hypothesis)): Framing {
  const plain = withoutFacts(framing);
  const isNamed = hypothesis.kind === 'described' && hypothesis.formats.length === 1;
  if (isNamed || plain.codec !== 'lengthPrefixed') {
    return plain;
  }
  const { maxPayloadLength: _, ...others } = plain;
  return others;
}

/** Framings that differ from the first one and from each other. */
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

/** The checksum at the end of the frames of a layout, which itself says nothing of the end of a frame. */
function checksumIn(finding: Finding, samples: readonly Sample[]): FoundChecksum | undefined {
  if (finding.tied[0]?.kind !== 'layout') {
    return undefined;
  }
  const frames = finding.of.flatMap((index, i) => {
    const bytes = samples[index]?.bytes ?? new Uint8Array();
    const ends = finding.fits[i]?.chain.ends ?? [];
    return ends.map((end, k) => bytes.subarray(ends[k - 1] ?? 0, end));
  });
  return findChecksum(frames);
}
