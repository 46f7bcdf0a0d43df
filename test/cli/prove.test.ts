// The command as a user runs it: what it prints, what it writes, how it exits.

import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, onTestFinished } from 'vitest';
import { parseSchedule } from '../../src/schedule/schedule.ts';
import { capture } from '../support/packets.ts';
import { runCommand, startCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { isRunning } from '../support/targets.ts';
import { freePort } from '../support/free-port.ts';

let port: number;
let server: net.Server;

/** Echoes; a chunk of one byte breaks it. */
beforeAll(async () => {
  server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => socket.write(chunk.length === 1 ? '?' : chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  port = address.port;
});

afterAll(() => void server.close());

function folder(): string {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-prove-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

function prove(cwd: string, ...words: string[]): Promise<Ran> {
  return runCommand(['prove', '--to', `127.0.0.1:${port}`, ...words], { cwd });
}

/** What the server says to whoever connects, as soon as it listens. */
async function pidOfServer(free: number): Promise<number> {
  let said = '';
  await expect
    .poll(async () => {
      const socket = net.connect(free, '127.0.0.1');
      socket.on('data', (chunk) => (said += chunk.toString()));
      await once(socket, 'data').catch(() => undefined);
      socket.destroy();
      return said;
    })
    .not.toBe('');
  return Number.parseInt(said, 10);
}

describe('unstick prove', () => {
  test('draws the cut, keeps the schedule, and prints a line that replays it', async () => {
    const cwd = folder();
    const send = ['--send', 'hex:0000 0005 68656c6c6f'];
    const ran = await prove(cwd, ...send, '--frames', 'u32be', '--seed', '5');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^BROKEN by this schedule: cut 1\n/);
    expect(ran.stdout).toContain('seed 5');
    expect(ran.stdout).toContain('0  00 │ 00 00 05 68 65 6c 6c 6f\n');
    expect(ran.stdout).toContain('cut before byte 1, inside the length prefix of frame 0');
    expect(ran.stdout).toContain(
      `replay: npx unstick prove --to 127.0.0.1:${port} --send 'hex:0000 0005 68656c6c6f' --frames u32be --replay unstick-broken-5.json\n`,
    );
    const schedule = parseSchedule(readFileSync(join(cwd, 'unstick-broken-5.json'), 'utf8'));
    expect(schedule.ops).toEqual([{ kind: 'cut', n: 1 }]);
    const again = await prove(cwd, ...send, '--replay', 'unstick-broken-5.json');
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('1 schedule played');
    expect(readdirSync(cwd)).toEqual(['unstick-broken-5.json']);
  });

  test('exits 0 and writes nothing when nothing breaks', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'safe.json'),
      '{"v":1,"seed":0,"direction":"to-server","ops":["cut 2"]}',
    );
    const ran = await prove(cwd, '--send', 'hex:00010203', '--replay', 'safe.json');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^SAFE after 1 cut schedule\n/);
    expect(readdirSync(cwd)).toEqual(['safe.json']);
  });

  test('takes a target as a word, and a request as text', async () => {
    const words = ['prove', `:${port}`, '--send', 'text:a\\x62\\r\\n', '--github'];
    const ran = await runCommand(words, { cwd: folder() });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(
      /^::error title=unstick prove BROKEN::BROKEN by this schedule: cut 1/,
    );
    expect(ran.stdout).toContain('61 │ 62 0d 0a');
    // No terminal, no progress line.
    expect(ran.stderr).toBe('');
  });

  test('reads the request from standard input', async () => {
    const cwd = folder();
    const words = ['prove', '--to', `:${port}`, '--send', '-', '--json', '--out', 'found.json'];
    const ran = await runCommand(words, { cwd, input: 'hello' });
    expect(ran.code).toBe(1);
    const report = JSON.parse(ran.stdout);
    expect(report).toMatchObject({
      version: 1,
      verdict: 'BROKEN',
      failure: { confirmations: 3, whole: { hex: '68656c6c6f' }, schedule: { ops: ['cut 1'] } },
    });
    expect(report.replay).toContain('--replay found.json');
    expect(readdirSync(cwd)).toEqual(['found.json']);
  });

  test('writes JUnit that holds the report', async () => {
    const cwd = folder();
    const ran = await prove(cwd, '--send', 'hex:3c3e26', '--junit', 'junit.xml');
    const xml = readFileSync(join(cwd, 'junit.xml'), 'utf8');
    expect(ran.code).toBe(1);
    expect(xml).toContain('<testsuite name="unstick prove" tests="1" failures="1" errors="0"');
    expect(xml).toContain('<failure message="BROKEN by this schedule: cut 1">');
    expect(xml).toContain('3c │ 3e 26');
    expect(xml).toContain('&lt;  │ &gt;  &amp;');
  });

  test('exits 3 without a verdict', async () => {
    const free = await freePort();
    const ran = await runCommand(['prove', '--to', `:${free}`, '--send', 'hex:00'], {
      cwd: folder(),
    });
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain(`no process accepts connections on 127.0.0.1:${free}; start`);
  });
});

