// The session of one minute in the READMEs is real: this test plays the session again and compares the two.
// Numbers and times may differ. UNSTICK_WRITE=1 writes the played session into the READMEs of both languages.

import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { World } from '../file-transfer/testing/world.ts';
import { Trial } from '../remote-shell/testing/trial.ts';
import { readMarked, writeMarked } from './marks.ts';
import { onStage } from './stage.ts';
import type { StartedProgram } from './stage.ts';

/** A typed line, and the last line of what it prints. */
type Step = readonly [typed: string, last: RegExp | string];

/**
 * Types the lines one after the other. Returns what a user sees, with `prompt` in front of each typed line.
 */
async function play(
  program: StartedProgram,
  prompt: string,
  steps: readonly Step[],
): Promise<string[]> {
  const seen: string[] = [];
  for (const [typed, last] of steps) {
    const begun = program.stdout.length;
    program.type(`${typed}\n`);
    await program.line(last);
    seen.push(`${prompt}${typed}`, ...program.stdout.slice(begun).trimEnd().split('\n'));
  }
  return seen;
}

async function files(): Promise<string[]> {
  const world = await World.open({ quota: 1_000_000_000 });
  onTestFinished(() => world.end());
  mkdirSync(world.here('photos'));
  writeFileSync(world.here('photos/sea.jpg'), Buffer.alloc(300_000, 'sea'));
  writeFileSync(world.here('photos/山.jpg'), Buffer.alloc(200_000, 'hill'));
  const client = world.start([]);
  return [
    '$ npx tsx examples/file-transfer/client.ts --user alice',
    ...(await play(client, '> ', [
      ['put photos/sea.jpg', /sha256/],
      ['mkdir photos', '/photos'],
      ['mv sea.jpg photos/blue.jpg', '/photos/blue.jpg'],
      ['put photos/山.jpg --as photos/山.jpg', /sha256/],
      ['ls photos', '山.jpg'],
      ['get photos/blue.jpg', /sha256/],
      ['rm -r photos', '/photos'],
      ['quota', /free/],
    ])),
    '> bye',
  ];
}

async function chat(): Promise<string[]> {
  let seen: string[] = [];
  await onStage(new URL('../chat/scene.ts', import.meta.url).href, async (stage) => {
    const { port } = await stage.serve('server.ts', ['--name', 'a']);
    const start = (nick: string): StartedProgram =>
      stage.start('client.ts', ['--port', port, '--nick', nick]);
    const other = start('小红');
    await other.line('you are in lobby');
    const client = start('小明');
    await client.line('you are in lobby');
    const before = client.stdout.trimEnd().split('\n');
    const first = await play(client, '[lobby] ', [
      ['有人吗？', /小明: 有人吗/],
      ['/who', /\* in lobby/],
    ]);
    const from = client.stdout.length;
    other.type('在！\n');
    await client.line(/小红: 在/);
    const heard = client.stdout.slice(from).trimEnd().split('\n');
    const second = await play(client, '[lobby] ', [
      ['/msg 小红 只给你看', /you → 小红/],
      ['/me 挥手', /\* 小明 挥手/],
      ['/join 茶馆', /you are in 茶馆/],
    ]);
    const third = await play(client, '[茶馆] ', [
      ['/room nowhere', /! You are not/],
      ['/rooms', /\* rooms/],
      ['bye', /\* bye/],
    ]);
    const command = '$ npx tsx examples/chat/client.ts --port 9000 --nick 小明';
    seen = [command, ...before, ...first, ...heard, ...second, ...third];
  });
  return seen;
}

async function shell(): Promise<string[]> {
  const trial = await Trial.start();
  onTestFinished(() => trial.end());
  const run = async (typed: string, argv: readonly string[]): Promise<string[]> => {
    const { stdout, stderr, status } = await trial.run(['exec', ...argv]);
    const printed = `${stdout.toString()}${stderr}`.trimEnd().split('\n');
    return [`$ npm run -s shell -- exec ${typed}`, ...printed, '$ echo $?', String(status)];
  };
  return [
    '$ npm run shell -- serve &',
    trial.listening.replace(/in \/.*\)/, 'in /run/user/1000/unstick-shell/server-4711.json)'),
    ...(await run('echo "你好, shell"', ['echo', '你好, shell'])),
    ...(await run("sh -c 'echo out; echo err >&2; exit 3'", [
      'sh',
      '-c',
      'echo out; echo err >&2; exit 3',
    ])),
    ...(await run('no-such-program', ['no-such-program'])),
  ];
}

/** A text without what differs from run to run. */
function general(text: string): string {
  return text
    .replaceAll(/in [\d.]+ s, [\d.]+ \w+\/s/g, 'in # s')
    .replaceAll(/\d\d\d\d-\d\d-\d\d|\d\d:\d\d|127\.0\.0\.1:\d+/g, '#');
}

test.each([
  ['file-transfer', files],
  ['chat', chat],
  ['remote-shell', shell],
] as const)('the README of %s shows what happens', async (name, session) => {
  const text = `\`\`\`text\n${(await session()).join('\n')}\n\`\`\``;
  for (const page of ['README.md', 'README.zh-CN.md']) {
    const file = new URL(`../${name}/${page}`, import.meta.url);
    if (process.env['UNSTICK_WRITE'] === '1') {
      writeMarked(file, 'session', text);
    }
    expect(general(readMarked(file, 'session'))).toBe(general(text));
  }
});
