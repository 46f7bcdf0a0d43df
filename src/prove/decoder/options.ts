// What proveDecoder takes: the target in one of its shapes, and the options, checked and completed.

import type { Decoder } from '../../codec/codec.ts';
import { ProtocolError } from '../../errors.ts';
import {
  checkFunction,
  checkNames,
  connectionTime,
  oneOf,
  refuse,
  refuseValue,
  whole,
} from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { MAX_SEED } from '../../schedule/random.ts';
import { RANDOM_CHECKS } from './rules.ts';
import type { Rules } from './rules.ts';
import type { DecoderCheck } from './report.ts';
import type { StreamSample } from './samples.ts';
import { decoderTarget, pushTarget } from './target.ts';
import type { PushFactory, Target } from './target.ts';
import { iterableTarget, nodeTarget, webTarget } from './target-async.ts';
import type { IterableDecoder, WebPair } from './target-async.ts';
import { sameValue } from './values.ts';

/** Makes decoders of the contract; a Codec is one. With `encode` its values can be drawn at random. */
export interface DecoderMaker<In, Out> {
  encode?(value: In): readonly Uint8Array[];
  decoder(): Decoder<Out>;
}

/** What can be proven. Everything stateful is a function that makes one: each delivery gets its own. */
export type DecoderTarget<In, Out> =
  | DecoderMaker<In, Out>
  | { readonly push: PushFactory<Out> }
  | { readonly transform: () => NodeJS.ReadWriteStream }
  | { readonly web: () => WebPair<Out> }
  | { readonly iterable: IterableDecoder<Out> };

/**
 * An arbitrary of fast-check, as far as it is seen here: whatever copy of fast-check 4 it comes from,
 * and where none is installed, the type still stands.
 */
export interface ArbitraryLike<T> {
  generate(random: never, biasFactor: number | undefined): { readonly value: T };
}

/** A function that takes part in no variance, as a method: options of any values fit where all do. */
type Callback<Args extends readonly unknown[], Result> = {
  call(...args: Args): Result;
}['call'];

/** With what to prove it, and how. Give `samples`, or `values`, or both. */
export interface ProveDecoderOptions<In, Out> {
  /** Good streams: whole bytes, or better, their frames and the value of each. */
  readonly samples?: readonly StreamSample<Out>[] | undefined;
  /** Values to be encoded by the target itself, which is a codec then: each gives one frame. */
  readonly values?: ArbitraryLike<In> | undefined;
  /**
   * The bytes of one good frame with about so many bytes of payload, for the checks that measure; may
   * throw for lengths that the format does not have. Default: what a codec of bytes encodes.
   */
  readonly frameOf?: ((payloadLength: number) => Uint8Array) | undefined;
  /** Whether two values are the same. Default: by content. */
  readonly equals?: Callback<[one: Out, other: Out], boolean> | undefined;
  /** Applied to each list of values before it is compared. Default: none. Values are not counted then. */
  readonly normalize?: Callback<[values: readonly Out[]], readonly unknown[]> | undefined;
  /**
   * Whether the target may throw this for bad bytes. Default: ProtocolError for what makes decoders of
   * the contract; for others any Error but those of the language (TypeError, RangeError, ...).
   */
  readonly allows?: ((error: unknown) => boolean) | undefined;
  /** The checks to make. Default: all. */
  readonly only?: readonly DecoderCheck[] | undefined;
  /** Checks to leave out. Default: none. */
  readonly without?: readonly DecoderCheck[] | undefined;
  /** Random cases of each check that draws them. Default 200. */
  readonly runs?: number | undefined;
  /** Where randomness starts. Default: another one each time; the report names it. */
  readonly seed?: number | undefined;
  /** Replays one case of the one check in `only`: from the line `replay` of a failure. */
  readonly path?: string | undefined;
  /** Time in ms after which a delivery that neither ended nor failed counts as stalled. Default 2000. */
  readonly stallAfter?: number | undefined;
  /** Time in ms that a check may draw and shrink. Default 20000. Infinity means no limit. */
  readonly timeLimit?: number | undefined;
}

/** All checks, in the order in which they are made. */
export const decoderChecks: readonly DecoderCheck[] = [
  ...RANDOM_CHECKS,
  'linear-cost',
  'bounded-memory',
];

const NO_TARGET = 'The target must be a codec, or an object with push, transform, web or iterable.';

/** The target behind one face. */
export function targetOf(target: DecoderTarget<unknown, unknown>): Target {
  if ('decoder' in target) {
    return decoderTarget(target);
  }
  if ('push' in target) {
    return pushTarget(target.push);
  }
  if ('transform' in target) {
    return nodeTarget(target.transform);
  }
  if ('web' in target) {
    return webTarget(target.web);
  }
  if ('iterable' in target) {
    return iterableTarget(target.iterable);
  }
  return refuse(NO_TARGET);
}

