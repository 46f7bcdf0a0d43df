// Names and texts: which are allowed, and which names count as the same.

import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from './limits.ts';
import { addressOf, isRefusal, nameOf, refusalOfText } from './names.ts';

function codeOf(name: string): string {
  const result = nameOf(name, 'nickname', defaultLimits);
  return isRefusal(result) ? result.code : 'ok';
}

function keyOf(name: string): string {
  const result = nameOf(name, 'nickname', defaultLimits);
  return isRefusal(result) ? result.text : result.key;
}

describe('nameOf', () => {
  test.each([
    '小明',
    'alice',
    'Zoë',
    '😀',
    '👩‍💻',
    '👨‍👩‍👧‍👦',
    '🇨🇳',
    '❤️',
    '❤',
    '1️⃣',
    'мир',
    'क्षमा',
    'a.b_c-d',
    'ស្ត្រី',
    'Việt',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    '王小明😀3',
  ])('takes %s', (name) => {
    expect(codeOf(name)).toBe('ok');
  });

  test.each([
    ['', 'name-empty'],
    ['a b', 'name-characters'],
    ['a@b', 'name-characters'],
    ['a/b', 'name-characters'],
    ['a\nb', 'name-characters'],
    ['a\u001b[31m', 'name-characters'],
    ['a\u200bb', 'name-characters'],
    ['\u202eabc', 'name-characters'],
    ['\u0301', 'name-characters'],
    ['alice\u034f', 'name-characters'],
    ['alice\ufe00', 'name-characters'],
    ['alice\u{e0100}', 'name-characters'],
    ['alice\u180b', 'name-characters'],
    ['alice\u17b4', 'name-characters'],
    ['\u3164', 'name-characters'],
    ['\uffa0', 'name-characters'],
    ['\u115f', 'name-characters'],
    ['a\u200cb', 'name-characters'],
    ['alice\u2800', 'name-characters'],
    ['alice\u{e0020}', 'name-characters'],
    [`b${'\u0323'.repeat(6)}`, 'name-characters'],
    ['\ud800', 'name-characters'],
    ['a'.repeat(17), 'name-too-long'],
    ['明'.repeat(17), 'name-too-long'],
    [`a${'\u0301'.repeat(100)}`, 'name-too-long'],
  ])('refuses %j as %s', (name, code) => {
    expect(codeOf(name)).toBe(code);
  });

  test('refuses a long text by its bytes, before it looks at characters', () => {
    expect(codeOf('x'.repeat(1_000_000))).toBe('name-too-long');
  });

  test('counts characters as a reader does', () => {
    expect(codeOf('👩‍💻'.repeat(11))).toBe('ok');
    expect(codeOf('明'.repeat(16))).toBe('ok');
    expect(codeOf('👩‍💻'.repeat(12))).toBe('name-too-long'); // 132 bytes
  });

  test('sees one name in what looks the same', () => {
    expect(keyOf('Alice')).toBe(keyOf('ＡＬＩＣＥ'));
    expect(keyOf('Zoe\u0308')).toBe(keyOf('Zoë'));
    expect(keyOf('❤')).toBe(keyOf('❤️'));
    expect(keyOf('小明')).not.toBe(keyOf('小名'));
  });

  test('gives any text a name or a refusal, and a name that is taken again stays as it is', () => {
    const pieces = [
      'a',
      'B',
      'Ａ',
      '明',
      '😀',
      '👩‍💻',
      '\u0301',
      '\ufe0f',
      '\u200d',
      '1',
      '\u20e3',
      ' ',
      '@',
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...pieces), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, (given) => {
        expect(isSettled(given)).toBe(true);
      }),
    );
  });
});

/** Whether a text is refused with a sentence, or gives a name that is taken again unchanged. */
function isSettled(given: string): boolean {
  const name = nameOf(given, 'room', defaultLimits);
  if (isRefusal(name)) {
    return /\w/.test(name.text);
  }
  const again = nameOf(name.shown, 'room', defaultLimits);
  return !/[\s@#/\p{Cc}]/u.test(name.shown) && isDeepStrictEqual(again, name);
}

describe('addressOf', () => {
  test('splits at the last @', () => {
    expect(addressOf('小明')).toEqual({ nick: '小明', server: undefined });
    expect(addressOf('小明@b')).toEqual({ nick: '小明', server: 'b' });
    expect(addressOf('a@b@c')).toEqual({ nick: 'a@b', server: 'c' });
  });
});

describe('refusalOfText', () => {
  test.each([
    ['', 'text-empty'],
    [' \n ', 'text-empty'],
    ['\u001b[2J', 'text-control'],
    ['a\rb', 'text-control'],
  ])('refuses %j as %s', (text, code) => {
    expect(refusalOfText(text, defaultLimits)?.code).toBe(code);
  });

  test.each(['好'.repeat(2001), 'x'.repeat(60_000)])('refuses a text that is too long', (text) => {
    expect(refusalOfText(text, defaultLimits)?.code).toBe('text-too-long');
  });

  test('lets several lines, tabs and 2000 emoji pass', () => {
    expect(refusalOfText('a\n\tb', defaultLimits)).toBeUndefined();
    expect(refusalOfText('😀'.repeat(2000), defaultLimits)).toBeUndefined();
  });
});
