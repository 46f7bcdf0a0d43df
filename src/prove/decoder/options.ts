// What proveDecoder takes: the target in one of its shapes, and the options, checked and completed.

import type { Decoder } from '../../codec/codec.ts';
import { checkOptionNames, ProtocolError, UsageError } from '../../errors.ts';
import { randomChecks } from './rules.ts';
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
  /** After how many ms a delivery that neither ended nor failed counts as stalled. Default 2000. */
  readonly stallAfter?: number | undefined;
  /** How many ms a check may draw and shrink. Default 20000. */
  readonly timeLimit?: number | undefined;
}

/** All checks, in the order in which they are made. */
export const decoderChecks: readonly DecoderCheck[] = [
  ...randomChecks,
  'linear-cost',
  'bounded-memory',
];

/** The target behind one face. */
export function targetOf(target: DecoderTarget<unknown, unknown>): Target {
  if ('decoder' in target) return decoderTarget(target);
  if ('push' in target) return pushTarget(target.push);
  if ('transform' in target) return nodeTarget(target.transform);
  if ('web' in target) return webTarget(target.web);
  if ('iterable' in target) return iterableTarget(target.iterable);
  throw new UsageError(
    'ERR_OPTION',
    'The target must be a codec, or an object with push, transform, web or iterable.',
  );
}

/** Errors that the language throws by itself: a sign that nobody thought of these bytes. */
const accidents = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];

function allowedByDefault(target: DecoderTarget<unknown, unknown>): Rules['allows'] {
  if ('decoder' in target) return (error) => error instanceof ProtocolError;
  return (error) => error instanceof Error && !accidents.some((kind) => error instanceof kind);
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

function refuse(facts: string): never {
  throw new UsageError('ERR_OPTION', facts);
}

function checkNumber(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  refuse(`${name} must be an integer, ${least} or more, not ${value}.`);
}

const OPTION_NAMES = [
  'samples',
  'values',
  'frameOf',
  'equals',
  'normalize',
  'allows',
  'only',
  'without',
  'runs',
  'seed',
  'path',
  'stallAfter',
  'timeLimit',
];

/** Refuses options that make no sense, with the reason. */
export function checkOptions(
  target: DecoderTarget<unknown, unknown>,
  options: ProveDecoderOptions<unknown, unknown>,
): void {
  if (typeof target !== 'object' || target === null) {
    refuse('The target must be a codec, or an object with push, transform, web or iterable.');
  }
  if (typeof options !== 'object' || options === null) {
    refuse(
      'proveDecoder takes an options object: give samples, or values for the codec to encode.',
    );
  }
  checkOptionNames('proveDecoder', options, OPTION_NAMES);
  const { samples = [], values, only = [], without = [], path } = options;
  if (samples.length === 0 && values === undefined) {
    refuse('There is nothing to decode: give samples, or values for the codec to encode.');
  }
  if (values !== undefined && !('encode' in target && typeof target.encode === 'function')) {
    refuse('values need a codec as target, to encode them; give samples instead.');
  }
  for (const sample of samples) {
    if (sample instanceof Uint8Array || sample.values === undefined) continue;
    if (sample.values.length !== sample.frames.length) {
      refuse(`A sample has ${sample.frames.length} frames and ${sample.values.length} values.`);
    }
  }
  const unknown = [...only, ...without].find((name) => !decoderChecks.includes(name));
  if (unknown !== undefined) {
    refuse(`There is no check ${unknown}: the checks are ${decoderChecks.join(', ')}.`);
  }
  if (path !== undefined && only.length !== 1) refuse('path replays one check: name it in only.');
  checkNumber('runs', options.runs, 1);
  checkNumber('seed', options.seed, Number.MIN_SAFE_INTEGER);
  checkNumber('stallAfter', options.stallAfter, 1);
  checkNumber('timeLimit', options.timeLimit, 1);
}
