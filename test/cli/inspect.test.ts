// `unstick inspect` as people start it: what it prints for each source, how it ends, what it refuses.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hex, join as joined, utf8 } from '../support/bytes.ts';
import { commandLine, runCommand, startCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { expectHarmless, HOSTILE } from '../support/hostile-text.ts';
import { capture, CLIENT, pcap, SERVER } from '../support/packets.ts';
import { freePort } from '../support/free-port.ts';

const HELLO = hex('00000005 68656c6c6f');
const HI = hex('00000002 6869');

function folder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-inspect-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

/** Runs it in a folder with these files. */
function run(
  words: readonly string[],
  files: Readonly<Record<string, Uint8Array>> = {},
  input?: Uint8Array,
): Promise<Ran> {
  const cwd = folder();
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(cwd, name), bytes);
  }
  const options = input === undefined ? { cwd } : { cwd, input };
  return runCommand(['inspect', ...words], options);
}

function linesOf({ stdout }: Ran): string[] {
  return stdout.split('\n').slice(0, -1);
}

/** The conversation that says hello and hi, cut in the length of the second. */
const TALK = capture(
  { sequence: 99, flags: 'S' },
  { from: SERVER, to: CLIENT, sequence: 499, acknowledged: 100, flags: 'SA' },
  { sequence: 100, acknowledged: 500, payload: joined([HELLO, HI.subarray(0, 2)]) },
  { sequence: 111, acknowledged: 500, payload: HI.subarray(2) },
  { from: SERVER, to: CLIENT, sequence: 500, acknowledged: 115, payload: HI },
);
const NAME = '10.0.0.1:40000>10.0.0.2:9000';

