// The answers of docs/which-codec.md: each framing decodes the bytes that stand under it into the values,
// however they are cut, and encodes the values into those bytes. The table of other code has the bytes that such
// code sends for `hi`. Both languages have the same answers.

import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { framing } from '../../src/entries/formats.ts';
import { hex, join } from '../support/bytes.ts';
import { readMarkdown, tableRows } from './markdown.ts';
import type { Markdown } from './markdown.ts';

interface Answer {
  readonly place: string;
  readonly description: string;
  readonly frames: readonly string[];
  readonly values: readonly string[];
}

const english = readMarkdown('docs/which-codec.md');
const chinese = readMarkdown('docs/which-codec.zh-CN.md');

function answersOf({ blocks }: Markdown): Answer[] {
  return blocks.flatMap((block) => {
    const description = block.after;
    if (block.info !== 'text' || description?.info !== 'json') {
      return [];
    }
    const [, bytes = '', values = ''] = /^bytes +(.*)\nvalues +(.*)$/.exec(block.text) ?? [];
    const { place, text } = description;
    return [{ place, description: text, frames: bytes.split(' | '), values: values.split(' | ') }];
  });
}

/** The codec of a description. What its values are is known at run time only. */
function codecOf(description: string): Codec<unknown> {
  const codec: unknown = framing(JSON.parse(description));
  return codec as Codec<unknown>;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A value as the page writes it: hexadecimal bytes, or the parts that are there with their names. */
function written(value: unknown): string {
  if (value instanceof Uint8Array) {
    return hexOf(value) || '(empty)';
  }
  if (typeof value === 'number') {
    return value.toString(16).padStart(4, '0');
  }
  const names = ['flags', 'before', 'after', 'payload', 'trailer'] as const;
  const parts = names.map((name) => [name, Reflect.get(Object(value), name)] as const);
  const present = parts.filter(([, part]) => part !== undefined);
  return present.map(([name, part]) => `${name} ${written(part)}`).join(', ');
}

function plainBlocks({ blocks }: Markdown): string[] {
  return blocks.filter(({ info }) => info !== '').map(({ text }) => text);
}

const cases = answersOf(english).map((answer) => [answer.place, answer] as const);

describe('the answers of docs/which-codec.md', () => {
  test('are there', () => {
    expect(cases.length).toBeGreaterThan(25);
  });

  test.each(cases)('%s is what the bytes under it are framed by', (_, answer) => {
    const codec = codecOf(answer.description);
    const frames = answer.frames.map(hex);
    const whole = join(frames);
    for (let size = 1; size <= whole.length; size++) {
      const decoder = codec.decoder();
      for (let at = 0; at < whole.length; at += size) {
        decoder.push(whole.slice(at, at + size));
      }
      decoder.end();
      const values: unknown[] = Array.from(decoder);
      expect(values.map(written)).toEqual(answer.values);
      const encoded = values.map((value) => hexOf(join(codec.encode(value))));
      expect(encoded).toEqual(frames.map(hexOf));
    }
  });

  test('are the same in both languages', () => {
    expect(plainBlocks(chinese)).toEqual(plainBlocks(english));
    expect(chinese.headings).toHaveLength(english.headings.length);
  });
});

const HEAD = ['Your code', 'Framing', '`hi` on the wire'];
const CHINESE_HEAD = ['已有的代码', '对应的描述', '`hi` 的传输字节'];
const rows = tableRows(english.text, HEAD);

describe('the table of other code in docs/which-codec.md', () => {
  test('is there, and the same in both languages', () => {
    expect(rows.length).toBeGreaterThan(15);
    const plain = tableRows(chinese.text, CHINESE_HEAD).map((cells) => [
      cells[0]?.replaceAll('：', ': ').replaceAll('、', ', '),
      ...cells.slice(1),
    ]);
    expect(plain).toEqual(rows);
  });

  test.each(rows)('%s is framed by %s', (_, description = '', bytes = '') => {
    const codec = codecOf(description.replaceAll('`', ''));
    const wire = hex(bytes.replaceAll('`', ''));
    const decoder = codec.decoder();
    decoder.push(wire);
    decoder.end();
    const values: unknown[] = Array.from(decoder);
    expect(values.map(written)).toEqual(['6869']);
    expect(hexOf(join(codec.encode(values[0])))).toBe(hexOf(wire));
  });
});
