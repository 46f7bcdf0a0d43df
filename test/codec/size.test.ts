// The size of each codec of `unstick/codec` in a bundle for a page or a firmware, minified by esbuild and
// gzipped. The limits are the sizes reached so far; a change that makes a codec larger must raise them here.
//
// What makes up the 16.5 KiB of lengthPrefixed, measured by leaving files out: without checksums 15.3, without
// custom prefixes 15.1, without both 13.9. Without the words of errors and hints as well it is 11.7, and without
// the encoder 9.8: the rest is the queue, the machine, the decoder and the check of options. Of the 10.9 KiB of
// delimited 1.7 are escape maps. Algorithms of checksums, prefixes of digits, and the search behind noise cost
// nothing unless they are imported.

import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const KIB = 1024;

/** KiB at most, minified and gzipped. */
const MOST: Readonly<Record<string, number>> = {
  rawBytes: 3.45,
  continued: 4.0,
  fixedLength: 5.1,
  defineCodec: 5.8,
  lines: 8.2,
  cobs: 8.15,
  delimited: 11.15,
  headerPrefixed: 16.55,
  lengthPrefixed: 17,
  netstrings: 17.8,
  contentLength: 18.1,
};

interface Bundle {
  readonly kib: number;
  /** Source files that something is left of. */
  readonly files: readonly string[];
}

async function bundle(...names: readonly string[]): Promise<Bundle> {
  const contents = `export { ${names.join(', ')} } from './src/entries/codec.ts';`;
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
  });
  const [output] = Object.values(metafile.outputs);
  const files = Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file);
  return { kib: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / KIB, files };
}

describe('a bundle with one codec', () => {
  test.each(Object.entries(MOST))('%s has at most %d KiB', async (name, most) => {
    const { kib } = await bundle(name);
    expect(kib).toBeLessThanOrEqual(most);
    // A figure that lies far above what is measured holds nothing.
    expect(kib).toBeGreaterThan(most - 0.6);
  });

  const PASSED_IN = [
    'crc',
    'crc-presets',
    'sums',
    'digit-fields',
    'ber-length',
    'number-field',
    'resync',
  ];
  const ONLY_DELIMITED = ['checksum', 'running-checksum', 'delimited/frame-encoder', 'hex'];

  test.each<[string, readonly string[], readonly string[]]>([
    ['no algorithm, digits or search', ['lengthPrefixed', 'delimited'], PASSED_IN],
    ['no checksum and no whole frames', ['lines', 'cobs'], [...PASSED_IN, ...ONLY_DELIMITED]],
  ])('holds %s that nobody asked for', async (_, names, absent) => {
    const { files } = await bundle(...names);
    expect(absent.filter((name) => files.includes(`src/codec/${name}.ts`))).toEqual([]);
  });

  test('holds no table of formats and no socket', async () => {
    const { files } = await bundle(...Object.keys(MOST));
    expect(
      files.filter((file) => !/^src\/(?:codec\/(?!formats\/)|errors|utf8|options|text)/.test(file)),
    ).toEqual([]);
  });
});