describe('unstick inspect', () => {
  test('draws frames and chunks as README does', async () => {
    const ran = await run([
      '--hex',
      '0000 | 0005 68656c | 6c6f 00000002 68 | 69',
      '--frames',
      'u32be',
    ]);
    expect(linesOf(ran)).toEqual([
      'hex',
      'a>b #0 @0 4+5 bytes, chunks 0-2, half: cut in head and payload',
      '    ┌00 00 00 05┬h  e  l  l  o ┐',
      '     00 00|00 05 68 65 6c|6c 6f',
      'a>b #1 @9 4+2 bytes, chunks 2-3, half: cut in payload, sticks to #0',
      '    ┌00 00 00 02┬h  i ┐',
      '     00 00 00 02 68|69',
      '1 conversation, 4 chunks, 15 bytes',
      '2 frames of 6 to 9 bytes, mean 7.5',
      '2 half (100 %): cut in the head 1, in the payload 2, in the tail 0 times; 1 chunk sticky (25 %)',
      'no wrong frame',
    ]);
    expect(ran.code).toBe(0);
  });

  test.each([
    ['0001 61', '1 frame of 3 bytes'],
    ['0001 61 | 0001 62', '2 frames of 3 bytes'],
    ['0001 61 | 0002 6262', '2 frames of 3 to 4 bytes, mean 3.5'],
  ])('says how long the frames of %s are', async (bytes, says) => {
    const ran = await run(['--hex', bytes, '--frames', 'u16be']);
    expect(linesOf(ran)).toContain(says);
  });

  test.each([
    ['a capture', TALK],
    ['a capture in gzip', gzipSync(TALK)],
  ])('reads %s', async (_, file) => {
    const ran = await run(['talk.pcap', '--frames', 'u32be'], { 'talk.pcap': file });
    expect(linesOf(ran)).toEqual([
      NAME,
      'a>b #0 @0 4+5 bytes, segment 0',
      'a>b #1 @9 4+2 bytes, segments 0-1, half: cut in head, sticks to #0',
      '    ┌00 00 00 02┬·· ··┐',
      '     00 00|00 02 ·· ··',
      'b>a #0 @0 4+2 bytes, segment 0',
      '1 conversation, 3 segments, 21 bytes',
      '3 frames of 6 to 9 bytes, mean 7',
      '1 half (33 %): cut in the head 1, in the payload 0, in the tail 0 times; 1 segment sticky (33 %)',
      'no wrong frame',
      '5 packets, 5 of TCP',
    ]);
    expect(ran.code).toBe(0);
  });

  test('shows payload bytes of a capture when it is asked to', async () => {
    const words = ['talk.pcap', '--frames', 'u32be', '--direction', 'to-client'];
    const ran = await run([...words, '--bytes'], { 'talk.pcap': TALK });
    expect(linesOf(ran).slice(0, 4)).toEqual([
      NAME,
      'b>a #0 @0 4+2 bytes, segment 0',
      '    ┌00 00 00 02┬h  i ┐',
      '     00 00 00 02 68 69',
    ]);
  });

  test('prints JSON Lines, without payload bytes unless it is asked to', async () => {
    const words = ['talk.pcap', '--frames', 'u32be', '--json'];
    const [plain, full] = await Promise.all(
      [words, [...words, '--bytes']].map((each) => run(each, { 'talk.pcap': TALK })),
    );
    const objects = linesOf(plain ?? { code: 0, stdout: '', stderr: '' }).map((line): unknown =>
      JSON.parse(line),
    );
    expect(objects).toEqual([
      { kind: 'source', version: 1, pieces: 'segments', framing: 'u32be' },
      {
        kind: 'frame',
        conversation: NAME,
        direction: 'a>b',
        frame: 0,
        time: 0,
        offset: 0,
        length: 9,
        payloadOffset: 4,
        payloadLength: 5,
        pieces: [0, 0],
      },
      expect.objectContaining({ frame: 1, pieces: [0, 1] }),
      expect.objectContaining({ direction: 'b>a', frame: 0 }),
      expect.objectContaining({ kind: 'summary', frames: 3, errors: 0 }),
    ]);
    expect(plain?.stdout).not.toContain('68656c6c6f');
    expect(full?.stdout).toContain('"bytes":"0000000568656c6c6f"');
  });

  test('reads the bytes of a stream from a file or from standard input', async () => {
    const stream = joined([HELLO, HI]);
    const file = await run(['stream.bin', '--frames', 'u32be', '--json'], { 'stream.bin': stream });
    const piped = await run(['-', '--frames', 'u32be', '--json'], {}, stream);
    for (const ran of [file, piped]) {
      expect(ran.code).toBe(0);
      expect(linesOf(ran).at(-1)).toContain('"frames":2,"half":0,"sticky":0');
    }
    expect(file.stdout).toContain('"conversation":"stream.bin"');
  });

  test('prints what comes by standard input while it comes', async () => {
    const child = spawn(process.execPath, [commandLine, 'inspect', '-', '--frames', 'u32be']);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(child, 'close');
    child.stdin.write(HELLO);
    await expect.poll(() => said).toContain('a>b #0 @0');
    child.stdin.end(HI);
    await ended;
    expect(said).toContain('a>b #1 @9');
  });

  test('takes a capture for bytes with --raw', async () => {
    const ran = await run(['a.pcap', '--raw', '--frames', 'u8', '--json'], { 'a.pcap': pcap([]) });
    expect(linesOf(ran).at(-1)).toContain('"bytes":24');
  });

  test('names the wrong frame, ends with 1, and filters', async () => {
    const stream = joined([
      HELLO,
      HI,
      hex('7f000005 68656c6c6f'),
      ...Array.from({ length: 9 }, () => HELLO),
    ]);
    const words = ['s', '--frames', 'u32be'];
    const ran = await run([...words, '--errors'], { s: stream });
    expect(ran.code).toBe(1);
    const [name, error, good, noise] = linesOf(ran);
    expect([name, good, noise]).toEqual([
      's',
      '    good again at @24',
      'a>b ~~ @15 9 bytes are no frame',
    ]);
    expect(error).toMatch(/^a>b !! #2 @15 ERR_FRAME_TOO_LARGE: Frame length 2130706437 exceeds/);
    const later = await run([...words, '--from', '96', '--json'], { s: stream });
    expect(later.stdout.match(/"offset":\d+/g)).toEqual(['"offset":96']);
  });

  test('says where a frame begins that the end of a capture cut off, and finds no error in it', async () => {
    const half = hex('00000009 6869');
    const file = capture(
      { sequence: 99, flags: 'S' },
      { sequence: 100, acknowledged: 500, payload: joined([HELLO, half]) },
    );
    const words = ['t', '--frames', 'u32be', '--errors'];
    const ran = await run(words, { t: file });
    expect(ran.code).toBe(0);
    expect(linesOf(ran).slice(0, 2)).toEqual([
      NAME,
      'a>b .. #1 @9 is not finished: 6 bytes of 13 came',
    ]);
    expect(ran.stdout).toContain('\n1 frame not finished\n');
    const inJson = await run([...words, '--json'], { t: file });
    const [, line = ''] = linesOf(inJson);
    expect(JSON.parse(line)).toEqual({
      kind: 'unfinished',
      conversation: NAME,
      direction: 'a>b',
      frame: 1,
      offset: 9,
      received: 6,
      length: 13,
    });
  });

  test('filters conversations by number or name', async () => {
    const words = ['t', '--frames', 'u32be', '--json', '--conversation'];
    for (const [wanted, frames] of [
      ['0', 3],
      [':9000', 3],
      ['1', 0],
      ['10.0.0.9', 0],
    ] as const) {
      const ran = await run([...words, wanted], { t: TALK });
      expect(linesOf(ran).at(-1)).toContain(`"frames":${frames},`);
    }
  });

  test('imports a codec', async () => {
    const program = `export default {
      encode: () => [],
      decoder() {
        let held = [];
        return {
          get bufferedLength() { return held.length; },
          push(chunk) { held.push(...chunk); },
          end() {},
          take() { return held.length >= 3 ? held.splice(0, 3) : undefined; },
        };
      },
    };`;
    const words = ['s', '--codec', './codec.mjs', '--json'];
    const ran = await run(words, { s: utf8('abcdef'), 'codec.mjs': utf8(program) });
    expect(linesOf(ran).at(-1)).toContain('"frames":2,');
  });

  test.each([
    ['no framing', ['--hex', '00'], /Give --frames, --codec or --guess/],
    [
      'two framings',
      ['--hex', '00', '--frames', 'u8', '--codec', 'x'],
      /Give --frames, --codec or --guess/,
    ],
    ['no source', ['--frames', 'u8'], /Give one source/],
    ['two sources', ['file', '--hex', '00', '--frames', 'u8'], /Give one source/],
    ['half a byte', ['--hex', '000', '--frames', 'u8'], /--hex must be hexadecimal/],
    ['an unknown format', ['--hex', '00', '--frames', 'u33'], /--frames must be a frame format/],
    ['a direction', ['--hex', '00', '--frames', 'u8', '--direction', 'up'], /to-server, to-client/],
    ['no server', ['--listen', ':0', '--frames', 'u8'], /belong together/],
    ['--follow alone', ['file', '--follow', '--frames', 'u8'], /--follow is for --listen/],
    ['standard input twice', ['-', '-', '--frames', 'u8'], /only once\. Give one - only/],
    ['no address', ['--listen', ':0', '--to', 'x', '--frames', 'u8'], /--to must be an address/],
    ['no port', ['--listen', 'x', '--to', ':1', '--frames', 'u8'], /--listen must be an address/],
  ])('refuses %s with exit code 2', async (_, words, message) => {
    const ran = await run(words);
    expect(ran.stderr).toMatch(message);
    expect(ran.code).toBe(2);
  });

  test('shows text of remotes as text', async () => {
    const text = utf8(HOSTILE);
    const stream = joined([Uint8Array.of(text.length >> 8, text.length & 0xff), text]);
    const cwd = folder();
    writeFileSync(join(cwd, 's'), stream);
    for (const words of [[], ['--bytes'], ['--json', '--bytes']]) {
      const ran = await runCommand(['inspect', 's', '--frames', 'u16be', ...words], { cwd });
      expectHarmless(ran.stdout);
      expectHarmless(ran.stderr);
      expect(ran.code).toBe(0);
    }
  });
});

describe('unstick inspect --listen', () => {
  test('shows a live connection chunk by chunk, and ends with it', async () => {
    const server = net.createServer((socket) => socket.pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const to = typeof address === 'object' && address !== null ? address.port : 0;
    const port = await freePort();
    const words = ['inspect', '--listen', `:${port}`, '--to', `:${to}`, '--frames', 'u32be'];
    const { child, ended } = startCommand(words, { cwd: folder() });
    onTestFinished(() => void child.kill('SIGKILL'));
    if (child.stderr === null) {
      throw new Error('no standard error');
    }
    await once(createInterface(child.stderr), 'line');
    const client = net.connect(port, '127.0.0.1');
    client.write(HELLO.subarray(0, 6));
    await once(client, 'data');
    client.end(HELLO.subarray(6));
    client.resume();
    const ran = await ended;
    expect(ran.code).toBe(0);
    const lines = linesOf(ran);
    expect(lines[0]).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+>127\\.0\\.0\\.1:${to}$`));
    expect(lines).toContain('a>b #0 @0 4+5 bytes, chunks 0-1, half: cut in payload');
    expect(lines).toContain('     00 00 00 05 ·· ··|·· ·· ··');
    expect(lines).toContain('b>a #0 @0 4+5 bytes, chunks 0-1, half: cut in payload');
    expect(lines.at(-1)).toBe('no wrong frame');
  });

  test('ends with 3 when the server cannot be reached', async () => {
    const [port, to] = [await freePort(), await freePort()];
    const words = ['inspect', '--listen', `:${port}`, '--to', `:${to}`, '--frames', 'u8'];
    const { child, ended } = startCommand(words, { cwd: folder() });
    onTestFinished(() => void child.kill('SIGKILL'));
    if (child.stderr === null) {
      throw new Error('no standard error');
    }
    await once(createInterface(child.stderr), 'line');
    const client = net.connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.resume();
    expect((await ended).code).toBe(3);
  });
});
