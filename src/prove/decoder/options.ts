// The arguments of proveDecoder: the target in one of the known shapes, and the options, checked and
// completed. recognize.ts drives the target, and rules.ts applies the options for values and errors.

import { isBytes } from '../../codec/bytes.ts';
import type { Decoder } from '../../codec/codec.ts';
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
import { hasMethods } from './target.ts';
import type { IterableDecoder, WebPair } from './target-async.ts';
import type { PushFactory } from './target-push.ts';
import { RANDOM_CHECKS } from './terms.ts';
import type { DecoderCheck, StreamSample } from './terms.ts';

/**
 * A codec, or anything else that makes decoders of the contract. With `encode`, a proof can draw `values` at
 * random.
 */
export interface DecoderMaker<In, Out> {
  encode?(value: In): readonly Uint8Array[];
  decoder(): Decoder<Out>;
}

/**
 * A target that can be proven: a codec, or a function that makes a new decoder or stream for each delivery.
 */
export type DecoderTarget<In, Out> =
  | DecoderMaker<In, Out>
  | { readonly push: PushFactory<Out> }
  | { readonly transform: () => NodeJS.ReadWriteStream }
  | { readonly web: () => WebPair<Out> }
  | { readonly iterable: IterableDecoder<Out> };

/**
 * The part of a fast-check arbitrary that a proof needs. An arbitrary of any copy of fast-check 4 fits this
 * type, and the type also exists where fast-check is not installed.
 */
export interface ArbitraryLike<T> {
  generate(random: never, biasFactor: number | undefined): { readonly value: T };
}

/**
 * A function type whose parameters are checked like those of a method, in both directions. So options for
 * values of any type fit one signature.
 */
type Callback<Args extends readonly unknown[], Result> = {
  call(...args: Args): Result;
}['call'];

/**
 * Options of `proveDecoder`: what the target decodes, and how its values are judged. Give `samples`, or
 * `values`, or both. A time of 0 throws ERR_OPTION; Infinity means no limit.
 */
export interface ProveDecoderOptions<In, Out> {
  /**
   * Good streams, each as its frames, with or without their values, or as bytes alone. Required without
   * `values`. Default: none.
   */
  readonly samples?: readonly StreamSample<Out>[] | undefined;
  /**
   * Arbitrary for values. The target encodes each value as one frame, so the target must be a codec with
   * `encode` (otherwise this option throws ERR_OPTION). Default: none.
   */
  readonly values?: ArbitraryLike<In> | undefined;
  /**
   * Function that returns the bytes of one good frame with about `payloadLength` bytes of payload, for the
   * checks that measure. The function may throw, or return a shorter frame, for a length that the format does
   * not have. Default: the codec encodes zeros, if `values` draws bytes. Otherwise those checks measure
   * without long frames.
   */
  readonly frameOf?: ((payloadLength: number) => Uint8Array) | undefined;
  /**
   * Function that returns whether two values are the same. Default: the prover compares the bytes, items or
   * fields of the two values; their classes may differ.
   */
  readonly equals?: Callback<[one: Out, other: Out], boolean> | undefined;
  /**
   * Function that changes each list of values before the prover compares the list. With this function the
   * prover does not compare the number of values with the number of frames. Default: none.
   */
  readonly normalize?: Callback<[values: readonly Out[]], readonly unknown[]> | undefined;
  /**
   * Function that returns whether the target may throw an error for bad bytes, or for a frame beyond a limit.
   * Default for decoders of the contract: only ProtocolError. Default for other targets: any Error that the
   * target throws on purpose, including a RangeError or TypeError with a message of its own. An error
   * by which the language or Node shows a bug is a fault: a TypeError for reading a property of undefined, a
   * RangeError for an offset outside of a buffer, a ReferenceError. An error about the data is allowed, such
   * as the SyntaxError of `JSON.parse`.
   */
  readonly allows?: ((error: unknown) => boolean) | undefined;
  /**
   * Names of the checks to make. Default: all checks, but for node and web streams all except late-reading:
   * there the platform itself discards unread values when a stream fails.
   */
  readonly only?: readonly DecoderCheck[] | undefined;
  /** Names of the checks to leave out, even if `only` names them. Default: none. */
  readonly without?: readonly DecoderCheck[] | undefined;
  /** Maximum number of random cases in each check that draws cases. Default 200. */
  readonly runs?: number | undefined;
  /** Seed of the random cases, -2^31 … 2^32-1. Default: a new seed each time, which the report names. */
  readonly seed?: number | undefined;
  /**
   * Path of one random case, from the line `replay` of a failure. Give it together with the `seed` of that
   * line. `only` must name exactly the check to which the case belongs; otherwise this option throws
   * ERR_OPTION. Default: each check draws its cases.
   */
  readonly path?: string | undefined;
  /**
   * Time in ms without progress after which a delivery counts as stalled, which is a fault. Progress is a new
   * value or, in the checks that measure, a chunk that the target took. The prover cannot interrupt a target
   * that answers within the call. Infinity means no limit. Default 2000.
   */
  readonly stallAfter?: number | undefined;
  /**
   * Time in ms in which a random check may draw and shrink cases. When it is over, the check ends, and the
   * cases so far count. Infinity means no limit. Default 20000.
   */
  readonly timeLimit?: number | undefined;
}

