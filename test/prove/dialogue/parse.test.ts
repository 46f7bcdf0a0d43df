// Rules of the dialogue file: reading is strict, and writing gives back the same value.

import { describe, expect, test } from 'vitest';
import { formatDialogue, parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import type { Dialogue } from '../../../src/prove/dialogue/dialogue.ts';
import { UsageError } from '../../../src/errors.ts';

const GREETING = {
  from: 'server',
  say: [{ text: '+OK <1@x>\r\n' }],
  until: { lines: 1 },
  capture: { stamp: { after: { text: '+OK ' }, before: { text: '\r\n' } } },
};
const LOGIN = {
  from: 'client',
  say: [
    { text: 'APOP me ' },
    { proof: 'apop', with: { nonce: [{ value: 'stamp' }], password: 'secret' } },
    { hex: '0d 0a' },
  ],
};
const GOOD = { version: 1, steps: [GREETING, LOGIN, { from: 'client', fin: true }] };

function refusal(text: string): UsageError {
  try {
    parseDialogue(text);
  } catch (error) {
    if (error instanceof UsageError) {
      return error;
    }
    throw error;
  }
  throw new Error(`accepted ${text}`);
}

function withStep(step: unknown): string {
  return JSON.stringify({ version: 1, steps: [GREETING, step] });
}

test('a dialogue file is read back as it was written', () => {
  const dialogue: Dialogue = parseDialogue(JSON.stringify(GOOD));
  expect(dialogue).toEqual(GOOD);
  expect(parseDialogue(formatDialogue(dialogue))).toEqual(dialogue);
});

test('a written dialogue has a line for each step', () => {
  expect(formatDialogue(parseDialogue(JSON.stringify(GOOD))).split('\n')).toHaveLength(9);
});

describe('a dialogue file is refused, with its place,', () => {
  test.each<[string, string, string]>([
    ['that is no JSON', '{', 'must be JSON'],
    ['that is a list', '[]', 'The dialogue must be an object'],
    ['of another version', JSON.stringify({ ...GOOD, version: 2 }), 'version 2'],
    ['without steps', JSON.stringify({ version: 1, steps: [] }), '1 to'],
    ['with a word more', JSON.stringify({ ...GOOD, note: 1 }), '"note"'],
    ['with a step that is a string', withStep('QUIT'), 'Step 1 must be an object'],
    ['with a speaker of its own', withStep({ from: 'me', say: [] }), 'Step 1: "from"'],
    ['with a step that says nothing', withStep({ from: 'client' }), '"say" must be a list'],
    [
      'with two literals in one',
      withStep({ from: 'client', say: [{ text: '', hex: '' }] }),
      'part 0',
    ],
    ['with odd hex', withStep({ from: 'client', say: [{ hex: 'abc' }] }), 'hex is not well-formed'],
    ['with bad base64', withStep({ from: 'client', say: [{ base64: 'a' }] }), 'base64 is not'],
    [
      'with an unknown value',
      withStep({ from: 'client', say: [{ value: 'x' }] }),
      'no earlier step',
    ],
    [
      'with an unknown proof',
      withStep({ from: 'client', say: [{ proof: 'x' }] }),
      'Proofs are apop',
    ],
    [
      'with a proof that lacks an input',
      withStep({ from: 'client', say: [{ proof: 'apop', with: { password: 'x' } }] }),
      'needs "nonce"',
    ],
    [
      'with a proof named like a method',
      withStep({ from: 'client', say: [{ proof: 'constructor', with: {} }] }),
      'there is no proof',
    ],
    ['with a fin that speaks', withStep({ from: 'client', fin: true, say: [] }), 'no field but'],
    [
      'with two ends',
      withStep({ from: 'server', say: [], until: { lines: 1, length: 1 } }),
      'one of',
    ],
    ['with no line', withStep({ from: 'server', say: [], until: { lines: 0 } }), '"lines"'],
    [
      'with an empty marker',
      withStep({ from: 'server', say: [], until: { marker: { text: '' } } }),
      'is empty',
    ],
    [
      'with a capture of half a kind',
      withStep({ from: 'server', say: [], capture: { x: { at: 1 } } }),
      '"at" and "length"',
    ],
    [
      'with a capture of a strange name',
      withStep({ from: 'server', say: [], capture: { '\u001b[2J': { at: 1, length: 1 } } }),
      '"\\u{1b}[2J"',
    ],
  ])('%s', (_, text, words) => {
    expect(refusal(text)).toMatchObject({
      code: 'ERR_DIALOGUE',
      message: expect.stringContaining(words),
    });
  });
});