/** Four requests whose prefix counts the bytes behind it. */
const WORDS = ['mercury', 'venus', 'earth', 'jupiter'];
const framesOf = (words: readonly string[]): Buffer[] =>
  words.map((word) => Buffer.concat([Buffer.from([0, 0, 0, word.length]), Buffer.from(word)]));

describe('unstick prove --guess', () => {
  test('names the framing of the requests, in its own line and in the replay line', async () => {
    const cwd = folder();
    const send = framesOf(WORDS).flatMap((frame) => ['--send', `hex:${frame.toString('hex')}`]);
    const ran = await prove(cwd, ...send, '--guess', '--seed', '5');
    expect(ran.stderr).toMatch(/^guess: --frames u32be \((?:sure|likely)\)\n/);
    expect(ran.stdout).toContain(' --frames u32be --replay unstick-broken-5.json\n');
    expect(ran.code).toBe(1);
  });

  test('takes the framing of one request from a capture, and the request from a pipe', async () => {
    const cwd = folder();
    let sequence = 100;
    const packets = framesOf([...WORDS, 'saturn', 'uranus', 'mars', 'neptune']).map((payload) => {
      const packet = { sequence, acknowledged: 500, payload };
      sequence += payload.length;
      return packet;
    });
    writeFileSync(join(cwd, 'trace.pcap'), capture({ sequence: 99, flags: 'S' }, ...packets));
    const words = ['prove', '--to', `:${port}`, '--send', '-', '--guess', 'trace.pcap', '--json'];
    const ran = await runCommand(words, { cwd, input: Buffer.concat(framesOf(['pluto'])) });
    expect(ran.stderr).toContain('guess: --frames u32be (sure)');
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'BROKEN' });
  });
});

