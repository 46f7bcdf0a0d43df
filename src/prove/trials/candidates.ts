// The trials for a target, the most telling trials first. Each kind has its turn early, so that a slow
// target, for which there is time for only a few trials, is still tried with all kinds. Random trials from
// the seed follow. The prover stops drawing trials when its budget ends. This file is pure.

import { steps } from '../../schedule/pieces.ts';
import { dribble, mtu } from '../../schedule/plans.ts';
import type { Plan } from '../../schedule/plans.ts';
import { deriveSeed, random } from '../../schedule/random.ts';
import type { Op } from '../../schedule/schedule.ts';
import type { FrameSpan } from '../cut-points.ts';
import { randomOps } from './random-ops.ts';
import { spotsOf } from './spots.ts';
import { PLAIN, repeated, sendingName, toServer } from './trial.ts';
import type { Sending, Trial, TrialKind } from './trial.ts';

export interface TrialOptions {
  readonly requests: readonly Uint8Array[];
  readonly frames: readonly FrameSpan[];
  readonly seed: number;
  /**
   * Maximum number of trials that will be played. Single cuts are at most 0.4 × `runs` of them, or 8 if that
   * is more.
   */
  readonly runs: number;
  /** Whether requests must wait for answers. If so, no requests are joined, and FIN is not tried. */
  readonly lockstep: boolean;
  /** Whether the requests are one side of a dialogue, which cannot be repeated on a connection. */
  readonly isScripted: boolean;
  /** Time in ms that the target takes for the whole requests one by one. A slow target gets fewer repeats. */
  readonly roundTrip: number;
}

/** Maximum length of a request that is cut at every place, if `runs` leaves room. */
const EVERY_CUT_UP_TO = 64;
/** Maximum number of pieces of a plan. More pieces would take too long for what they reveal. */
const MOST_PIECES = 128;
/**
 * Number of single bytes in the trial with the most pieces. It is more than a count of reads in one byte can
 * hold. A target that takes too long for one request would take too long for so many pieces: it gets this
 * trial only if it could work off all in LONGEST_PIECES ms, as slowly as it answers.
 */
const VERY_MANY_PIECES = 300;
const LONGEST_PIECES = 8000;
/**
 * Size of the usual large buffer, which is also about the size of a segment on loopback. The deepest trials
 * send more bytes than this, and large requests are longer than this.
 */
const LARGE = 65_536;
/** Numbers of bytes that repeated tiny requests should also fill, for buffers of 4, 16 and 64 KiB. */
const DEPTHS = [4096, 16_384, LARGE];
/**
 * Limits of repeating the requests without a measurement of the target: number of requests (MOST_REPEATED)
 * and time in ms (LONGEST_REPEAT).
 */
const MOST_REPEATED = 1000;
const LONGEST_REPEAT = 1000;
/** Part of a round trip in ms in which the prover only watches for more bytes after the answer. */
const WATCH = 4;
/** Number of random trials in a row that are already known, after which all possible trials count as seen. */
const ENOUGH_REPEATS = 200;
/** Pause in ms after the cut in requests that are sent on several connections. */
const CROSSING_PAUSE = 30;

const cut = (n: number): Op => ({ kind: 'cut', n });
const hold = (n: number): Op => ({ kind: 'hold', n });
const pause = (ms: number): Op => ({ kind: 'delay', ms });

/** The requests, and the numbers that are computed from them. */
class Material {
  readonly options: TrialOptions;
  readonly lengths: readonly number[];
  readonly total: number;
  /** Offsets at which requests begin, and the offset at which the last request ends. */
  readonly borders: readonly number[];
  /** Offsets for single cuts. Those that most often show a fault come first, and the requests take turns. */
  readonly singles: readonly number[];

  constructor(options: TrialOptions) {
    this.options = options;
    this.lengths = options.requests.map(({ length }) => length);
    const borders = [0];
    for (const length of this.lengths) {
      borders.push((borders.at(-1) ?? 0) + length);
    }
    this.borders = borders;
    this.total = borders.at(-1) ?? 0;
    this.singles = singleCuts(this);
  }

