// `unstick guess` as people start it: what it prints for each source, how it ends, what it refuses.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { join as joined, utf8 } from '../support/bytes.ts';
import { runCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { expectHarmless } from '../support/hostile-text.ts';
import { capture } from '../support/packets.ts';

const NAMES = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];

/** A type, a number of two bytes that counts what follows, and a name. */
const FRAMES = NAMES.map((name, i) =>
  joined([Uint8Array.of(0x50 + (i % 3), 0, name.length), utf8(name)]),
);

function run(
  words: readonly string[],
  files: Readonly<Record<string, Uint8Array>> = {},
  input?: Uint8Array,
): Promise<Ran> {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-guess-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(cwd, name), bytes);
  }
  return runCommand(['guess', ...words], input === undefined ? { cwd } : { cwd, input });
}

const asHex = FRAMES.map((frame) => Buffer.from(frame).toString('hex')).join(' | ');

test('bytes in words, with their cuts', async () => {
  const { stdout, code } = await run(['--hex', asHex]);
  expect(stdout).toContain('u16be@1 (to the server): 8 of 8 frames fit');
  expect(code).toBe(0);
});

test('--json has one object a conversation', async () => {
  const { stdout, code } = await run(['--hex', asHex, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    conversation: 'hex',
    verdict: 'sure',
    guesses: [{ framing: { codec: 'lengthPrefixed', prefix: 'u16be', before: 1 }, from: 0 }],
  });
  expect(code).toBe(0);
});

test('a file of bytes, whose cuts say nothing, and the standard input', async () => {
  const bytes = joined([...FRAMES, ...FRAMES.toReversed(), ...FRAMES]);
  const file = await run(['stream.bin', '--json'], { 'stream.bin': bytes });
  const piped = await run(['-', '--json'], {}, bytes);
  for (const { stdout } of [file, piped]) {
    expect(JSON.parse(stdout).guesses[0]).toMatchObject({ frames: [24, 24] });
  }
});

test('a capture, and the line that shows it', async () => {
  let sequence = 100;
  const packets = FRAMES.map((payload) => {
    const packet = { sequence, acknowledged: 500, payload };
    sequence += payload.length;
    return packet;
  });
  const bytes = capture({ sequence: 99, flags: 'S' }, ...packets);
  const { stdout, code } = await run(['trace.pcap'], { 'trace.pcap': bytes });
  expect(stdout).toContain('8 of 8 chunks end where a frame ends');
  expect(stdout).toContain('see it: unstick inspect "trace.pcap" --frames');
  expect(code).toBe(0);
});

test.each([
  ['no framing', ['text'], 3],
  ['an empty file', ['empty'], 3],
  ['no file', ['missing'], 3],
  ['no source', [], 2],
  ['two kinds of source', ['text', '--hex', '00'], 2],
  ['hex that is none', ['--hex', 'xyz'], 2],
  ['a size without a unit that it knows', ['text', '--most', '3parsecs'], 2],
] as const)('%s ends with a code that says so', async (_, words, exit) => {
  const files = { text: utf8('It was a dark and stormy night; the rain fell.\n'), empty: utf8('') };
  const ran = await run(words, files);
  expect(ran.code).toBe(exit);
  expectHarmless(ran.stdout + ran.stderr);
});
