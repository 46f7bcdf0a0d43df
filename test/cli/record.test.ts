// `unstick record` as a user runs it, and what `unstick prove --dialogue` makes of its file in both roles. The
// server greets with a nonce, wants it back, and tells how long the session took.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDialogue } from '../../src/prove/dialogue/parse.ts';
import { runCommand, startCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

/** Says a nonce and takes it back, line by line. Each session has another nonce and another time. */
const SERVER = `
let sessions = 0;
require('net').createServer((socket) => {
  const nonce = (++sessions * 7919 + 100000).toString(36) + '0' + sessions + 'x1f83bc';
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.write('+OK <' + nonce + '> ready\\r\\n');
  socket.on('data', (chunk) => {
    rest += chunk;
    for (let at = rest.indexOf('\\r\\n'); at >= 0; at = rest.indexOf('\\r\\n')) {
      const line = rest.slice(0, at);
      rest = rest.slice(at + 2);
      if (line === 'QUIT') return void socket.end('+OK bye after ' + sessions * 13 + ' ms\\r\\n');
      socket.write(line === 'LOGIN me ' + nonce ? '+OK come in\\r\\n' : '-ERR no\\r\\n');
    }
  });
}).listen(+process.argv[1], '127.0.0.1', function () { console.log(this.address().port); });
`;
/** Waits for whole lines. Prints the last. */
const CLIENT = `
const socket = require('net').connect(+process.argv[2], '127.0.0.1');
let rest = '', step = 0;
socket.on('data', (chunk) => {
  rest += chunk;
  for (let at = rest.indexOf('\\r\\n'); at >= 0; at = rest.indexOf('\\r\\n')) {
    const line = rest.slice(0, at);
    rest = rest.slice(at + 2);
    if (step === 0) socket.write('LOGIN me ' + /<(.*)>/.exec(line)[1] + '\\r\\n');
    if (step === 1) socket.write('QUIT\\r\\n');
    if (step++ === 2) console.log('done'), socket.end();
  }
});
`;
/** Takes a chunk for a line. */
const HASTY_CLIENT = CLIENT.replace('rest += chunk;', "rest = chunk + '\\r\\n';");

interface Place {
  readonly cwd: string;
  readonly port: number;
}

/** A folder with the programs, and the server on a port of its own. */
async function place(): Promise<Place> {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-record-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'server.cjs'), SERVER);
  writeFileSync(join(cwd, 'client.cjs'), CLIENT);
  writeFileSync(join(cwd, 'hasty.cjs'), HASTY_CLIENT);
  const server = spawn(process.execPath, ['-e', SERVER, '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  const [printed] = (await once(server.stdout, 'data')) as [Buffer];
  return { cwd, port: Number(printed.toString()) };
}

/** Records what the client of this source says, once or twice. */
async function recorded({ cwd, port }: Place, words: readonly string[]): Promise<Ran> {
  const recording = startCommand(
    ['record', '--listen', '127.0.0.1:0', '--to', `127.0.0.1:${port}`, '--out', 'd.json', ...words],
    { cwd },
  );
  const { stdout } = recording.child;
  let said = '';
  stdout?.on('data', (text: string) => (said += text));
  const times = words.includes('--twice') ? 2 : 1;
  for (let time = 0; time < times; time++) {
    const isReady = time === 0 ? /127\.0\.0\.1:(\d+); Ctrl-C/ : /run the client again/;
    await expect.poll(() => said).toMatch(isReady);
    const proxy = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    await session(proxy);
  }
  return await recording.ended;
}

/** A session as the client has it. */
async function session(port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const line = async (): Promise<string> => String((await once(socket, 'data'))[0]);
  const [, nonce = ''] = /<(.*)>/.exec(await line()) ?? [];
  socket.write(`LOGIN me ${nonce}\r\n`);
  await line();
  socket.write('QUIT\r\n');
  await line();
  socket.end();
  await once(socket, 'close');
}

const QUICK = ['--runs', '40', '--seed', '1'];

describe('unstick record --twice', () => {
  test('captures what is new, and its file proves the server and the client', async () => {
    const here = await place();
    const ran = await recorded(here, ['--twice']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(
      'value1 is captured: 13 bytes of step 0 from byte 5 on, which step 1 repeats\n',
    );
    expect(ran.stdout).toContain(
      'value2 is captured: 2 bytes of step 4 from byte 14 on, which are new on each connection\n',
    );
    const prove = (...words: string[]): Promise<Ran> =>
      runCommand(['prove', ...words, '--dialogue', 'd.json', ...QUICK], { cwd: here.cwd });
    const [server, client, hasty] = await Promise.all([
      prove(`127.0.0.1:${here.port}`),
      prove('client', '--spawn', 'exec node client.cjs {port}'),
      prove('client', '--spawn', 'exec node hasty.cjs {port}'),
    ]);
    expect(server.stdout).toMatch(/^SAFE after \d+ cut schedules\n/);
    expect(client.stdout).toMatch(/^SAFE after \d+ cut schedules\n/);
    expect(hasty.stdout).toMatch(/^BROKEN by this schedule: /);
  });
});

describe('unstick record', () => {
  test('refuses to wait for a client where no server listens', async () => {
    const free = await freePort();
    const words = ['--listen', '127.0.0.1:0', '--to', `127.0.0.1:${free}`, '--out', 'd.json'];
    const ran = await runCommand(['record', ...words], { cwd: tmpdir() });
    expect(ran).toMatchObject({ code: 3, stdout: '' });
    expect(ran.stderr).toContain(`No process listens on 127.0.0.1:${free}`);
  });

  test('captures the nonce by its look, says so, and never says the value', async () => {
    const here = await place();
    const ran = await recorded(here, []);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(
      'value1 is captured: 13 bytes of step 0 from byte 5 on, which step 1 repeats\n',
    );
    const text = readFileSync(join(here.cwd, 'd.json'), 'utf8');
    const [, nonce = ''] = /<(.*?)>/.exec(text) ?? [];
    expect(nonce).toHaveLength(13);
    expect(ran.stdout).not.toContain(nonce);
    expect(parseDialogue(text).steps[1]).toEqual({
      from: 'client',
      say: [{ text: 'LOGIN me ' }, { value: 'value1' }, { text: '\r\n' }],
      until: { lines: 1 },
    });
    // The time in the last step differs, too, which one recording cannot know.
    const words = ['prove', `127.0.0.1:${here.port}`, '--dialogue', 'd.json', ...QUICK];
    const proof = await runCommand(words, { cwd: here.cwd });
    expect(proof.stdout).toMatch(/^INCONCLUSIVE because the server is not deterministic/);
  });
});
