// What the terminal client shows and understands, tested on the screen of screen.ts.

import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChatEvent } from '../protocol.ts';
import { lineOf, visible } from './display.ts';
import { inputOf } from './input.ts';
import { Prompt } from './prompt.ts';
import { Screen } from './screen.ts';

function promptOn(columns: number): { prompt: Prompt; screen: Screen; input: PassThrough } {
  const screen = new Screen(columns);
  const input = new PassThrough();
  return { prompt: new Prompt({ input, output: screen, isTerminal: true }), screen, input };
}

describe('Prompt', () => {
  // On a dumb terminal readline would not move the cursor.
  beforeEach(() => {
    vi.stubEnv('TERM', 'xterm');
  });

  test('keeps what is being typed below the lines that come in', () => {
    const { prompt, screen, input } = promptOn(40);
    prompt.ask('[lobby] ');
    input.write('你好，我正在');
    prompt.print('小红: 有人吗？');
    prompt.print('小刚: 在');
    input.write('打字');
    expect(screen.rows).toEqual(['小红: 有人吗？', '小刚: 在', '[lobby] 你好，我正在打字']);
    expect(screen.cursor).toEqual({ row: 2, column: 24 });
    prompt.close();
  });

  test('keeps it when it takes several rows, and the cursor is in the middle', () => {
    const { prompt, screen, input } = promptOn(10);
    prompt.ask('> ');
    input.write('0123456789abcdefghij');
    prompt.print('one');
    prompt.print('a line longer than the screen');
    input.write('\u001b[D\u001b[D!'); // Two to the left.
    prompt.print('two');
    expect(screen.rows).toEqual([
      'one',
      'a line lon',
      'ger than t',
      'he screen',
      'two',
      '> 01234567',
      '89abcdefgh',
      '!ij',
    ]);
    expect(screen.cursor).toEqual({ row: 7, column: 1 });
    prompt.close();
  });

  test('keeps it when the cursor is back in the first of its rows, and when a row is just full', () => {
    const { prompt, screen, input } = promptOn(10);
    prompt.ask('> ');
    input.write('0123456789abcdef'); // 18 columns with the prompt
    input.write('\u0001'); // Ctrl-A: to the start.
    prompt.print('one');
    expect(screen.rows).toEqual(['one', '> 01234567', '89abcdef']);
    expect(screen.cursor).toEqual({ row: 1, column: 2 });
    input.write('\u0005gh'); // Ctrl-E: to the end.
    prompt.print('two');
    expect(screen.rows).toEqual(['one', 'two', '> 01234567', '89abcdefgh']);
    prompt.close();
  });

  test('keeps it wherever the rows end, however many characters come at once', () => {
    for (let length = 0; length < 32; length++) {
      const { prompt, screen, input } = promptOn(10);
      prompt.ask('> ');
      prompt.print('zero');
      const typed = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, length);
      input.write(typed);
      prompt.print('one');
      input.write('\u0001'); // Ctrl-A: to the start.
      prompt.print('two');
      input.write('\u0005!'); // Ctrl-E: to the end.
      prompt.print('three');
      const rows = `> ${typed}!`.match(/.{1,10}/g) ?? [];
      expect(screen.rows).toEqual([
        'zero',
        'one',
        'two',
        'three',
        ...rows.map((row) => row.trimEnd()),
      ]);
      prompt.close();
    }
  });

  test('leaves nothing of itself behind, however it ends and whatever is said last', () => {
    for (const end of ['\u0003', '\u0015\u0004', '']) {
      const { prompt, screen, input } = promptOn(10);
      prompt.ask('> ');
      prompt.print('one');
      input.write('never to be sent');
      input.write(end); // Ctrl-C; Ctrl-U and Ctrl-D; the server has gone.
      prompt.close();
      prompt.print('* bye');
      expect(screen.rows).toEqual(['one', '* bye']);
    }
  });

  test('gives the whole line, whatever came in between', async () => {
    const { prompt, input } = promptOn(20);
    prompt.ask('> ');
    input.write('one ');
    prompt.print('x');
    input.write('line\n');
    const [line] = await first(prompt.lines);
    expect(line).toBe('one line');
    prompt.close();
  });

  test('is lines in and lines out where there is no terminal', async () => {
    const [screen, input] = [new Screen(80), new PassThrough()];
    const prompt = new Prompt({ input, output: screen, isTerminal: false });
    prompt.ask('> ');
    prompt.print('hello');
    input.end('one\n两\nno newline');
    const lines: string[] = [];
    for await (const line of prompt.lines) {
      lines.push(line);
    }
    expect(lines).toEqual(['one', '两', 'no newline']);
    expect(screen.rows).toEqual(['hello']);
  });
});

