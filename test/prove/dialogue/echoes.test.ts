// What may be new on each connection, found in a recording.

import { expect, test } from 'vitest';
import { echoesOf } from '../../../src/prove/dialogue/echoes.ts';
import { dialogueOf } from '../../../src/prove/dialogue/transcript.ts';

const dialogue = (...turns: readonly (readonly ['client' | 'server', string])[]) =>
  dialogueOf(turns.map(([from, text]) => ({ from, bytes: Buffer.from(text) })));

test('a value that the other side repeats is an echo, each once', () => {
  const recorded = dialogue(
    ['server', '220 ready <x81f93ka02>\r\n'],
    ['client', 'LOGIN x81f93ka02\r\n'],
    ['server', '250 x81f93ka02 ok, session=77aa-0192\r\n'],
    ['client', 'GET x81f93ka02 77aa-0192\r\n'],
  );
  expect(echoesOf(recorded)).toEqual([
    { step: 0, at: 11, length: 10, again: 1 },
    { step: 2, at: 27, length: 9, again: 3 },
  ]);
});

test('a value that its own side repeats, a word, and a short number are none', () => {
  const recorded = dialogue(
    ['server', 'welcome81f93ka02 username 1234567\r\n'],
    ['client', 'username 1234567\r\n'],
    ['server', 'welcome81f93ka02\r\n'],
  );
  expect(echoesOf(recorded)).toEqual([]);
});
