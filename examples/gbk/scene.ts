// The scene of gbk: characters that recv() cuts in half, and messages that stay whole.

import { once } from 'node:events';
import { chop } from '../../src/entries/testing.ts';
import type { Stage, StartedProgram } from '../support/stage.ts';
import { shownLine } from '../support/shown.ts';

/** The character that a decoder puts in place of half a character. */
const BROKEN = '\ufffd';

export async function play(stage: Stage): Promise<void> {
  stage.say('The course: print(client.recv(1024).decode("gbk")), until nothing comes.');
  await playHalves(stage);
  stage.say('\nWhole messages: read as UTF-8 if that is possible, else as GBK.');
  const { server, port } = await stage.serve();
  await playBoth(stage, port);
  await playCut(stage, port);
  stage.say('\nWhat no decoder can do for you.');
  await playLimits(stage, port);
  await server.end();
}

async function playHalves(stage: Stage): Promise<void> {
  const { server, port } = await stage.serve('naive-server.ts', [], { name: 'server' });
  const text = await receiveNaively(stage, port, 1024);
  const broken = text.split('\n').filter((line) => line.includes(BROKEN));
  stage.say(`  client    │ … ${shownLine(broken[0] ?? '')}`);
  stage.check(
    'recv(1024) cuts a character in half, and the rest of its line is other characters',
    broken.length > 0 && text.includes('举头望明月，低头思故乡。'),
  );
  const worse = (await receiveNaively(stage, port, 7)).split('\n').slice(0, 4);
  for (const line of worse) {
    stage.say(`  client    │ ${shownLine(line)}`);
  }
  stage.check('recv(7) leaves little of the poem', worse.join('\n').includes(BROKEN));
  await server.end();
}

async function receiveNaively(stage: Stage, port: number, recv: number): Promise<string> {
  const args = ['--port', port, '--recv', recv];
  return (await stage.start('naive-client.ts', args, { quiet: true }).ended).stdout;
}

async function say(client: StartedProgram, ...lines: readonly string[]): Promise<string> {
  await client.line('connected');
  client.type(lines.map((line) => `${line}\n`).join(''));
  client.endInput();
  const { stdout } = await client.ended;
  return stdout;
}

async function playBoth(stage: Stage, port: number): Promise<void> {
  const answers = await Promise.all(
    ['utf-8', 'gbk'].map((encoding) => {
      const args = ['--port', port, '--encoding', encoding];
      return say(stage.start('client.ts', args, { name: encoding }), '粘包与半包', '');
    }),
  );
  stage.check(
    'the same words in UTF-8 (15 bytes) and in GBK (10): understood, and answered in GBK',
    answers[0]?.includes('utf-8，5 个字符，15 字节：粘包与半包') === true &&
      answers[1]?.includes('gbk，5 个字符，10 字节：粘包与半包') === true,
  );
}

/** Delivers every byte by itself, in both directions, so that every character is cut. */
async function playCut(stage: Stage, port: number): Promise<void> {
  const proxy = await chop({ listen: '127.0.0.1:0', to: `127.0.0.1:${port}`, plan: 'dribble' });
  const args = ['--port', proxy.port, '--encoding', 'gbk'];
  const answer = await say(stage.start('client.ts', args, { name: 'cut' }), '低头思故乡');
  await proxy.close();
  stage.check(
    'delivered byte by byte in both directions: not one character is broken',
    answer.includes('gbk，5 个字符，10 字节：低头思故乡'),
  );
}

async function playLimits(stage: Stage, port: number): Promise<void> {
  const client = stage.start('client.ts', ['--port', port, '--encoding', 'gbk']);
  const ended = once(client.child, 'exit');
  const answers = await say(client, '模', '😀', '你好');
  await ended;
  stage.check(
    '模 in GBK is C4 A3, and so is "ģ" in UTF-8: guessing fails, so name the encoding in a header',
    answers.includes('utf-8，1 个字符，2 字节'),
  );
  stage.check(
    'GBK has no 😀: the client reports that, and does not send a question mark instead',
    client.stderr === 'GBK has no character U+1F600.\n' && answers.includes('你好'),
  );
}
