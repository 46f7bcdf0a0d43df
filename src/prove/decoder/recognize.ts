// Finds out, before anything is judged, how to drive a target, and whether the target takes good streams. A
// target that the prover cannot drive, or that gives no value at all, must not be called BROKEN.

import type { DecoderTarget } from './options.ts';
import { deliverAll } from './delivery.ts';
import { framesOf, repeated } from './streams.ts';
import type { Stream } from './streams.ts';
import { iterableTarget, webTarget } from './target-async.ts';
import { nodeTarget } from './target-node.ts';
import { pushTarget } from './target-push.ts';
import { decoderTarget } from './target.ts';
import type { Target } from './target.ts';
import { Stalled } from './terms.ts';
import type { Delivery, Outcome, Rules } from './terms.ts';

/** Wraps a target of any shape as a Target. `streams` are good streams, of which the last is the longest. */
export async function targetOf(
  given: DecoderTarget<unknown, unknown>,
  streams: readonly Stream[],
): Promise<Target> {
  if ('decoder' in given) {
    return decoderTarget(given);
  }
  if ('push' in given) {
    const stream = streams.at(-1);
    return pushTarget(
      given.push,
      (stream && framesOf(stream)) ?? [stream?.bytes ?? Buffer.alloc(0)],
    );
  }
  if ('transform' in given) {
    return nodeTarget(given.transform);
  }
  return 'web' in given ? webTarget(given.web) : iterableTarget(given.iterable);
}

/** What the prover saw when it delivered good streams to a target. */
export interface FirstLook {
  /** 'silent': neither a value nor an error came, in whatever chunks. 'stalls': the target did not finish. */
  readonly state: 'answers' | 'silent' | 'stalls';
  /** A stream that the target takes several times on one connection; `undefined` if none was found. */
  readonly repeatable: Stream | undefined;
}

/** Settings of a look, besides the target. */
export interface LookOptions {
  readonly rules: Rules;
  readonly stallAfter: number;
}

const toEnd = (chunks: readonly Uint8Array[]): Delivery => ({
  chunks,
  ending: 'end',
  reading: 'eager',
});

/** Returns every byte as a chunk of its own. */
function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
}

/**
 * Returns how far the mean frame length is from 16 bytes. Frames of about 16 bytes are not empty, and a chunk
 * holds many of them.
 */
function farFromSmall({ bytes, boundaries = [] }: Stream): number {
  return Math.abs(bytes.length / Math.max(1, boundaries.length - 1) - 16);
}

const REPETITIONS = [2, 4];

/**
 * Returns whether the target takes the stream several times on one connection. A stream that holds a greeting
 * is not repeatable, because a greeting comes only once.
 */
async function isRepeatable(
  target: Target,
  stream: Stream,
  { rules, stallAfter }: LookOptions,
): Promise<boolean> {
  const deliveries = [1, ...REPETITIONS].map((count) =>
    toEnd([repeated(stream.bytes, count * stream.bytes.length)]),
  );
  const [once, ...more] = await deliverAll(target, deliveries, stallAfter);
  if (once === undefined || once.failure !== undefined || once.values.length === 0) {
    return false;
  }
  return more.every(({ values, failure }, index) => {
    const count = REPETITIONS[index] ?? 1;
    const expected = Array.from({ length: count }, () => once.values).flat();
    return failure === undefined && rules.same(expected, values);
  });
}

async function findRepeatable(
  target: Target,
  streams: readonly Stream[],
  options: LookOptions,
): Promise<Stream | undefined> {
  const [stream] = streams
    .filter(({ bytes, boundaries }) => boundaries !== undefined && bytes.length > 0)
    .sort((one, other) => farFromSmall(one) - farFromSmall(other));
  return stream !== undefined && (await isRepeatable(target, stream, options)) ? stream : undefined;
}

/**
 * Delivers the longest good stream in several ways, and returns what it saw. Throws UnknownShape for a target
 * that it cannot drive.
 */
export async function lookAt(
  target: Target,
  streams: readonly Stream[],
  options: LookOptions,
): Promise<FirstLook> {
  const stream = streams.at(-1);
  if (stream === undefined || stream.bytes.length === 0) {
    return { state: 'answers', repeatable: undefined };
  }
  const ways = [[stream.bytes], singly(stream.bytes), framesOf(stream) ?? []];
  const outcomes: Outcome[] = [];
  for (const chunks of ways) {
    const [outcome] = await deliverAll(target, [toEnd(chunks)], options.stallAfter);
    if (outcome?.failure?.error instanceof Stalled) {
      return { state: 'stalls', repeatable: undefined };
    }
    outcomes.push(...(outcome === undefined ? [] : [outcome]));
  }
  const silent = outcomes.every(
    ({ values, failure }) => values.length === 0 && failure === undefined,
  );
  return silent
    ? { state: 'silent', repeatable: undefined }
    : { state: 'answers', repeatable: await findRepeatable(target, streams, options) };
}

/** The words of the report for a target that gave no value. */
export const SILENT = {
  because: 'no value came of a good stream',
  hint: 'Check that the target hands its values over: returned or emitted by push, read from transform or web, yielded by iterable. Values that come as events need { push: (emit) => … }.',
};