describe.skipIf(process.platform === 'win32')('unstick prove, interrupted', () => {
  test('ends the server that it has started, and says so', async () => {
    const free = await freePort();
    const silent = `require('net').createServer((s) => { s.resume(); s.write(process.pid + ' '); }).listen(${free}, '127.0.0.1')`;
    const spawned = `'${process.execPath}' -e "${silent}"`;
    const words = ['prove', '--to', `:${free}`, '--spawn', spawned, '--send', 'hex:00'];
    const running = startCommand([...words, '--until', 'idle 60s'], { cwd: folder() });
    onTestFinished(() => void running.child.kill('SIGTERM'));
    const pid = await pidOfServer(free);
    running.child.kill('SIGTERM');
    const ran = await running.ended;
    expect(ran.code).toBe(130);
    expect(ran.stdout).toMatch(/^INCONCLUSIVE because it was interrupted/);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

describe('unstick prove, wrongly used, exits 2 and says in one line', () => {
  test.each([
    ['that the target is missing', ['--send', 'hex:00'], 'HOST:PORT'],
    ['that the target is given twice', [':8', '--to', ':9', '--send', 'hex:00'], 'twice'],
    ['that a time has no unit', ['--to', ':9', '--send', 'hex:00', '--time', '30'], '30s'],
    ['that a pause has no unit', ['--to', ':9', '--send', 'hex:00', '--pause', '30'], '30ms'],
    ['that standard input is read once', [':9', '--send', '-', '--send', '-'], 'only once'],
    ['that an escape is unknown', [':9', '--send', 'text:a\\q'], 'Escapes are'],
    ['that FIN is for a replay', [':9', '--send', 'hex:00', '--fin', 'joined'], 'replay'],
    ['what FIN may be', [':9', '--send', 'hex:00', '--fin', 'x'], 'joined'],
    ['that --send is missing', ['--to', ':9'], '--send'],
    ['that there is nothing to send', ['--to', ':9', '--send', 'hex:'], 'nothing to send'],
    ['that hex is not hex', ['--to', ':9', '--send', 'hex:0'], 'must be hexadecimal'],
    ['that a number is not one', ['--to', ':9', '--send', 'hex:00', '--runs', 'x'], '--runs'],
    ['that a time is not one', ['--to', ':9', '--send', 'hex:00', '--time', 'soon'], 'soon'],
    ['that a pattern is broken', ['--to', ':9', '--send', 'hex:00', '--normalize', '('], 'regular'],
    ['which frame formats there are', ['--to', ':9', '--send', 'hex:00', '--frames', 'x'], 'u32be'],
    [
      'that the bytes are no frames',
      ['--to', ':9', '--send', 'hex:0001', '--frames', 'u16be'],
      'not frames',
    ],
    ['that a guess finds nothing', ['--to', ':9', '--send', 'hex:0001', '--guess'], 'No framing'],
    [
      'that a guess excludes --frames',
      ['--to', ':9', '--send', 'hex:0001', '--guess', '--frames', 'u16be'],
      '--guess excludes',
    ],
    ['what an option may be', ['--to', ':9', '--send', 'hex:00', '--until', 'x'], 'same-length'],
    ['that an option is unknown', ['--to', ':9', '--send', 'hex:00', '--what'], '--what'],
  ])('%s', async (_, words, says) => {
    const ran = await runCommand(['prove', ...words], { cwd: tmpdir() });
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toContain(says);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('that a schedule does not fit the requests', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'long.json'), scheduleText({ ops: ['cut 9'] }));
    const long = await prove(cwd, '--send', 'hex:0001', '--replay', 'long.json');
    expect([long.code, long.stderr]).toEqual([2, expect.stringContaining('need 9 bytes')]);
  });
});

/** A file of a schedule. */
function scheduleText(fields: object): string {
  return JSON.stringify({ v: 1, seed: 0, direction: 'to-server', ops: [], ...fields });
}

describe('unstick prove exits 3 and says in one line', () => {
  const request = ['--send', 'hex:0001'];
  test.each<[string, readonly string[], string | undefined, string]>([
    ['that a request is missing', [':9', '--send', 'given'], undefined, 'Cannot read'],
    [
      'that a schedule is of another version',
      [':9', ...request, '--replay', 'given'],
      scheduleText({ v: 2 }),
      'has version 2',
    ],
    [
      'that a file of targets has an option that there is not',
      ['--targets', 'given'],
      '{"version":1,"targets":[{"sent":"x"}]}',
      '"sent"',
    ],
  ])('%s', async (_, words, content, says) => {
    const cwd = folder();
    if (content !== undefined) {
      writeFileSync(join(cwd, 'given'), content);
    }
    const ran = await runCommand(['prove', ...words], { cwd });
    expect([ran.code, ran.stdout]).toEqual([3, '']);
    expect(ran.stderr).toContain(says);
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