  /** Returns the frames that begin in a request, with offsets from the start of the request. */
  framesIn(index: number): readonly FrameSpan[] {
    const from = this.borders[index] ?? 0;
    const to = this.borders[index + 1] ?? from;
    return this.options.frames
      .filter(({ start }) => start >= from && start < to)
      .map(({ start, payloadStart, end }) => ({
        start: start - from,
        payloadStart: payloadStart - from,
        end: end - from,
      }));
  }

  /**
   * Number of times to send the requests so that they fill more than LARGE, but not more often than
   * MOST_REPEATED and LONGEST_REPEAT allow.
   */
  get manyTimes(): number {
    const byCount = Math.floor(MOST_REPEATED / this.lengths.length);
    // The prover watches only once after the answer, however often the requests are repeated. So subtract
    // that time.
    const once = Math.max(this.lengths.length, this.options.roundTrip - WATCH);
    const byTime = Math.floor(LONGEST_REPEAT / once);
    return Math.min(timesFor(LARGE, this.total), byCount, byTime);
  }

  /**
   * Numbers of times to send the requests so that they fill more than each usual buffer, where `manyTimes` is
   * too low for that. Before such a trial, Controls measures whether the target is quick enough. The list is
   * empty for slow targets.
   */
  get deepTimes(): readonly number[] {
    const { manyTimes, total } = this;
    const times = DEPTHS.map((depth) => timesFor(depth, total));
    return manyTimes > 2 ? times.filter((time) => time > manyTimes) : [];
  }
}

/** Returns how often requests of `total` bytes must be sent to fill more than `depth` bytes. */
function timesFor(depth: number, total: number): number {
  return Math.ceil((depth + 500) / total);
}

/** Returns the spots in each request, then all other places of short requests. The requests take turns. */
function singleCuts(material: Material): readonly number[] {
  const { requests, runs } = material.options;
  const most = Math.max(8, Math.floor(runs * 0.4));
  const lists = requests.map((request, index) => {
    const spots = spotsOf(request, material.framesIn(index));
    const all = request.length <= EVERY_CUT_UP_TO ? request.keys() : [];
    return [...new Set([...spots, ...all])].filter((at) => at > 0);
  });
  const taken: number[] = [];
  const longest = Math.max(...lists.map(({ length }) => length));
  for (let rank = 0; rank < longest && taken.length < most; rank++) {
    for (const [index, list] of lists.entries()) {
      const at = list[rank];
      if (at !== undefined) {
        taken.push(at + (material.borders[index] ?? 0));
      }
    }
  }
  return taken.slice(0, most);
}

interface Draft {
  readonly kind: TrialKind;
  readonly ops: readonly Op[];
  readonly sending?: Partial<Sending>;
}

/** Returns the first pieces of a plan, up to MOST_PIECES. The bytes behind them pass as they come. */
function some(plan: Plan, total: number): readonly Op[] {
  return plan({ start: 0, length: Math.min(total, 4 * MOST_PIECES) }, random(0)).slice(
    0,
    MOST_PIECES,
  );
}

function* pieceDrafts({ total }: Material): Generator<Draft> {
  for (const plan of [dribble, mtu(2), mtu(3)]) {
    yield { kind: 'pieces', ops: some(plan, total) };
  }
  for (const size of [1460, 4096, 1000].filter(
    (each) => total > each && total / each < MOST_PIECES,
  )) {
    yield { kind: 'pieces', ops: mtu(size)({ start: 0, length: total }, random(0)) };
  }
}

/**
 * Yields a trial of very many single bytes on one connection. The requests are repeated to fill it, unless
 * each of them must wait for an answer.
 */
function* dribbleDrafts({ total, lengths, options }: Material): Generator<Draft> {
  const isBound = options.lockstep || options.isScripted;
  const repeat = isBound ? 1 : Math.ceil(VERY_MANY_PIECES / total);
  const length = Math.min(VERY_MANY_PIECES, repeat * total);
  const each = (options.roundTrip - WATCH) / lengths.length;
  if (length > MOST_PIECES && each * length <= LONGEST_PIECES) {
    yield {
      kind: 'pieces',
      ops: dribble({ start: 0, length }, random(0)),
      sending: { repeat },
    };
  }
}

/**
 * Yields drafts with requests joined: all in one piece, or two pieces that meet next to a border or inside a
 * request.
 */
