// Invariant: delimited(), lines(), cobs() and fixedLength() agree with the slow oracle, and decode a stream
// to the same values and error however it is cut. If encode takes a value, decode returns the value again.

import { strictEqual } from 'node:assert';
import { dle, hdlc, jt808, jt809, slip } from '../../src/codec/delimited/escapes.ts';
import { resync } from '../../src/codec/resync.ts';
import { UsageError } from '../../src/errors.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { hex, toHex } from '../../test/support/bytes.ts';
import { codecIfAny, xor8 } from '../../test/support/delimited-arbitraries.ts';
import { atOnce, read } from '../../test/support/deliveries.ts';
import { slowReadDelimited, slowWriteDelimited } from '../../test/support/slow-delimited.ts';
import type { SlowFraming } from '../../test/support/slow-delimited.ts';
import { cutsOf, hearAllWays } from './deliveries.ts';
import { showFrame } from './frames.ts';
import { Choices, concat, randomBytes, streamOf } from './target.ts';
import type { Target } from './target.ts';

/** Number of bytes at the start of a case that choose the framing. */
const optionBytes = 10;

const ends: readonly [Uint8Array, ...Uint8Array[]] = [
  hex('7e'),
  ...['0a', '00', 'c0', '5d', '0d0a', '0d0a0d', '6161', '616162', '1003', '1c0d'].map(hex),
];
const maps = [undefined, slip, hdlc, jt808, dle, jt809] as const;
const searches = [undefined, undefined, resync(), resync({ maxGap: 40, maxTries: 2 })] as const;
const limits = [65_536, 0, 1, 5, 20, 254, 255, 1000] as const;

function framingOf(choices: Choices): SlowFraming {
  const kind = choices.below(8);
  const maxLength = choices.pick(limits);
  if (kind === 1) {
    return { kind: 'lines', maxLength, newline: choices.flag() ? 'crlf' : 'lf' };
  }
  if (kind === 2) {
    return { kind: 'cobs', maxLength };
  }
  if (kind === 3) {
    return { kind: 'fixed', length: 1 + choices.below(20) };
  }
  const end = choices.pick(ends);
  const start = [undefined, end, choices.pick(ends)][choices.below(3)];
  const options = {
    start,
    end,
    maxLength,
    escape: choices.pick(maps),
    checksum: choices.pick([undefined, undefined, xor8]),
    strip: choices.below(4) !== 3,
    skipEmpty: choices.pick([undefined, undefined, true]),
  };
  const search = choices.pick(searches);
  return { kind: 'delimited', options: { ...options, resync: start && search } };
}

/** `options (10) | flags (1) | seed of the cuts (4) | the stream`. */
interface DelimitedCase {
  readonly framing: SlowFraming;
  readonly skips: boolean;
  readonly seed: number;
  readonly stream: Uint8Array;
}

function parseCase(bytes: Uint8Array): DelimitedCase {
  const choices = new Choices(bytes.subarray(optionBytes));
  const flags = choices.byte();
  return {
    framing: framingOf(new Choices(bytes.subarray(0, optionBytes))),
    skips: flags % 2 === 1,
    seed: choices.seed(),
    stream: streamOf(flags, choices.rest()),
  };
}

/** Maximum length of a stream for the oracle, whose time grows with the square of the length. */
const longestForOracle = 600;

function fuzz(bytes: Uint8Array): void {
  const { framing, skips, seed, stream } = parseCase(bytes);
  const codec = codecIfAny(framing);
  if (codec === undefined) {
    return;
  }
  hearAllWays(codec, stream, { skips, cuts: cutsOf(seed, stream), show: showFrame });
  if (stream.length > longestForOracle) {
    return;
  }
  const expected = slowReadDelimited(framing, stream, { ended: true, skips });
  strictEqual(JSON.stringify(read(codec, atOnce(stream), skips)), JSON.stringify(expected));
  let frame: Uint8Array;
  try {
    frame = concat(...codec.encode(stream));
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ERR_FRAME_UNENCODABLE') {
      return;
    }
    throw error;
  }
  strictEqual(codec.encodedLength(stream), frame.length, 'encodedLength');
  const back = slowReadDelimited(framing, frame, { ended: true, skips: false });
  const event = { kind: 'value', value: toHex(stream) };
  strictEqual(
    JSON.stringify(back),
    JSON.stringify({ events: [event], error: undefined, rest: '' }),
  );
}

function sample(source: Random): Uint8Array {
  for (;;) {
    const head = randomBytes(source, optionBytes);
    const framing = framingOf(new Choices(head));
    if (codecIfAny(framing) === undefined) {
      continue;
    }
    const frames = Array.from({ length: source.below(5) }, () => {
      const length =
        framing.kind === 'fixed' ? framing.length : source.pick([0, 1, 7, source.below(60)]);
      return slowWriteDelimited(framing, randomBytes(source, length));
    });
    return concat(head, randomBytes(source, 5), ...frames);
  }
}

function schedule(bytes: Uint8Array): Schedule {
  const { seed, stream } = parseCase(bytes);
  return cutsOf(seed, stream);
}

export const delimitedFrames: Target = {
  name: 'delimited',
  fuzz,
  sample,
  schedule,
  dictionary: 'delimited',
};
