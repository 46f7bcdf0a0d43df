// An inspection that guesses how each conversation is framed: what a page sees while it waits, and afterwards.

import { describe, expect, test } from 'vitest';
import { guessEach } from '../../src/trace/guessing-annotator.ts';
import type { Inspection } from '../../src/trace/inspection.ts';
import type { ConversationRow, Row } from '../../src/trace/rows.ts';
import { join, utf8 } from '../support/bytes.ts';
import { inspectionOf, say } from './tracing.ts';

const NAMES = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];

/** Frames of a type, a number of two bytes that counts what follows, and a name. */
const TYPED = NAMES.map((name, i) =>
  join([Uint8Array.of(0x50 + (i % 3), 0, name.length), utf8(name)]),
);
/** Frames of a number of four bytes that counts what follows, and a name. */
const PLAIN = NAMES.map((name) => join([Uint8Array.of(0, 0, 0, name.length), utf8(name)]));
const LINES = NAMES.map((name) => utf8(`${name} is a planet of the sun\r\n`));
const GREETING = utf8('hello from a server of version 7\n');
/** One sentence, which no framing explains. */
const TEXT = utf8('It was a dark and stormy night.');

function guessing(isLive = false): Inspection {
  return inspectionOf('u32be', { spots: guessEach, framing: undefined, isLive });
}

function rowsOf(inspection: Inspection, conversation: number): readonly Row[] {
  return inspection.rows({ filter: { conversation }, from: 0, count: 500 }).rows;
}

function guessOf(inspection: Inspection, index: number): ConversationRow['guess'] {
  return inspection.conversations(index, 1).conversations[0]?.guess;
}

describe('an inspection that guesses', () => {
  test('finds the frames that it finds with the framing', () => {
    const [guessed, given] = [guessing(), inspectionOf('u16be@1')];
    for (const one of [guessed, given]) {
      say(one, TYPED, { how: 'fin' });
      one.end();
    }
    expect(rowsOf(guessed, 0)).toEqual(rowsOf(given, 0));
    expect(guessed.hasFraming).toBe(true);
    expect(guessed.state()).toMatchObject({ guessed: ['u16be@1'], summary: { frames: 8 } });
    expect(given.state()).not.toHaveProperty('guessed');
  });

  test('gives each conversation, and each direction, a framing of its own', () => {
    const inspection = guessing();
    say(inspection, TYPED);
    say(inspection, LINES, { direction: 'b>a', isGoingOn: true });
    say(inspection, PLAIN, { index: 1 });
    inspection.end();
    const words = (index: number) =>
      guessOf(inspection, index)?.parts.map(({ direction, word }) => `${direction} ${word}`);
    expect(words(0)).toEqual(['a>b u16be@1', 'b>a {"codec":"lines","maxLength":65536}']);
    expect(words(1)).toEqual(['a>b u32be']);
    expect(rowsOf(inspection, 0).map(({ direction }) => direction)).toEqual([
      ...TYPED.map(() => 'a>b'),
      ...LINES.map(() => 'b>a'),
    ]);
    expect(rowsOf(inspection, 1)).toHaveLength(PLAIN.length);
    expect(inspection.conversations(0, 2).conversations).toMatchObject([
      { index: 0, frames: TYPED.length + LINES.length },
      { index: 1, frames: PLAIN.length },
    ]);
  });

  test('says how sure it is, and why', () => {
    const inspection = guessing();
    say(inspection, TYPED);
    say(inspection, [TEXT], { index: 1 });
    inspection.end();
    expect(guessOf(inspection, 0)).toMatchObject({
      verdict: 'sure',
      parts: [{ frames: [TYPED.length, TYPED.length], why: expect.arrayContaining([]) }],
    });
    expect(guessOf(inspection, 0)?.parts[0]?.why.length).toBeGreaterThan(0);
    expect(guessOf(inspection, 1)).toEqual({ verdict: 'none', parts: [] });
  });

  test('counts bytes that wait, and has no rows yet', () => {
    const inspection = guessing();
    say(inspection, TYPED);
    const { length } = join(TYPED);
    const waiting = inspection.state();
    expect(waiting).toMatchObject({ guessed: [], conversations: 1, end: 0 });
    expect(waiting.summary).toMatchObject({ conversations: 1, bytes: length, frames: 0 });
    expect(guessOf(inspection, 0)).toBe(undefined);
    inspection.end();
    expect(inspection.state().summary).toMatchObject({
      conversations: 1,
      bytes: length,
      frames: TYPED.length,
    });
  });

  test('takes heads apart as the guessed framing has them, also behind a greeting', () => {
    const inspection = guessing();
    say(inspection, [GREETING, ...TYPED]);
    inspection.end();
    const [gap, first] = rowsOf(inspection, 0);
    expect(gap).toMatchObject({ kind: 'gap', offset: 0, length: GREETING.length });
    expect(first).toMatchObject({ kind: 'frame', offset: GREETING.length, head: 3 });
    const own = inspection.detail(first?.id ?? -1)?.around.find(({ row }) => row.id === first?.id);
    const fields = own !== undefined && 'fields' in own ? own.fields : [];
    expect(fields.map(({ name, value }) => `${name} = ${value}`)).toEqual([
      'before = 50 "P"',
      'length (u16be) = 7',
    ]);
  });

  test('says so if it finds no framing at all', () => {
    const inspection = guessing();
    say(inspection, [TEXT], { how: 'fin' });
    inspection.end();
    expect(inspection.hasFraming).toBe(false);
    expect(inspection.state()).toMatchObject({
      guessed: [],
      problem: 'No framing was found, so there is nothing to inspect.',
    });
  });

  test.each([
    ['live', true, 'likely or sure'],
    ['of a file', false, undefined],
  ])('%s tells a conversation that is over: %s', (_, isLive, expected) => {
    const inspection = guessing(isLive);
    say(inspection, PLAIN.slice(0, 5));
    say(inspection, [], { direction: 'b>a', isGoingOn: true, how: 'fin' });
    expect(guessOf(inspection, 0)).toBe(undefined);
    say(inspection, [], { isGoingOn: true, how: 'fin' });
    const verdict = guessOf(inspection, 0)?.verdict;
    expect(verdict === undefined ? undefined : 'likely or sure').toBe(expected);
  });
});