function* joinedDrafts({ lengths, borders, total }: Material): Generator<Draft> {
  if (lengths.length < 2) {
    return;
  }
  yield { kind: 'joined', ops: [hold(total)] };
  const inner = borders.slice(1, -1);
  const meetings = inner.flatMap((border, index) => [
    border + 1,
    border - 1,
    (border + (borders[index + 2] ?? total)) >> 1,
  ]);
  for (const at of meetings.filter((place) => place > 0 && place < total).slice(0, 12)) {
    yield { kind: 'joined', ops: [hold(at), hold(total - at)] };
  }
}

/**
 * Returns offsets for a pause: after two bytes, in the middle of the longest request, and before the last
 * byte.
 */
function placesOfPauses({ lengths, borders, total }: Material): readonly number[] {
  const longest = lengths.indexOf(Math.max(...lengths));
  const middle = (borders[longest] ?? 0) + ((lengths[longest] ?? 0) >> 1);
  const early = Math.min(2, Math.max(1, (lengths[0] ?? 0) - 1));
  return [...new Set([early, middle, total - 1])].filter(
    (at) => at > 0 && at < total && !borders.includes(at),
  );
}

function* pauseDrafts(material: Material, ms: number): Generator<Draft> {
  for (const at of placesOfPauses(material)) {
    yield { kind: 'pauses', ops: [cut(at), pause(ms)] };
  }
}

/**
 * Yields drafts that send the requests twice: joined, in two odd pieces, or with one cut in the first or the
 * second round.
 */
function* repeatDrafts({ total, singles, options }: Material): Generator<Draft> {
  const twice = { repeat: 2 };
  if (!options.lockstep) {
    yield { kind: 'repeats', ops: [hold(2 * total)], sending: twice };
    yield { kind: 'repeats', ops: [hold(total + (total >> 1))], sending: twice };
  }
  for (const at of singles.slice(0, 6)) {
    yield { kind: 'repeats', ops: [cut(at)], sending: twice };
    yield { kind: 'repeats', ops: [cut(total + at)], sending: twice };
  }
}

/**
 * Yields drafts that send the requests often enough to fill more than the usual buffers: joined, and in
 * pieces of odd sizes.
 */
function* deepDrafts({ total, manyTimes, deepTimes, options }: Material): Generator<Draft> {
  if (manyTimes <= 2 || options.lockstep) {
    return;
  }
  const all = [manyTimes, ...deepTimes];
  for (const repeat of all) {
    yield { kind: 'deep', ops: [hold(repeat * total)], sending: { repeat } };
  }
  const sizes = [4097, 1000, 10_007];
  for (const repeat of all.toReversed()) {
    const length = repeat * total;
    // Deeper trials take longer, so they are tried with only one size.
    for (const size of (repeat === manyTimes ? sizes : [4097]).filter((each) => each < length)) {
      const count = Math.min(MOST_PIECES, Math.floor(length / size));
      const ops = Array.from({ length: count }, () => hold(size));
      yield { kind: 'deep', ops, sending: { repeat } };
    }
  }
}

function* connectionDrafts(material: Material): Generator<Draft> {
  const places = [...new Set([...placesOfPauses(material), ...material.singles.slice(0, 2)])];
  for (const [index, at] of places.slice(0, 4).entries()) {
    const connections = index === 1 ? 8 : 2;
    yield { kind: 'connections', ops: [cut(at), pause(CROSSING_PAUSE)], sending: { connections } };
  }
}

function* finDrafts({ total, borders, options }: Material): Generator<Draft> {
  if (options.lockstep) {
    return;
  }
  yield { kind: 'fin', ops: [], sending: { fin: 'joined' } };
  if (!borders.includes(total - 1) && total > 1) {
    yield { kind: 'fin', ops: [cut(total - 1)], sending: { fin: 'joined' } };
    yield { kind: 'fin', ops: [cut(total - 1)], sending: { fin: 'apart' } };
  }
}

function* largeDrafts({ lengths }: Material): Generator<Draft> {
  if (lengths.some((length) => length > LARGE)) {
    yield { kind: 'large', ops: [] };
  }
}

function* singleDrafts({ singles }: Material, from: number, to: number): Generator<Draft> {
  for (const at of singles.slice(from, to)) {
    yield { kind: 'cuts', ops: [cut(at)] };
  }
}

