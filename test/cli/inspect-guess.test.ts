// `unstick inspect --guess` as people start it: the guess, the frames that follow from it, and its refusals.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hex, join as joined, utf8 } from '../support/bytes.ts';
import { runCommand, startCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { expectHarmless } from '../support/hostile-text.ts';
import { capture } from '../support/packets.ts';
import { freePort } from '../support/free-port.ts';

function folder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-inspect-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

/** Runs it in a folder with these files. */
function run(
  words: readonly string[],
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<Ran> {
  const cwd = folder();
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(cwd, name), bytes);
  }
  return runCommand(['inspect', ...words], { cwd });
}

function linesOf({ stdout }: Ran): string[] {
  return stdout.split('\n').slice(0, -1);
}

/** Frames of a type, a number of two bytes that counts what follows, and a name. */
const NAMES = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];
const NAMED = NAMES.map((name, i) =>
  joined([Uint8Array.of(0x50 + (i % 3), 0, name.length), utf8(name)]),
);
const asHex = (frames: readonly Uint8Array[]): string =>
  frames.map((frame) => Buffer.from(frame).toString('hex')).join(' | ');
const jsonOf = (ran: Ran): Record<string, unknown>[] =>
  linesOf(ran).map((line): Record<string, unknown> => JSON.parse(line));

describe('inspect --guess', () => {
  test('says what it guessed and how sure, and then inspects with it', async () => {
    const ran = await run(['--guess', '--hex', asHex(NAMED)]);
    expect(linesOf(ran).slice(0, 2)).toEqual([
      '"hex": guess: sure',
      '  u16be@1 (to the server): 8 of 8 frames fit',
    ]);
    expect(ran.stdout).toContain('a>b #1 @10 3+5 bytes, chunk 1\n');
    expect(ran.stdout).toContain('8 frames of 7 to 10 bytes');
    expect(ran.code).toBe(0);
  });

  test('finds frames where --frames finds them', async () => {
    const [guessed, given] = await Promise.all([
      run(['--guess', '--json', '--hex', asHex(NAMED)]),
      run(['--frames', 'u16be@1', '--json', '--hex', asHex(NAMED)]),
    ]);
    const frames = (ran: Ran) => jsonOf(ran).filter(({ kind }) => kind !== 'source');
    expect(frames(guessed).filter(({ kind }) => kind !== 'guess')).toEqual(frames(given));
    expect(jsonOf(guessed)[1]).toMatchObject({
      kind: 'guess',
      verdict: 'sure',
      conversation: 'hex',
    });
  });

  test('keeps offsets and pieces where frames begin behind a greeting', async () => {
    const greeting = utf8('hello from a server of version 7\n');
    const ran = await run(['--guess', '--json', '--hex', asHex([greeting, ...NAMED])]);
    const { length } = greeting;
    expect(jsonOf(ran)).toContainEqual({
      kind: 'gap',
      conversation: 'hex',
      direction: 'a>b',
      offset: 0,
      length,
      why: 'noise',
    });
    expect(jsonOf(ran).find(({ kind }) => kind === 'frame')).toMatchObject({
      offset: length,
      payloadOffset: length + 3,
      pieces: [1, 1],
    });
    expect(jsonOf(ran).at(-1)).toMatchObject({
      noiseBytes: length,
      bytes: length + joined(NAMED).length,
    });
  });

  test('takes a capture, and a wrong frame in it is a finding', async () => {
    const wrong = [...NAMED, hex('53 ffff 00'), ...NAMED];
    let sequence = 100;
    const packets = wrong.map((payload) => {
      const packet = { sequence, acknowledged: 500, payload };
      sequence += payload.length;
      return packet;
    });
    const file = capture({ sequence: 99, flags: 'S' }, ...packets);
    const ran = await run(['trace.pcap', '--guess', '--json'], { 'trace.pcap': file });
    const kinds = jsonOf(ran).map(({ kind }) => kind);
    expect(kinds.slice(0, 3)).toEqual(['source', 'guess', 'frame']);
    expect(kinds.at(-1)).toBe('summary');
  });

  test('tells a live connection as soon as it is sure', async () => {
    const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const to = typeof address === 'object' && address !== null ? address.port : 0;
    const listen = await freePort();
    const words = ['--guess', '--json', '--listen', `:${listen}`, '--to', `:${to}`];
    const { child, ended } = startCommand(['inspect', ...words], { cwd: folder() });
    await once(child.stderr ?? child, 'data');
    const socket = net.connect(listen, '127.0.0.1');
    let said = '';
    child.stdout?.on('data', (text: string) => (said += text));
    // Each frame is a chunk, since the one before it has come back. The connection stays open, so what is
    // printed was printed before its end.
    for (const frame of [...NAMED, ...NAMED, ...NAMED, ...NAMED]) {
      socket.write(frame);
      await once(socket, 'data');
    }
    await expect.poll(() => said).toContain('"kind":"frame"');
    socket.destroy();
    expect((await ended).code).toBe(0);
  });

  test.each([
    ['text', { words: ['text'], code: 3, says: 'No framing was found' }],
    ['an empty file', { words: ['empty'], code: 3, says: 'is empty' }],
    ['--frames beside it', { words: ['text', '--frames', 'u32be'], code: 2, says: '--guess' }],
  ] as const)('refuses %s', async (_, { words, code, says }) => {
    const files = { text: utf8('It was a dark and stormy night.\n'), empty: utf8('') };
    const ran = await run(['--guess', ...words], files);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(says);
    expect(ran.stdout).not.toContain('no wrong frame');
    expectHarmless(ran.stdout + ran.stderr);
  });
});
