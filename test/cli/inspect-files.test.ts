// `unstick inspect` with files that hold something else than what it looks for: damaged ones, empty ones,
// captures without a conversation, and streams of another format.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hex, inPieces, join as joined } from '../support/bytes.ts';
import { runCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { capture, ethernet, ip, pcap } from '../support/packets.ts';

const HELLO = hex('00000005 68656c6c6f');
const TALK = capture({ sequence: 99, flags: 'S' }, { sequence: 100, payload: HELLO });

/** Runs the command in a folder with these files. */
function run(
  words: readonly string[],
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<Ran> {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-inspect-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(cwd, name), bytes);
  }
  return runCommand(['inspect', ...words], { cwd });
}

function linesOf({ stdout }: Ran): string[] {
  return stdout.split('\n').slice(0, -1);
}

/** Bytes that look random. */
function noise(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul((i + seed) ** 2, 0x9e3779b1) >>> 24);
}

describe('unstick inspect', () => {
  test.each([
    ['damaged', TALK.subarray(0, TALK.length - 1), /ends inside a packet .*\[ERR_CAPTURE\]/],
    ['not there', undefined, /Cannot read "t": ENOENT/],
    [
      'broken gzip',
      gzipSync(TALK).subarray(0, 40),
      /"t": The gzip is damaged or cut off: unexpected/,
    ],
    ['other gzip', gzipSync(HELLO), /neither pcap nor pcapng .* decompress other files first/],
    ['cut in its header', TALK.subarray(0, 20), /ends inside its header .* It has no packet/],
    ['empty', hex(''), /"t" is empty\. An empty stream is read with --raw/],
  ])('ends with 3 when a file is %s, and prints what can be read', async (_, file, message) => {
    const ran = await run(['t', '--frames', 'u32be'], file === undefined ? {} : { t: file });
    expect(ran.stderr).toMatch(message);
    expect(ran.code).toBe(3);
  });

  test('gives what a gzip has in front of its damage', async () => {
    const whole = capture(
      ...inPieces(noise(200_000, 0), 1000).map((payload, i) => ({ sequence: 1000 * i, payload })),
    );
    const packed = gzipSync(whole);
    const cut = packed.subarray(0, packed.length - 8);
    const words = ['t', '--frames', '{"codec":"fixedLength","length":1000}'];
    const [given, all] = [await run(words, { t: cut }), await run(words, { t: packed })];
    expect(all.code).toBe(0);
    expect(given.code).toBe(3);
    expect(packed.length).toBeGreaterThan(20_000);
    expect(linesOf(given)).toEqual(linesOf(all));
  });

  test.each<[string, Uint8Array, readonly string[], RegExp]>([
    ['no packet', pcap([]), [], /no conversation: 0 packets, 0 of TCP\./],
    [
      'no TCP',
      pcap([{ bytes: ethernet(ip({ sequence: 0 }, { protocol: 17 })) }]),
      [],
      /no conversation: 1 packet, 0 of TCP\./,
    ],
    [
      'only packets without their heads',
      pcap([{ bytes: ethernet(ip({ sequence: 0 })).subarray(0, 40), length: 54 }]),
      [],
      /1 packet with damaged or cut headers\./,
    ],
    ['an unknown link layer', pcap([{ bytes: hex('00*40') }], { linkType: 147 }), [], /layer 147/],
    ['no such name', TALK, ['--conversation', ':9001'], /None of 1 conversation has .* ":9001"/],
    ['no such number', TALK, ['--conversation', '1'], /None of 1 conversation has .* "1"/],
  ])(
    'ends with 3 and no verdict when there is nothing to inspect: %s',
    async (_, t, more, message) => {
      for (const way of [[], ['--json'], ['--errors']]) {
        const ran = await run(['t', '--frames', 'u32be', ...more, ...way], { t });
        expect(ran.stderr).toMatch(message);
        expect(ran.stdout).not.toContain('no wrong frame');
        expect(ran.code).toBe(3);
      }
    },
  );

  test('takes an empty stream with --raw', async () => {
    const ran = await run(['t', '--raw', '--frames', 'u32be'], { t: hex('') });
    expect(linesOf(ran).at(-1)).toBe('no wrong frame');
    expect(ran.code).toBe(0);
  });

  test('ends with 3 when nothing can be read of a link layer, and says which', async () => {
    const file = pcap([{ bytes: hex('00*40') }], { linkType: 147 });
    const ran = await run(['t', '--frames', 'u32be'], { t: file });
    expect(linesOf(ran).at(-1)).toBe(
      '1 packet, 0 of TCP; 1 packet of link layer 147, which cannot be read',
    );
    expect(ran.code).toBe(3);
  });

  test('says what a stream of another format looks like, and how to see it', async () => {
    const records = Array.from({ length: 40 }, (_, i) => {
      const length = 20 + ((i * 7) % 29);
      return joined([Uint8Array.of(i < 2 ? 22 : 23, 3, 3, 0, length), noise(length, 977 * i)]);
    });
    const t = joined(records);
    const { stdout, code } = await run(['t', '--frames', 'u32be'], { t });
    expect(code).toBe(1);
    expect(stdout).toContain('\n"t" does not fit the format: it is surely tlsRecord.\n');
    expect(stdout).toContain("\n  see it: --frames 'tlsRecord' --conversation 0\n");
    const words = ['t', '--frames', 'tlsRecord', '--conversation', '0'];
    expect((await run(words, { t })).stdout).toContain('\n40 frames of ');
    const lines = linesOf(await run(['t', '--frames', 'u32be', '--json'], { t }));
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({
      kind: 'guess',
      conversation: 't',
      verdict: 'sure',
      guesses: [{ format: 'tlsRecord' }],
    });
    expect(lines.at(-1)).toContain('"kind":"summary"');
  });
});
