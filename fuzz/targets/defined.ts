// Invariant: codecs of defineCodec() and continued() decode a stream to the same values and error however it
// is cut. If encode takes a decoded value, decode returns the same value again. Most codecs are those of
// docs/kit.md, so the fuzzer tests the recipes as well.

import { strictEqual } from 'node:assert';
import type { Codec } from '../../src/codec/codec.ts';
import { UsageError } from '../../src/errors.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { toHex } from '../../test/support/bytes.ts';
import { http2, mysql, oncRpc, withControl } from '../../test/support/continued-codecs.ts';
import { dnp3 } from '../../test/support/kit/dnp3.ts';
import { fastCgi } from '../../test/support/kit/fastcgi.ts';
import { modbusRtu } from '../../test/support/kit/modbus-rtu.ts';
import { omnicomm } from '../../test/support/kit/omnicomm.ts';
import { pktLine } from '../../test/support/kit/pkt-line.ts';
import { resp } from '../../test/support/kit/resp.ts';
import { rtsp } from '../../test/support/kit/rtsp.ts';
import { sip } from '../../test/support/kit/sip.ts';
import { stomp } from '../../test/support/kit/stomp.ts';
import { zmtp } from '../../test/support/kit/zmtp.ts';
import { netstringCodec } from '../../test/support/netstring-codec.ts';
import { cutsOf, hearAllWays } from './deliveries.ts';
import { Choices, concat, randomBytes, streamOf } from './target.ts';
import type { Target } from './target.ts';

/** A codec, and a function that makes valid values for it. */
interface Subject {
  readonly codec: Codec<unknown>;
  readonly values: (source: Random) => unknown;
}

/**
 * Makes a subject and drops the type of its values. That is safe, because it makes values for its own codec
 * only.
 */
function subject<T>(codec: Codec<T, unknown>, values: (source: Random) => T): Subject {
  const erased: unknown = { codec, values };
  return erased as Subject;
}

const bytes = (source: Random, most = 40): Uint8Array => randomBytes(source, source.below(most));
const words = ['a', 'Content-Length', 'x: y', ''] as const;
const headers = (source: Random): string[] => [`Via: ${source.pick(words)}`];

const ZMTP = subject(zmtp, (source) => ({
  flags: source.below(2),
  payload: bytes(source, 600),
}));

const SUBJECTS: readonly [Subject, ...Subject[]] = [
  subject(netstringCodec, (source) => bytes(source)),
  subject(pktLine, (source) => (source.below(3) === 0 ? 'flush' : bytes(source))),
  subject(resp, (source) => [bytes(source), [BigInt(source.below(99)), null], { simple: 'OK' }]),
  subject(stomp, (source) => ({
    command: 'SEND',
    headers: [
      ['note', source.pick(['a:b', '\n', '\\'])] as const,
      ['content-length', '3'] as const,
    ],
    body: randomBytes(source, 3),
  })),
  subject(sip, (source) => ({ start: 'OPTIONS', headers: headers(source), body: bytes(source) })),
  subject(rtsp, (source) =>
    source.below(2) === 0
      ? { channel: 1, payload: bytes(source) }
      : { start: 'PLAY', headers: headers(source), body: bytes(source) },
  ),
  ZMTP,
  subject(dnp3, (source) => ({ control: 1, destination: 2, source: 3, payload: bytes(source) })),
  subject(fastCgi, (source) => ({ type: 5, requestId: 1, content: bytes(source) })),
  subject(modbusRtu('request'), (source) => ({ unit: 1, code: 3, data: randomBytes(source, 4) })),
  subject(modbusRtu('response'), (source) => ({ unit: 1, code: 6, data: randomBytes(source, 4) })),
  subject(oncRpc(7, { maxLength: 60, maxFragments: 9 }), (source) => ({ payload: bytes(source) })),
  subject(mysql(5), (source) => ({ after: Uint8Array.of(0), payload: bytes(source) })),
  subject(http2, (source) => ({
    after: Uint8Array.of(1, 4, 0, 0, 0, 1),
    payload: bytes(source),
  })),
  subject(withControl, (source) => ({ before: Uint8Array.of(0), payload: bytes(source, 6) })),
  // Add new subjects at the end: the files of the corpus name a subject by its index.
  subject(omnicomm, (source) => ({ command: source.below(256), data: bytes(source) })),
];

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) {
      return toHex(part);
    }
    return typeof part === 'bigint' ? `${part}n` : part;
  });
}

/** `codec (1) | flags (1) | seed of the cuts (4) | the stream`. */
interface DefinedCase {
  readonly subject: Subject;
  readonly skips: boolean;
  readonly seed: number;
  readonly stream: Uint8Array;
}

function parseCase(given: Uint8Array): DefinedCase {
  const choices = new Choices(given);
  const one = choices.pick(SUBJECTS);
  const flags = choices.byte();
  const seed = choices.seed();
  return { subject: one, skips: flags % 2 === 1, seed, stream: streamOf(flags, choices.rest()) };
}

function fuzz(given: Uint8Array): void {
  const { subject: one, skips, seed, stream } = parseCase(given);
  const { codec } = one;
  hearAllWays(codec, stream, { skips, cuts: cutsOf(seed, stream), show });
  const decoder = codec.decoder({ onSkip: () => {} });
  decoder.push(stream);
  try {
    for (let value = decoder.take(); value !== undefined; value = decoder.take()) {
      comesBack(codec, value);
    }
  } catch (error) {
    if (!(error instanceof Error && 'byteOffset' in error)) {
      throw error;
    }
  }
}

/**
 * Checks that a decoded value comes back after encode and decode. Encode may refuse a value that it cannot
 * write.
 */
function comesBack(codec: Codec<unknown>, value: unknown): void {
  let frame: Uint8Array;
  try {
    frame = concat(...codec.encode(value));
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ERR_FRAME_UNENCODABLE') {
      return;
    }
    throw error;
  }
  // The codec of ZMTP reads the start of a stream as its greeting.
  const isBehind = codec === ZMTP.codec && !isGreeting(value);
  const decoder = codec.decoder();
  decoder.push(isBehind ? concat(new Uint8Array(64), frame) : frame);
  const first = decoder.take();
  const again = isBehind ? decoder.take() : first;
  // A value of several frames has the marks of its first frame, and encode sets them anew. So compare bytes.
  strictEqual(toHex(concat(...codec.encode(again))), toHex(frame), 'a value comes back');
  strictEqual(decoder.take(), undefined, 'no second value comes');
}

const isGreeting = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'greeting' in value;

function sample(source: Random): Uint8Array {
  const index = source.below(SUBJECTS.length);
  const { codec, values } = SUBJECTS[index] ?? SUBJECTS[0];
  const frames = Array.from({ length: source.below(5) }, () => codec.encode(values(source)));
  const start = codec === ZMTP.codec ? [new Uint8Array(64)] : [];
  return concat(Uint8Array.of(index), randomBytes(source, 5), ...start, ...frames.flat());
}

function schedule(given: Uint8Array): Schedule {
  const { seed, stream } = parseCase(given);
  return cutsOf(seed, stream);
}

export const defined: Target = { name: 'defined', fuzz, sample, schedule, dictionary: 'defined' };
