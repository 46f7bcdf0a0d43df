// Dissectors for Wireshark, run by tshark: the same frames as the decoder of the framing finds, in streams that
// are cut into segments of 1 to 400 bytes. Rows of `formats`, other descriptions, and streams with noise.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { ROWS } from '../../src/codec/formats/formats.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { CHECKSUMS } from '../../src/codec/checksum-names.ts';
import { FrameScanner } from '../../src/framing/frame-scanner.ts';
import { framing, spotsOf } from '../../src/framing/framing.ts';
import { PREFIX_WORDS } from '../../src/framing/prefixes.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';
import { wiresharkDissector } from '../../src/wireshark/dissector.ts';
import { isUnstickError } from '../../src/errors.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { FORMAT_NAMES, frameBytes, valueOf, vectorsOf } from '../support/format-vectors.ts';
import { ethernet, ip, pcap } from '../support/packets.ts';
import { sampled, sampleName } from '../support/sample.ts';
import { findProgram } from './support/software.ts';

const run = promisify(execFile);
const tshark = findProgram('tshark');
const seed = Number(process.env['UNSTICK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const FIRST_PORT = 20_000;
const FRAMES_PER_STREAM = 40;
const MAX_SEGMENT = 400;
/** Number of dissectors that one run of tshark loads. */
const BATCH = 50;

/** A stream of one framing. Each has its own port and the name of its own protocol. */
interface Subject {
  readonly name: string;
  readonly framing: Framing;
  readonly stream: Uint8Array;
  /** Whether bytes between the frames are none. */
  readonly isNoisy?: boolean;
}

/** What was found: the length of a frame, and its payload in hex. */
type Found = readonly [length: number, payload: string];

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

function attempt(work: () => Uint8Array): Uint8Array | undefined {
  try {
    return work();
  } catch (error) {
    if (isUnstickError(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Frames of a row: its golden ones, and others with the same head around a payload of random bytes. */
function framesOf(name: (typeof FORMAT_NAMES)[number], random: Random): Uint8Array[] {
  const vectors = vectorsOf(name);
  const codec: unknown = framing(ROWS[name]);
  return Array.from({ length: FRAMES_PER_STREAM }, () => {
    const vector = vectors[random.below(vectors.length)] ?? '';
    const golden = frameBytes(vector);
    const value = valueOf(name, vector);
    const payload = randomBytes(random, random.below(random.below(3) === 0 ? 700 : 60));
    const other = value instanceof Uint8Array ? payload : { ...value, payload };
    const made = attempt(() => join((codec as Codec<unknown>).encode(other)));
    return made === undefined || random.below(3) === 0 ? golden : made;
  });
}

function payloadOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) {
    return value;
  }
  const payload: unknown = Reflect.get(value as object, 'payload');
  return payload as Uint8Array;
}

/** What the decoder finds in the whole stream. */
function ours({ framing: given, stream }: Subject): readonly Found[] {
  const spots = spotsOf(given);
  const lengths: number[] = [];
  const scanner = new FrameScanner(spots);
  scanner.push(stream, ({ start, end }) => lengths.push(end - start));
  const decoder = spots.codec.decoder({ onNoise: () => undefined });
  decoder.push(stream);
  return Array.from(decoder, (value, i) => [lengths[i] ?? 0, toHex(payloadOf(value))]);
}

function segmentsOf(stream: Uint8Array, random: Random): Uint8Array[] {
  const segments: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const length = 1 + random.below(random.below(2) === 0 ? 8 : MAX_SEGMENT);
    segments.push(stream.subarray(at, at + length));
    at += length;
  }
  return segments;
}

function captureOf(subjects: readonly Subject[], random: Random): Uint8Array {
  const packets = subjects.flatMap(({ stream }, i) => {
    const ends = { from: '10.0.0.1:50000', to: `10.0.0.2:${FIRST_PORT + i}` };
    let sequence = 1;
    return segmentsOf(stream, random).map((payload) => {
      const packet = ethernet(ip({ ...ends, sequence, payload }));
      sequence += payload.length;
      return { bytes: packet };
    });
  });
  return pcap(packets);
}

/** What tshark finds with the dissectors, for each subject. */
async function theirs(subjects: readonly Subject[], random: Random): Promise<Found[][]> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'unstick-lua-'));
  try {
    const trace = joinPath(folder, 'trace.pcap');
    writeFileSync(trace, captureOf(subjects, random));
    const protocols = subjects.map((subject, i) => {
      const { lua, protocol } = wiresharkDissector(subject.framing, { format: `t${i}` });
      writeFileSync(joinPath(folder, `${i}.lua`), lua);
      return protocol;
    });
    const scripts = protocols.flatMap((protocol, i) => [
      '-X',
      `lua_script:${joinPath(folder, `${i}.lua`)}`,
      '-d',
      `tcp.port==${FIRST_PORT + i},${protocol}`,
    ]);
    const fields = protocols.flatMap((protocol) =>
      ['length', 'payload_length', 'payload', 'wrong'].flatMap((one) => [
        '-e',
        `${protocol}.${one}`,
      ]),
    );
    const words = ['-n', '-r', trace, ...scripts, '-T', 'fields', ...fields];
    const { stdout, stderr } = await run('tshark', words, { maxBuffer: 2 ** 30 });
    expect(stderr.replace(/^Running as user .*\n/, '')).toBe('');
    return foundIn(stdout, subjects);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads the columns of tshark, four for each subject. What it finds wrong counts as a frame of length -1. */
function foundIn(text: string, subjects: readonly Subject[]): Found[][] {
  const found: Found[][] = subjects.map(() => []);
  for (const line of text.split('\n')) {
    const cells = line.split('\t');
    for (const [i, list] of found.entries()) {
      const [lengths = '', payloadLengths = '', payloads = '', wrong = ''] = cells.slice(4 * i);
      const bytes = payloads.split(',').values();
      const sizes = payloadLengths.split(',').map(Number);
      for (const [k, length] of lengths.split(',').entries()) {
        if (length !== '') {
          list.push([Number(length), sizes[k] === 0 ? '' : (bytes.next().value ?? '')]);
        }
      }
      if (wrong !== '' && !subjects[i]?.isNoisy) {
        list.push([-1, wrong]);
      }
    }
  }
  return found;
}

/** The streams in which tshark does not find what the decoder finds: none. */
async function differences(subjects: readonly Subject[]): Promise<object[]> {
  const random = randomOf(seed);
  const wrong: object[] = [];
  for (let at = 0; at < subjects.length; at += BATCH) {
    const batch = subjects.slice(at, at + BATCH);
    const found = await theirs(batch, random);
    for (const [i, subject] of batch.entries()) {
      const wanted = ours(subject);
      const isEnough = wanted.length > FRAMES_PER_STREAM / 2;
      if (!isEnough || JSON.stringify(wanted) !== JSON.stringify(found[i])) {
        wrong.push({ subject: subject.name, seed, wanted, found: found[i] });
      }
    }
  }
  return wrong;
}

const PARTS = { before: 3, after: 2, trailer: 1 };

/** Descriptions besides the rows: each kind of prefix, checksum, escape and codec. */
const DESCRIPTIONS: readonly Framing[] = [
  ...PREFIX_WORDS.filter((word) => word !== 'berTagAndLength').map((prefix): Framing => ({
    codec: 'lengthPrefixed',
    prefix: prefix as 'u8',
    before: 1,
    deliver: 'parts',
  })),
  { codec: 'lengthPrefixed', prefix: { digits: 5 }, ...PARTS, deliver: 'parts' },
  { codec: 'lengthPrefixed', prefix: { hexDigits: 3, letters: 'upper' }, adjust: 7 },
  { codec: 'lengthPrefixed', prefix: { bcd: 2 }, counts: ['prefix', 'payload'] },
  { codec: 'lengthPrefixed', prefix: { digitsUntil: '3a' }, trailer: '0d 0a' },
  {
    codec: 'lengthPrefixed',
    before: 2,
    prefix: { type: 'u32le', mask: '0f ff ff f0', swapIf: { at: 1, mask: '40' } },
    deliver: 'parts',
  },
  {
    codec: 'lengthPrefixed',
    before: '05 64',
    prefix: 'u16le',
    trailer: { checksum: 'CRC-16/DNP', order: 'le' },
  },
  ...Object.keys(CHECKSUMS).map((checksum): Framing => ({
    codec: 'lengthPrefixed',
    before: ['7a a7', { checksum: 'xor8', over: ['prefix'] }],
    prefix: 'u16be',
    after: { checksum, over: ['payload', { part: 'before', from: 1 }] },
  })),
  { codec: 'delimited', start: '02', end: '10 03', escape: 'dle', checksum: 'CRC-16/XMODEM' },
  {
    codec: 'delimited',
    start: '7e',
    end: '7e',
    escape: 'hdlc',
    checksum: { checksum: 'CRC-16/X-25', order: 'le' },
  },
  { codec: 'delimited', end: '0d 0a 0d' },
  { codec: 'delimited', end: '00', skipEmpty: true },
  { codec: 'lines' },
  { codec: 'cobs' },
  { codec: 'fixedLength', length: 17 },
  { codec: 'netstrings' },
  { codec: 'contentLength' },
  {
    codec: 'continued',
    frame: {
      codec: 'lengthPrefixed',
      prefix: { type: 'u32be', mask: '7fffffff' },
      deliver: 'parts',
    },
    mark: { part: 'flags', mask: '80000000', means: 'last' },
    fragmentLength: 100,
  },
  {
    codec: 'continued',
    frame: { codec: 'lengthPrefixed', before: ['aa', 2], prefix: 'u8', deliver: 'parts' },
    mark: { part: 'before', at: 1, mask: '04', means: 'more' },
    fragmentLength: 50,
  },
];

/** Descriptions whose decoders search behind noise. With a checksum a frame in the noise is none. */
const NOISY: readonly Framing[] = [
  { ...ROWS.cjt188, codec: 'lengthPrefixed', resync: true },
  { ...ROWS.dlt645, codec: 'lengthPrefixed', resync: true },
  {
    codec: 'lengthPrefixed',
    before: ['d5 5d', 1, { checksum: 'sum8', over: ['prefix'] }],
    prefix: 'u16be',
    trailer: { checksum: 'CRC-32' },
    deliver: 'parts',
    maxPayloadLength: 500,
    resync: { maxTries: 4 },
  },
];

/** A frame of a description around a random payload; undefined where the codec refuses the payload. */
function frameOf(given: Framing, random: Random): Uint8Array {
  const length = given.codec === 'fixedLength' ? given.length : random.below(250);
  const isText = random.below(2) === 0;
  const payload = isText
    ? utf8('a line of text '.repeat(17)).subarray(0, length)
    : randomBytes(random, length);
  const values: unknown[] = [
    payload,
    { payload },
    {
      payload,
      before: Uint8Array.of(1, 0x40 * random.below(2), 3),
      after: utf8('hi'),
      trailer: utf8('!'),
    },
    ...[1, 2].map((count) => ({ payload, before: randomBytes(random, count) })),
    ...[6, 9].map((count) => ({ payload, before: randomBytes(random, count) })),
    { payload, before: randomBytes(random, 7) },
  ];
  const codec: unknown = framing(given);
  for (const value of values) {
    const made = attempt(() => join((codec as Codec<unknown>).encode(value)));
    if (made !== undefined) {
      return made;
    }
  }
  return new Uint8Array(0);
}

function described(given: Framing, random: Random): Subject {
  const frames = Array.from({ length: 2 * FRAMES_PER_STREAM }, () => frameOf(given, random));
  return { name: JSON.stringify(given), framing: given, stream: join(frames) };
}

/** Frames with noise between some of them, which is full of markers. The last frames are undisturbed. */
function noisy(given: Framing, random: Random): Subject {
  const [marker = 0] = frameOf(given, random);
  const pieces = Array.from({ length: 3 * FRAMES_PER_STREAM }, (_, i) => {
    const length = i < 2 * FRAMES_PER_STREAM ? random.below(20) * random.below(2) : 0;
    const noise = randomBytes(random, length).map((byte) => (byte < 80 ? marker : byte));
    return join([noise, frameOf(given, random)]);
  });
  return { name: JSON.stringify(given), framing: given, stream: join(pieces), isNoisy: true };
}

describe.skipIf(tshark === undefined)('a dissector in tshark', () => {
  test(`finds the frames of the rows of formats: ${sampleName}`, async () => {
    const random = randomOf(seed);
    const subjects = sampled(FORMAT_NAMES, 8).map((name) => ({
      name,
      framing: ROWS[name],
      stream: join(framesOf(name, random)),
    }));
    expect(await differences(subjects)).toEqual([]);
  }, 300_000);

  test(`finds the frames of other descriptions: ${sampleName}`, async () => {
    const random = randomOf(seed);
    expect(
      await differences(sampled(DESCRIPTIONS, 8).map((given) => described(given, random))),
    ).toEqual([]);
  }, 300_000);

  test('goes on behind noise where the decoder does', async () => {
    const random = randomOf(seed);
    expect(await differences(NOISY.map((given) => noisy(given, random)))).toEqual([]);
  }, 300_000);

  test('drops markers with nothing between them', async () => {
    const stream = hex('7e7e7e 01 7e7e 02 7e 03 7e7e7e'.replaceAll(' ', ''));
    const given: Framing = { codec: 'delimited', start: '7e', end: '7e', escape: 'hdlc' };
    const [found = []] = await theirs([{ name: 'fill', framing: given, stream }], randomOf(seed));
    expect(found.map(([, payload]) => payload)).toEqual(['01', '02', '03']);
  });
});
