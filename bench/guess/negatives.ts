// Bytes without frames: what a guess must answer with 'none'.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import type { GuessStream } from '../../src/guess/stream.ts';
import { random as randomOf } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Case } from './cases.ts';

export interface Negative {
  readonly kind: string;
  readonly stream: GuessStream;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAX_BYTES = 65_536;
const MIN_BYTES = 200;
/** Number of cases of each kind that is made. */
const COUNT = 50;

/** Texts and sources of this repository. */
function texts(): Buffer[] {
  const folders = ['docs', 'src/codec', 'src/stream', 'src/prove/server'];
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((name) => /\.(?:md|ts)$/.test(name))
        .map((name) => readFileSync(join(ROOT, folder, name)).subarray(0, MAX_BYTES)),
    )
    .filter(({ length }) => length >= MIN_BYTES)
    .slice(0, COUNT);
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** Samples of sound: two tones and noise, of 8 or 16 bits, in one or two channels. */
function audio(random: Random): Buffer {
  const count = 2000 + random.below(14_000);
  const [low, high] = [random.between(1, 40) / 500, random.between(40, 400) / 500];
  const noise = random.below(60);
  const channels = random.between(1, 2);
  const isWide = random.chance(1, 2);
  const samples = Array.from({ length: count }, (_, i) => {
    const at = Math.floor(i / channels);
    const tone = 60 * Math.sin(at * low) + 40 * Math.sin(at * high);
    return tone + random.below(noise + 1) - noise / 2;
  });
  const bytes = Buffer.alloc(count * (isWide ? 2 : 1));
  samples.forEach((sample, i) => {
    if (isWide) {
      bytes.writeInt16LE(Math.round(sample * 200), i * 2);
    } else {
      bytes[i] = Math.max(0, Math.min(255, Math.round(sample + 128)));
    }
  });
  return bytes;
}

/** JPEG pictures, where ImageMagick is installed. */
function pictures(): Buffer[] {
  return Array.from({ length: 20 }, (_, i) => {
    const words = ['-seed', String(i), '-size', `${80 + i * 12}x120`, 'plasma:fractal', 'jpeg:-'];
    const { stdout } = spawnSync('convert', words, { maxBuffer: 1 << 24 });
    return stdout instanceof Buffer ? stdout.subarray(0, MAX_BYTES) : Buffer.alloc(0);
  }).filter(({ length }) => length >= MIN_BYTES);
}

/** What the TLS records of a direction hold, put together: encrypted but for the handshake. */
function insideTls(cases: readonly Case[]): Buffer[] {
  return cases
    .filter(({ protocol }) => protocol.name === 'TLS')
    .flatMap(({ streams }) =>
      streams.map(({ bytes, from, frames }) => {
        const starts = [from, ...frames];
        return Buffer.concat(
          frames.flatMap((end, i) => {
            const start = starts[i] ?? 0;
            return bytes[start] === 23 ? [bytes.subarray(start + 5, end)] : [];
          }),
        );
      }),
    )
    .filter(({ length }) => length >= MIN_BYTES);
}

/** The bytes as a stream: whole, or as reads of a socket that have nothing to do with the content. */
function toStream(bytes: Uint8Array, random: Random): GuessStream {
  if (random.chance(1, 2)) {
    return { direction: 'a>b', bytes };
  }
  const ends: number[] = [];
  for (let at = 0; at < bytes.length;) {
    at = Math.min(bytes.length, at + random.between(1, 1460));
    ends.push(at);
  }
  return { direction: 'a>b', bytes, ends };
}

function some(make: () => Buffer): Buffer[] {
  return Array.from({ length: COUNT }, make);
}

export function negatives(cases: readonly Case[], seed: number): Negative[] {
  const random = randomOf(seed);
  const plain = texts();
  const kinds: Readonly<Record<string, readonly Buffer[]>> = {
    'inside of TLS records': insideTls(cases),
    text: plain,
    gzip: plain.map((text) => gzipSync(text)),
    deflate: plain.map((text) => deflateRawSync(text)),
    brotli: plain.map((text) => brotliCompressSync(text)),
    'random bytes': some(() => randomBytes(random, random.between(MIN_BYTES, 20_000))),
    audio: some(() => audio(random)),
    JPEG: pictures(),
  };
  return Object.entries(kinds).flatMap(([kind, list]) =>
    list.map((bytes) => ({ kind, stream: toStream(bytes, random) })),
  );
}