async function first(lines: AsyncIterable<string>): Promise<string[]> {
  for await (const line of lines) {
    return [line];
  }
  return [];
}

describe('visible', () => {
  test('leaves nothing that a terminal obeys, and no line that nobody said', () => {
    expect(visible('\u001b[2J\u0007a\r\nb\nc\u009b31m\u007f')).toBe(
      '\\u{1b}[2J\\u{7}a ⏎ b ⏎ c\\u{9b}31m\\u{7f}',
    );
    expect(visible('admin\u202eelos\u2066')).toBe('admin\\u{202e}elos\\u{2066}');
    expect(visible('好 😀👩‍💻 é')).toBe('好 😀👩‍💻 é');
  });
});

describe('lineOf', () => {
  test('shows every kind of event on one line, whatever is in it', () => {
    const evil = 'x\n\u001b[31mroot: hi';
    const events: ChatEvent[] = [
      { type: 'said', room: evil, from: evil, at: 0, old: true, text: evil },
      { type: 'told', from: 'me', to: evil, at: 0, text: evil },
      { type: 'told', from: evil, to: 'me', at: 0, text: evil },
      { type: 'entered', room: evil, nick: evil },
      { type: 'left', room: evil, nick: evil, why: 'constructor' },
      { type: 'members', room: evil, server: evil, count: 2, text: evil },
      { type: 'rooms', count: 1, text: evil },
      { type: 'welcome', nick: evil, server: evil },
      { type: 'refused', command: '', code: '', text: evil },
      { type: 'joined', room: evil, lines: 1 },
      { type: 'past', room: evil, lines: 1 },
      { type: 'missed', count: 1 },
      { type: 'notice', code: '', text: evil },
      { type: 'bye', why: evil },
    ];
    for (const event of events) {
      expect(lineOf(event, 'me')).toMatch(/^[^\p{Cc}]+$/u);
    }
  });

  test('says who said what, where and when', () => {
    const said: ChatEvent = {
      type: 'said',
      room: '大厅',
      from: '小明',
      at: 0,
      old: false,
      text: '你好',
    };
    expect(lineOf(said, 'me')).toMatch(/^\d\d:\d\d \[大厅\] 小明: 你好$/);
    expect(lineOf({ ...said, old: true }, 'me')).toMatch(/^ {2}· \d\d:\d\d/);
    const members: ChatEvent = {
      type: 'members',
      room: 'r',
      server: 'a',
      count: 2,
      text: '小明\n小红',
    };
    expect(lineOf(members, 'me')).toBe('* in r on server a: 小明, 小红');
    const left: ChatEvent = { type: 'left', room: 'r', nick: '小明', why: 'lost' };
    expect(lineOf(left, 'me')).toBe('* 小明 left r (the connection broke)');
  });
});

describe('inputOf', () => {
  test.each([
    ['hello  ', { type: 'say', room: 'here', text: 'hello  ' }],
    ['//etc', { type: 'say', room: 'here', text: '/etc' }],
    ['goodbye', { type: 'say', room: 'here', text: 'goodbye' }],
    ['bye', { type: 'bye' }],
    ['quit', { type: 'bye' }],
    ['/exit', { type: 'bye' }],
    ['/me waves', { type: 'say', room: 'here', text: '/me waves' }],
    ['/names', { type: 'who', room: 'here' }],
    ['/list', { type: 'rooms' }],
    [' bye ', { type: 'bye' }],
    ['/join 大厅', { type: 'join', room: '大厅' }],
    ['/leave', { type: 'leave', room: 'here' }],
    ['/who there', { type: 'who', room: 'there' }],
    ['/rooms', { type: 'rooms' }],
    ['/msg 小红@b 你 好', { type: 'tell', to: '小红@b', text: '你 好' }],
  ])('makes a command of %j', (line, command) => {
    expect(inputOf(line, 'here')).toEqual({ kind: 'command', command });
  });

  test('does nothing for an empty line, and says what is wrong with others', () => {
    expect(inputOf('  ', 'here')).toEqual({ kind: 'nothing' });
    expect(inputOf('/nick 小红', 'here')).toEqual({ kind: 'nick', nick: '小红' });
    expect(inputOf('/room r', 'here')).toEqual({ kind: 'room', room: 'r' });
    for (const line of [
      '/join',
      '/msg',
      '/msg x',
      '/nick',
      '/room',
      '/constructor',
      '/help',
      '/',
    ]) {
      expect(inputOf(line, 'here').kind).toBe('print');
    }
  });
});
