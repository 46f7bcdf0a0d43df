// The captures of Debian's sources of nDPI and Wireshark, and how to read one.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Capture } from '../../../src/capture/capture.ts';
import { captureKind } from '../../../src/capture/capture-reader.ts';
import type { CaptureEvent } from '../../../src/capture/events.ts';
import { isUnstickError } from '../../../src/errors.ts';
import { debianSource } from './debian-source.ts';

const PATTERNS: readonly string[] = [
  '*.pcap',
  '*.pcapng',
  '*.cap',
  '*.pcap.gz',
  '*.pcapng.gz',
  '*.ntar',
];

/** Source packages that have hundreds of captures. */
const SOURCES: readonly string[] = ['ndpi', 'wireshark'];

/** All captures of these source packages, fetched where they are not here yet. */
export async function capturePaths(
  sources: readonly string[] = SOURCES,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const source of sources) {
    paths.push(...(await debianSource(source, PATTERNS)));
  }
  return paths;
}

/** The bytes of a capture file, decompressed, as they come. */
async function* captureChunks(path: string): AsyncGenerator<Uint8Array> {
  let gunzip: ReturnType<typeof createGunzip> | undefined;
  let isFirst = true;
  const plain: Uint8Array[] = [];
  for await (const chunk of createReadStream(path)) {
    if (isFirst && captureKind(chunk) === 'gzip') {
      gunzip = createGunzip();
      gunzip.on('data', (bytes: Uint8Array) => plain.push(bytes));
    }
    isFirst = false;
    if (gunzip === undefined) {
      yield chunk;
    } else {
      gunzip.write(chunk);
    }
  }
  if (gunzip !== undefined) {
    const ended = new Promise((resolve) => gunzip.once('end', resolve));
    gunzip.end();
    await ended;
    yield* plain;
  }
}

/** All events of a capture file, as far as it can be read. */
export async function readCapture(
  path: string,
  visit: (event: CaptureEvent) => void,
): Promise<{ readonly capture: Capture; readonly problem: string | undefined }> {
  const capture = new Capture(visit);
  let problem: string | undefined;
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!isUnstickError(error)) {
        throw error;
      }
      problem ??= error.message;
    }
  };
  for await (const chunk of captureChunks(path)) {
    if (problem === undefined) {
      attempt(() => capture.push(chunk));
    }
  }
  attempt(() => capture.end());
  return { capture, problem };
}