/** Errors that the language throws by itself: a sign that nobody thought of these bytes. */
const ACCIDENTS = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];

function allowedByDefault(target: DecoderTarget<unknown, unknown>): Rules['allows'] {
  if ('decoder' in target) {
    return (error) => error instanceof ProtocolError;
  }
  return (error) => error instanceof Error && !ACCIDENTS.some((kind) => error instanceof kind);
}

function sameList(
  one: readonly unknown[],
  other: readonly unknown[],
  equals: (one: unknown, other: unknown) => boolean,
): boolean {
  return one.length === other.length && one.every((value, index) => equals(value, other[index]));
}

/** What the options say of values and errors. */
export function rulesOf(
  target: DecoderTarget<unknown, unknown>,
  options: ProveDecoderOptions<unknown, unknown>,
): Rules {
  const list = (values: readonly unknown[]): readonly unknown[] =>
    options.normalize === undefined ? values : options.normalize(values);
  const equals = (one: unknown, other: unknown): boolean =>
    options.equals === undefined ? sameValue(one, other) : options.equals(one, other);
  const byDefault = allowedByDefault(target);
  return {
    counted: options.normalize === undefined,
    same: (one, other) =>
      options.normalize === undefined && options.equals === undefined
        ? sameList(one, other, sameValue)
        : sameList(list(one), list(other), equals),
    allows: (error) => (options.allows === undefined ? byDefault(error) : options.allows(error)),
  };
}

const NAMES = {
  samples: true,
  values: true,
  frameOf: true,
  equals: true,
  normalize: true,
  allows: true,
  only: true,
  without: true,
  runs: true,
  seed: true,
  path: true,
  stallAfter: true,
  timeLimit: true,
} satisfies OptionNames<ProveDecoderOptions<unknown, unknown>>;

const FUNCTIONS = ['frameOf', 'equals', 'normalize', 'allows'] as const;
const DEFAULT_RUNS = 200;
const DEFAULT_STALL_AFTER = 2000;
const DEFAULT_TIME_LIMIT = 20_000;
/** fast-check takes signed seeds, too, and prints them. */
const SEEDS = { min: -(2 ** 31), max: MAX_SEED };

/** The options with their defaults. */
export interface ResolvedProveDecoderOptions extends ProveDecoderOptions<unknown, unknown> {
  readonly samples: readonly StreamSample<unknown>[];
  readonly only: readonly DecoderCheck[];
  readonly without: readonly DecoderCheck[];
  readonly runs: number;
  readonly seed: number;
  readonly stallAfter: number;
  readonly timeLimit: number;
}

function checkMaterial(
  target: DecoderTarget<unknown, unknown>,
  { samples = [], values }: ProveDecoderOptions<unknown, unknown>,
): void {
  if (!Array.isArray(samples)) {
    refuseValue('samples', 'a list of streams', samples);
  }
  if (samples.length === 0 && values === undefined) {
    refuse('There is nothing to decode: give samples, or values for the codec to encode.');
  }
  if (values !== undefined && !('encode' in target && typeof target.encode === 'function')) {
    refuse('values need a codec as target, to encode them; give samples instead.');
  }
  for (const sample of samples) {
    if (sample instanceof Uint8Array || sample.values === undefined) {
      continue;
    }
    if (sample.values.length !== sample.frames.length) {
      refuse(`A sample has ${sample.frames.length} frames and ${sample.values.length} values.`);
    }
  }
}

function toChecks(name: string, given: readonly DecoderCheck[]): readonly DecoderCheck[] {
  if (!Array.isArray(given)) {
    return refuseValue(name, 'a list of checks', given);
  }
  return given.map((check) => oneOf(name, check, decoderChecks));
}

/** The options with their defaults. Throws UsageError ERR_OPTION for what makes no sense. */
export function resolveProveDecoderOptions(
  target: DecoderTarget<unknown, unknown>,
  options: ProveDecoderOptions<unknown, unknown>,
): ResolvedProveDecoderOptions {
  if (typeof target !== 'object' || target === null) {
    refuse(NO_TARGET);
  }
  checkNames('proveDecoder', options, NAMES);
  checkMaterial(target, options);
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined) {
      checkFunction(name, options[name]);
    }
  }
  const only = toChecks('only', options.only ?? decoderChecks);
  if (options.path !== undefined && only.length !== 1) {
    refuse('path replays one check: name it in only.');
  }
  return {
    ...options,
    samples: options.samples ?? [],
    only,
    without: toChecks('without', options.without ?? []),
    runs: whole('runs', options.runs ?? DEFAULT_RUNS, { min: 1 }),
    seed: whole('seed', options.seed ?? Math.floor(Math.random() * 2 ** 31), SEEDS),
    stallAfter: connectionTime('stallAfter', options.stallAfter ?? DEFAULT_STALL_AFTER),
    timeLimit: connectionTime('timeLimit', options.timeLimit ?? DEFAULT_TIME_LIMIT),
  };
}
