// A recording becomes a dialogue that says the same bytes, and whose listener finds each turn again.

import {
  array,
  assert,
  constantFrom,
  oneof,
  property,
  record,
  stringMatching,
  uint8Array,
} from 'fast-check';
import { expect, test } from 'vitest';
import { isSpoken } from '../../../src/prove/dialogue/dialogue.ts';
import type { Speaker } from '../../../src/prove/dialogue/dialogue.ts';
import { formatDialogue, parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import { endFinder, render } from '../../../src/prove/dialogue/steps.ts';
import { dialogueOf } from '../../../src/prove/dialogue/transcript.ts';

const NONE = new Map<string, Uint8Array>();
const speaker = constantFrom<Speaker>('client', 'server');
const words = oneof(
  uint8Array({ minLength: 1, maxLength: 600 }),
  stringMatching(/^[ -~é中\t]{0,20}(\r\n[ -~]{0,20}){0,3}\r\n$/).map((text) => Buffer.from(text)),
);
const recording = array(record({ from: speaker, bytes: words }), {
  minLength: 1,
  maxLength: 20,
});

test('a dialogue says what was recorded, each side in order', () => {
  assert(
    property(recording, (seen) => {
      const { steps } = parseDialogue(formatDialogue(dialogueOf(seen)));
      for (const from of ['client', 'server'] as const) {
        const said = steps.filter((step) => isSpoken(step)).filter((step) => step.from === from);
        const recorded = seen.filter((event) => event.from === from);
        expect(Buffer.concat(said.map(({ say }) => render(say, NONE)))).toEqual(
          Buffer.concat(recorded.map(({ bytes }) => bytes)),
        );
      }
    }),
  );
});

test('two steps of one side never stand side by side: each is a turn', () => {
  assert(
    property(recording, (seen) => {
      const speakers = dialogueOf(seen).steps.map(({ from }) => from);
      expect(speakers.some((from, index) => from === speakers[index + 1])).toBe(false);
    }),
  );
});

test('a listener finds the end of each turn, and not before it', () => {
  assert(
    property(recording, uint8Array({ maxLength: 8 }), (seen, more) => {
      for (const step of dialogueOf(seen).steps.filter((each) => isSpoken(each))) {
        const bytes = Buffer.from(render(step.say, NONE));
        expect(endFinder(step, NONE)(Buffer.concat([bytes, more]))).toBe(bytes.length);
        expect(endFinder(step, NONE)(bytes.subarray(0, -1))).toBeUndefined();
      }
    }),
  );
});

test('the end of a side is a step of its own, behind what it said', () => {
  const seen = [
    { from: 'client', bytes: Buffer.from('QUIT\r\n') },
    { from: 'client', fin: true },
    { from: 'server', bytes: Buffer.from('bye\r\n') },
    { from: 'server', fin: true },
  ] as const;
  expect(dialogueOf(seen).steps).toEqual([
    { from: 'client', say: [{ text: 'QUIT\r\n' }], until: { lines: 1 } },
    { from: 'client', fin: true },
    { from: 'server', say: [{ text: 'bye\r\n' }], until: { lines: 1 } },
    { from: 'server', fin: true },
  ]);
});
