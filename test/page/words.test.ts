// The words of the page: two languages, one table.

import { describe, expect, test } from 'vitest';
import { byteCount, grouped, languageOf, words, WORD_ROWS } from '../../src/page/words.ts';

describe('the words', () => {
  test.each(Object.entries(WORD_ROWS))('of %s have the same places in both languages', (_, row) => {
    const places = row.map((text) => (text.match(/\{\d/g) ?? []).toSorted());
    expect(places[0]).toEqual(places[1]);
    expect(row.every((text) => text.trim() === text && text !== '')).toBe(true);
  });

  test('count one thing in the singular', () => {
    const say = words('en');
    expect([say('noiseBytes', 1), say('noiseBytes', 2)]).toEqual([
      '1 byte is no frame',
      '2 bytes are no frame',
    ]);
    expect(say('summary', 1, 0, 0, 0)).toMatch(/^1 frame ·/);
    expect(say('summary', 0, 0, 0, 0)).toMatch(/^0 frames ·/);
    // A noun behind a number has both forms: no text of the table may miss them.
    const plain = Object.values(WORD_ROWS).filter(([text]) => /\{\d\} \w+s\b/.test(text));
    expect(plain).toEqual([]);
  });

  test('take values, and group long numbers', () => {
    expect(words('en')('notKept', 1_234_567)).toBe(
      '1\u202f234\u202f567 rows are not kept, because memory is limited',
    );
    expect(words('zh')('oneChunk', 3)).toBe('数据块 3');
    expect([grouped(0), grouped(999), grouped(1000)]).toEqual(['0', '999', '1\u202f000']);
    expect(words('en')('notFound', '{1} $& {0}')).toBe('Not found: {1} $& {0}');
  });

  test.each([
    [['zh-CN', 'en'], 'zh'],
    [['de', 'zh-TW'], 'zh'],
    [['en-GB', 'zh'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('for a person who prefers %j are %s', (preferred, language) => {
    expect(languageOf(preferred)).toBe(language);
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [15 * 1024 * 1024, '15 MiB'],
    [2 ** 60, '1048576 TiB'],
  ])('for %i bytes are %s', (bytes, text) => {
    expect(byteCount(bytes)).toBe(text);
  });
});