/** Yields trials in which one byte, from the second to the twelfth, stands alone between two cuts. */
function* loneBytes({ total }: Material): Generator<Draft> {
  for (let at = 1; at < Math.min(12, total - 1); at++) {
    yield { kind: 'pieces', ops: [cut(at), cut(1)] };
  }
}

/**
 * Yields the first trials of each kind, and then the other trials, because on a slow target only the first
 * trials are played.
 */
function* systematic(material: Material): Generator<Draft> {
  const joined = material.options.lockstep ? [] : [...joinedDrafts(material)];
  const pieces = [...pieceDrafts(material)];
  const repeats = material.options.isScripted ? [] : [...repeatDrafts(material)];
  const deep = material.options.isScripted ? [] : [...deepDrafts(material)];
  const connections = [...connectionDrafts(material)];
  const fins = [...finDrafts(material)];
  yield* singleDrafts(material, 0, 6);
  yield* pieces.slice(0, 1);
  yield* joined.slice(0, 3);
  yield* pauseDrafts(material, 60);
  yield* connections.slice(0, 2);
  yield* repeats.slice(0, 2);
  yield* deep.slice(0, 1);
  yield* largeDrafts(material);
  yield* fins.slice(0, 2);
  yield* singleDrafts(material, 6, 24);
  yield* deep.slice(1);
  yield* joined.slice(3);
  yield* pauseDrafts(material, 300);
  yield* pauseDrafts(material, 1100);
  yield* [...pieces.slice(1), ...repeats.slice(2), ...connections.slice(2), ...fins.slice(2)];
  yield* dribbleDrafts(material);
  yield* singleDrafts(material, 24, Infinity);
  yield* loneBytes(material);
}

function* randomDrafts(material: Material): Generator<Draft & { readonly seed: number }> {
  const { total, lengths, options } = material;
  if (total < 2 && lengths.length < 2) {
    return;
  }
  for (let run = 0; ; run++) {
    const seed = deriveSeed(options.seed, run);
    const source = random(seed);
    const repeat = !options.isScripted && source.chance(1, 5) ? source.between(2, 3) : 1;
    const parted = { ...options, lengths: repeated(lengths, repeat) };
    yield {
      kind: 'random',
      ops: randomOps(parted, total * repeat, source),
      sending: { repeat },
      seed,
    };
  }
}

/**
 * Returns the reason why the requests are not sent often enough to fill usual buffers, or `undefined` if they
 * are.
 */
export function reasonAgainstDeep(options: TrialOptions): string | undefined {
  const { manyTimes, total } = new Material(options);
  if (manyTimes > 2) {
    return undefined;
  }
  return timesFor(LARGE, total) > 2
    ? 'the server takes too long for so many requests'
    : 'the requests are about that long themselves';
}

/** Yields trials without end, or until the bytes allow no more. No trial comes twice. */
export function* candidates(options: TrialOptions): Generator<Trial> {
  const material = new Material(options);
  const lockstep = { lockstep: options.lockstep };
  const seen = new Set<string>();
  const trialOf = ({ kind, ops, sending }: Draft, seed: number): Trial | undefined => {
    const full: Sending = { ...PLAIN, ...lockstep, ...sending };
    const schedule = toServer(ops, seed);
    const parts = steps(schedule, repeated(material.lengths, full.repeat)).map((step) =>
      step.kind === 'piece' ? step.end : step.kind === 'delay' ? `+${step.ms}` : step.kind,
    );
    // Give 'large' a key of its own. Its schedule is that of the whole requests, and would count as known,
    // although the baseline may have sent the whole requests in pieces.
    const key = `${kind === 'large' ? kind : ''} ${sendingName(full)} ${parts.join()}`;
    const known = seen.has(key);
    seen.add(key);
    return known ? undefined : { kind, schedule, sending: full };
  };
  // Count the whole requests as seen, because the baseline has already played them.
  trialOf({ kind: 'cuts', ops: [] }, 0);
  for (const draft of systematic(material)) {
    const trial = trialOf(draft, options.seed);
    if (trial !== undefined) {
      yield trial;
    }
  }
  let known = 0;
  for (const draft of randomDrafts(material)) {
    const trial = trialOf(draft, draft.seed);
    known = trial === undefined ? known + 1 : 0;
    if (known > ENOUGH_REPEATS) {
      return;
    }
    if (trial !== undefined) {
      yield trial;
    }
  }
}