/** All checks, in the order in which they run. */
export const decoderChecks: readonly DecoderCheck[] = [
  ...RANDOM_CHECKS,
  'linear-cost',
  'bounded-memory',
];

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
/** fast-check also takes negative seeds, and prints them. */
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
    if (isBytes(sample) || sample.values === undefined) {
      continue;
    }
    if (sample.values.length !== sample.frames.length) {
      refuse(`A sample has ${sample.frames.length} frames and ${sample.values.length} values.`);
    }
  }
}

/**
 * Returns the checks that run by default. For node and web streams late-reading is left out, because it
 * demands values that the platform loses.
 */
function defaultChecks(target: DecoderTarget<unknown, unknown>): readonly DecoderCheck[] {
  const discards = 'transform' in target || 'web' in target;
  return discards ? decoderChecks.filter((check) => check !== 'late-reading') : decoderChecks;
}

function toChecks(name: string, given: readonly DecoderCheck[]): readonly DecoderCheck[] {
  if (!Array.isArray(given)) {
    return refuseValue(name, 'a list of checks', given);
  }
  return given.map((check) => oneOf(name, check, decoderChecks));
}

const TARGETS = ['decoder', 'push', 'transform', 'web', 'iterable'] as const;
const NO_TARGET = 'The target must be a codec, or an object with push, transform, web or iterable.';

/**
 * Returns a hint that says how to wrap a target that was passed without a wrapper, or `undefined` for other
 * values.
 */
function wrapping(target: unknown): string | undefined {
  if (typeof target === 'function') {
    return 'Name its shape: { push: () => … }, { transform: () => new MyTransform() } or { iterable: decode }.';
  }
  if (hasMethods(target, ['pipe', 'write'])) {
    return 'Each delivery needs a stream of its own: { transform: () => new MyTransform() }.';
  }
  if (hasMethods(target, ['on'])) {
    return 'For an EventEmitter: { push: (emit, fail) => { const p = new Parser(); p.on("frame", emit); p.on("error", fail); return { push: (chunk) => p.write(chunk) }; } }.';
  }
  return undefined;
}

/** Refuses a target that is not wrapped in one of the known shapes. */
function checkTarget(target: unknown): void {
  const hint = wrapping(target);
  if (hint !== undefined || typeof target !== 'object' || target === null) {
    refuse(NO_TARGET, hint);
  }
  const name = TARGETS.find((shape) => shape in target);
  if (name === undefined) {
    refuse(NO_TARGET);
  }
  checkFunction(name, Reflect.get(target, name));
}

/** Checks target and options, and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolveProveDecoderOptions(
  target: DecoderTarget<unknown, unknown>,
  options: ProveDecoderOptions<unknown, unknown>,
): ResolvedProveDecoderOptions {
  checkTarget(target);
  checkNames('proveDecoder', options, NAMES);
  checkMaterial(target, options);
  for (const name of FUNCTIONS) {
    if (options[name] !== undefined) {
      checkFunction(name, options[name]);
    }
  }
  const only = toChecks('only', options.only ?? defaultChecks(target));
  if (options.path !== undefined && only.length !== 1) {
    refuse('path replays a case of one check: name that check in only.');
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
