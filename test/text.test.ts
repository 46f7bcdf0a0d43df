// Text of a remote as it is shown to people: no character moves the cursor, forges a line, or is invisible.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableJson } from '../src/text.ts';
import { runs } from './support/seed.ts';

describe('printable', () => {
  test.each([
    ['plain text', 'hello, world', '"hello, world"'],
    ['Chinese', '粘包与半包', '"粘包与半包"'],
    ['quotes and backslashes', 'a"b\\c', '"a\\"b\\\\c"'],
    ['line ends and tabs', 'a\r\nb\tc', '"a\\r\\nb\\tc"'],
    ['an escape sequence', '\u001b]0;title\u0007\u001b[2J', '"\\u{1b}]0;title\\u{7}\\u{1b}[2J"'],
    ['C1 controls', '\u009b31m\u0085', '"\\u{9b}31m\\u{85}"'],
    ['DEL and NUL', '\u007f\u0000', '"\\u{7f}\\u{0}"'],
    ['bidi overrides and isolates', '\u202egpj\u2066\u2069', '"\\u{202e}gpj\\u{2066}\\u{2069}"'],
    ['line and paragraph separators', '\u2028\u2029', '"\\u{2028}\\u{2029}"'],
    [
      'invisible letters',
      'alice\u034f\u3164\u115f\u17b4',
      '"alice\\u{34f}\\u{3164}\\u{115f}\\u{17b4}"',
    ],
    ['variation selectors', '\ufe00\u{e0100}\u180b', '"\\u{fe00}\\u{e0100}\\u{180b}"'],
    ['tags and the blank braille pattern', '\u{e0041}\u2800', '"\\u{e0041}\\u{2800}"'],
    ['a lone surrogate', 'a\ud83d', '"a\\u{d83d}"'],
    ['private characters', '\ue000', '"\\u{e000}"'],
    ['joiners', '\u200d\u200c', '"\\u{200d}\\u{200c}"'],
    ['nothing', '', '""'],
  ])('shows %s', (_name, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('keeps the joiners of names when asked to, and nothing else', () => {
    expect(printable('👩\u200d💻 \ufe0f\u200c\u202e', { keepJoiners: true })).toBe(
      '"👩\u200d💻 \ufe0f\u200c\\u{202e}"',
    );
  });

  test('counts what is longer than 200 characters', () => {
    expect(printable('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
    expect(printable('x'.repeat(1234))).toBe(`"${'x'.repeat(200)}…" (1034 more characters)`);
    expect(printable('\u0007'.repeat(1000))).toBe(
      `"${'\\u{7}'.repeat(40)}…" (960 more characters)`,
    );
  });

  test('gives one line of visible characters for any text, bounded, and different for different text', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const shown = printable(one);
        expect(shown).toMatch(/^"[^\p{C}\p{Zl}\p{Zp}\p{DI}]*(?:"|…" \(\d+ more characters\))$/u);
        expect(shown.length).toBeLessThan(240);
        expect(one !== other && !shown.includes('…') && printable(other) === shown).toBe(false);
      }),
      runs(500),
    );
  });

  test('leaves quotes and backslashes alone in a whole line, and what is escaped already', () => {
    const line = 'it said "a\\b": \u001b[2J\n';
    const shown = 'it said "a\\b": \\u{1b}[2J\\n';
    expect(printable(line, { quotes: false })).toBe(shown);
    expect(printable(shown, { quotes: false })).toBe(shown);
    expect(printable('x'.repeat(9), { quotes: false, maxLength: 4 })).toBe(
      'xxxx… (5 more characters)',
    );
  });
});

describe('printableJson', () => {
  test('escapes what a terminal acts on or does not show', () => {
    expect(printableJson({ argv: ['\u001b[31m\u009b\u202e\u2028\u{e0041}', 'a\nb', '粘包'] })).toBe(
      String.raw`{"argv":["\u001b[31m\u009b\u202e\u2028\udb40\udc41","a\nb","粘包"]}`,
    );
  });

  test('gives back any value, on one line or indented', () => {
    const anything = fc.array(fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anything, fc.constantFrom(undefined, 2), (words, indent) => {
        const text = printableJson({ words }, indent);
        expect(JSON.parse(text)).toEqual({ words });
        const lines = text.split('\n');
        expect(lines.length > 1).toBe(indent === 2);
        for (const line of lines) {
          expect(line).toMatch(/^[^\p{C}\p{Zl}\p{Zp}\p{DI}]*$/u);
        }
      }),
      runs(200),
    );
  });
});
