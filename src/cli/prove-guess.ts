// The flag `prove --guess`: finds out how the requests are framed, from the requests or from a capture of the
// protocol. The guess is put in as the word of --frames, so that the report and its replay line name a
// framing and not a guess.

import { printFraming } from '../framing/words.ts';
import { spotsOf } from '../framing/framing.ts';
import { GUESSED_LENGTH, StreamCollector } from '../guess/collect.ts';
import type { Collected } from '../guess/collect.ts';
import { guess } from '../guess/guess.ts';
import type { Guess, Verdict } from '../guess/guess.ts';
import { isUnstickError } from '../errors.ts';
import { refuse } from '../options.ts';
import { printable } from '../text.ts';
import { frameSpans } from './frame-spans.ts';
import { gather } from './gather.ts';
import { reading } from './inputs.ts';
import { shownLine } from './print.ts';
import type { ProveFlags } from './prove-options.ts';

interface Candidate {
  readonly guess: Guess;
  readonly verdict: Verdict;
}

/**
 * Returns the flags with --frames in the place of --guess. Rejects with UsageError when no framing is found.
 */
export async function withGuess<F extends ProveFlags>(
  flags: F,
  requests: readonly Uint8Array[],
): Promise<F> {
  const { guess: source, frames, codec, dialogue } = flags;
  if (source === undefined || source === false) {
    return flags;
  }
  if (frames !== undefined || codec !== undefined || dialogue !== undefined) {
    refuse(
      '--guess excludes --frames, --codec and --dialogue.',
      'It says how the requests of --send are framed.',
    );
  }
  const found = source === true ? fromRequests(requests) : await fromCapture(source);
  const stream = Buffer.concat(requests);
  const best = found.find((each) => isFramed(stream, each));
  if (best === undefined) {
    const where = source === true ? 'the requests' : printable(source);
    const hint =
      source === true
        ? 'Give more requests, a capture (--guess trace.pcap), or --frames.'
        : 'Give --frames.';
    const facts = `No framing that fits the requests was found in ${where}.`;
    return source === true ? refuse(facts, hint) : reading(() => refuse(facts, hint));
  }
  const word = best.guess.format ?? printFraming(best.guess.framing);
  process.stderr.write(`${shownLine(`guess: --frames ${word} (${best.verdict})`)}\n`);
  return { ...flags, guess: undefined, frames: word };
}

/** Returns the guesses for the requests. Each request counts as a chunk. */
function fromRequests(requests: readonly Uint8Array[]): Candidate[] {
  let end = 0;
  const ends = requests.map(({ length }) => (end += length));
  return candidatesOf([{ direction: 'a>b', bytes: Buffer.concat(requests), ends }]);
}

/** Returns the guesses for the streams of a capture that go to the server, the best first. */
async function fromCapture(path: string): Promise<Candidate[]> {
  const collector = new StreamCollector(GUESSED_LENGTH);
  // Ctrl-C ends the process: a guess from a part of the capture is not what was asked for.
  const { signal } = new AbortController();
  const { problem } = await gather(
    [path],
    {},
    { command: 'prove', visit: collector.add, flush: () => Promise.resolve(), signal },
  );
  if (problem !== undefined) {
    throw problem;
  }
  return collector
    .collected()
    .flatMap(({ streams }) => candidatesOf(streams))
    .toSorted((a, b) => b.guess.bits - a.guess.bits);
}

/** Returns the guesses that say how requests are framed from their first byte on. */
function candidatesOf(streams: Collected['streams']): Candidate[] {
  const { verdict, guesses } = guess(streams);
  return guesses
    .filter(({ direction, from }) => direction !== 'b>a' && from === 0)
    .map((one) => ({ guess: one, verdict }));
}

/** Returns whether the requests are whole frames of this framing. */
function isFramed(stream: Uint8Array, { guess: { framing } }: Candidate): boolean {
  try {
    return frameSpans(stream, spotsOf(framing)).at(-1)?.end === stream.length;
  } catch (error) {
    if (isUnstickError(error)) {
      return false;
    }
    throw error;
  }
}
