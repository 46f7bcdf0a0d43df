// `unstick inspect --web` as people start it: the address, what it answers, how it ends, what it refuses. Needs
// the build.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hex, join as joined, utf8 } from '../support/bytes.ts';
import { runCommand, startCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { capture } from '../support/packets.ts';

import { until } from '../support/waiting.ts';
import { freePort } from '../support/free-port.ts';

const HELLO = hex('00000005 68656c6c6f');
const WRONG = hex('7fffffff 00');
/** Frames of a type, a number of two bytes that counts what follows, and a name. */
const NAMES = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];
const NAMED = NAMES.map((name, i) =>
  joined([Uint8Array.of(0x50 + (i % 3), 0, name.length), utf8(name)]),
);

function folder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-inspect-web-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

interface Page {
  readonly url: string;
  readonly get: (path: string) => Promise<Response>;
  readonly stop: () => Promise<Ran>;
}

/** Starts the command, and waits for the address that it prints. */
async function open(words: readonly string[], cwd: string): Promise<Page> {
  const { child, ended } = startCommand(['inspect', ...words], { cwd });
  let text = '';
  child.stdout?.on('data', (chunk: string) => (text += chunk));
  child.stderr?.on('data', (chunk: string) => (text += chunk));
  const urlIn = (): string | undefined => /^inspect (http:\S+)\n/m.exec(text)?.[1];
  onTestFinished(() => void child.kill('SIGKILL'));
  await until(() => urlIn() !== undefined, 'the address of the page');
  // A live source says where it listens, too.
  await until(
    () => !words.includes('--listen') || text.includes(' -> '),
    'the address of the proxy',
  );
  const url = urlIn() ?? '';
  return {
    url,
    get: (path) => fetch(`${url}${path}`),
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** The state when the source is read. */
async function whenOver({ get }: Page): Promise<unknown> {
  for (;;) {
    const state: unknown = await (await get('state')).json();
    if (typeof state === 'object' && state !== null && Reflect.get(state, 'isOver') === true) {
      return state;
    }
  }
}

const TALK = capture(
  { sequence: 99, flags: 'S' },
  { sequence: 100, payload: joined([HELLO, HELLO]) },
  { sequence: 118, payload: WRONG, flags: 'FA' },
);

describe('unstick inspect --web', () => {
  test('gives the declared fields of a head, without being asked for them', async () => {
    const bytes = '000100000006 0103006b0003';
    const page = await open(['--hex', bytes, '--frames', 'modbusTcp', '--web'], folder());
    await whenOver(page);
    const detail: unknown = await (await page.get('detail?id=0')).json();
    const fields = expect.arrayContaining([
      { name: 'transaction', offset: 0, length: 2, value: '1' },
      { name: 'unit', offset: 6, length: 1, value: '1' },
    ]);
    expect(detail).toMatchObject({ around: [{ fields }] });
    await page.stop();
  });

  test('serves a capture until Ctrl-C, and then ends as without a page', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'talk.pcap'), TALK);
    const page = await open(['talk.pcap', '--frames', 'u32be', '--web'], cwd);
    expect(await whenOver(page)).toMatchObject({
      source: { framing: 'u32be', pieces: 'segments' },
      showsPayload: false,
      summary: { frames: 2, errors: 1 },
    });
    const html = await page.get('');
    expect(html.headers.get('content-security-policy')).toContain("script-src 'sha256-");
    expect(await html.text()).toMatch(/^<!doctype html>/);
    expect(await (await page.get('detail?id=0')).text()).not.toContain('68656c6c6f');
    const { code, stdout, stderr } = await page.stop();
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain('\n1 wrong frame\n');
  });

  test('shows payload bytes with --bytes, on the port that is given', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'stream.bin'), HELLO);
    const port = String(await freePort());
    const page = await open(['stream.bin', '--frames', 'u32be', '--bytes', '--web', port], cwd);
    expect(new URL(page.url).port).toBe(port);
    await whenOver(page);
    expect(await (await page.get('detail?id=0')).text()).toContain('"bytes":"0000000568656c6c6f"');
    expect((await page.stop()).code).toBe(0);
  });

  test('filters as the terminal does', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'talk.pcap'), TALK);
    const words = ['talk.pcap', '--frames', 'u32be', '--errors', '--web'];
    const page = await open(words, cwd);
    expect(await whenOver(page)).toMatchObject({ end: 2, summary: { frames: 2 } });
    await page.stop();
  });

  test('tells what a stream of another format looks like', async () => {
    const cwd = folder();
    const lines = Array.from({ length: 40 }, (_, i) => `SET key:${i * 37} value ${i * i}\r\n`);
    writeFileSync(join(cwd, 't'), lines.join(''));
    const page = await open(['t', '--frames', 'u32be', '--web'], cwd);
    expect(await whenOver(page)).toMatchObject({
      problem: expect.stringContaining('"t" does not fit the format: it '),
    });
    await page.stop();
  });

  test('tells what cannot be read, and serves what can', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'cut.pcap'), TALK.subarray(0, -3));
    const page = await open(['cut.pcap', '--frames', 'u32be', '--web'], cwd);
    expect(await whenOver(page)).toMatchObject({
      problem: expect.stringContaining('The file ends inside a packet'),
      summary: { frames: 2 },
    });
    const { code, stderr } = await page.stop();
    expect([code, stderr]).toEqual([3, expect.stringContaining('ends inside a packet')]);
  });

  test.each([
    ['frames', NAMED, ['u16be@1'], 0],
    ['a text', [utf8('It was a dark and stormy night.')], [], 3],
  ] as const)('shows what --guess finds in %s', async (_, pieces, guessed, code) => {
    const cwd = folder();
    const hexed = pieces.map((piece) => Buffer.from(piece).toString('hex')).join(' | ');
    const page = await open(['--hex', hexed, '--guess', '--web'], cwd);
    const isFound = guessed.length > 0;
    const over = await whenOver(page);
    expect(JSON.stringify(over).includes('No framing was found')).toBe(!isFound);
    expect(over).toMatchObject({
      guessed,
      end: isFound ? NAMED.length : 0,
    });
    const list: unknown = await (await page.get('conversations?from=0&count=9')).json();
    expect(list).toMatchObject({
      conversations: [{ guess: { verdict: isFound ? 'sure' : 'none' } }],
    });
    const ran = await page.stop();
    expect(ran.code).toBe(code);
    expect(ran.stdout.includes('no wrong frame')).toBe(isFound);
  });

  test('ends a live connection with Ctrl-C', async () => {
    const server = net.createServer((socket) => void socket.on('error', () => undefined).resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const to = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const listen = await freePort();
    const words = ['--listen', `:${listen}`, '--to', to, '--follow', '--frames', 'u32be', '--web'];
    const page = await open(words, folder());
    const socket = net.connect(listen, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write(HELLO);
    await expect
      .poll(async () => (await page.get('state')).json())
      .toMatchObject({ isLive: true, isOver: false, end: 1 });
    expect((await page.stop()).code).toBe(0);
  });

  test.each([
    [['--web', 'trace.pcap', '--frames', 'u32be'], 'Write the sources in front of it'],
    [['t.pcap', '--frames', 'u32be', '--web', '70000'], 'must be a port, or nothing'],
    [['t.pcap', '--frames', 'u32be', '--web', '--json'], 'Give --web or --json.'],
  ])('refuses %j', async (words, said) => {
    const { code, stderr } = await runCommand(['inspect', ...words], { cwd: folder() });
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  test('ends when its port is taken', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'stream.bin'), HELLO);
    const page = await open(['stream.bin', '--frames', 'u32be', '--web'], cwd);
    const { port } = new URL(page.url);
    const words = ['inspect', 'stream.bin', '--frames', 'u32be', '--web', port];
    const { code, stderr } = await runCommand(words, { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(`Cannot listen on 127.0.0.1:${port}: EADDRINUSE.`);
    await page.stop();
  });
});
