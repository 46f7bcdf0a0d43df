// Recordings become dialogues that follow values which are new on each connection. A third connection, which
// was not recorded, shows whether the dialogues do so.

import {
  array,
  assert,
  constantFrom,
  integer,
  property,
  record,
  tuple,
  uint8Array,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSpoken } from '../../../src/prove/dialogue/dialogue.ts';
import type { Dialogue, Speaker } from '../../../src/prove/dialogue/dialogue.ts';
import { follow } from '../../../src/prove/dialogue/follow.ts';
import { formatDialogue, parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import { capturesIn, endFinder, keepValues, render } from '../../../src/prove/dialogue/steps.ts';
import { dialogueOf } from '../../../src/prove/dialogue/transcript.ts';

type Turn = readonly [Speaker, string | Uint8Array];

const dialogue = (...turns: readonly Turn[]): Dialogue =>
  dialogueOf(turns.map(([from, bytes]) => ({ from, bytes: Buffer.from(bytes) })));

/**
 * Plays a dialogue as `speaker` against the turns of another connection. Returns what the speaker says, and
 * what the remote says, with captured values replaced.
 */
function played(script: Dialogue, speaker: Speaker, turns: readonly Turn[]): readonly string[] {
  const values = new Map<string, Uint8Array>();
  const { steps } = parseDialogue(formatDialogue(script));
  return steps
    .filter((step) => isSpoken(step))
    .map((step, index) => {
      const heard = Buffer.from(turns[index]?.[1] ?? '');
      const bytes = Buffer.from(step.from === speaker ? render(step.say, values) : heard);
      expect(step.from === speaker || endFinder(step, values)(bytes) === bytes.length).toBe(true);
      keepValues(step, bytes, values);
      if (step.from === speaker) {
        return bytes.toString('latin1');
      }
      const blanks = capturesIn(step, bytes);
      return bytes
        .toString('latin1')
        .split('')
        .map((one, at) => (blanks.some(({ start, end }) => at >= start && at < end) ? '_' : one))
        .join('');
    });
}

const pop = (nonce: string, time: string): readonly Turn[] => [
  ['server', `+OK ready <${nonce}@x> at ${time}\r\n`],
  ['client', `ECHO ${nonce}\r\n`],
  ['server', `+OK ${nonce} it is ${time}\r\n`],
  ['client', 'QUIT\r\n'],
];
const login = (nonce: string, answer: string): Dialogue =>
  dialogue(['server', `334 ${nonce}\r\n`], ['client', `${answer}\r\n`], ['server', '235 ok\r\n']);
const counted = (id: string): readonly Turn[] => [
  ['server', Buffer.from(`0009${id}ff01`, 'hex')],
  ['client', Buffer.from(`0008${id}02`, 'hex')],
];
const object = (body: string): Dialogue =>
  dialogue(['client', 'GET\r\n'], ['server', `{"id":"${body}","ok":true}`]);
const unmarked = (body: string): Dialogue =>
  dialogue(['client', 'GET\r\n'], ['server', `aaaaaaaa${body}aaaaaaaa`]);
const session = (nonce: string, id: string): readonly Turn[] => [
  ['server', `220 ready <${nonce}>\r\n`],
  ['client', `LOGIN ${nonce}\r\n`],
  ['server', `250 ${nonce} ok, session=${id}\r\n`],
  ['client', `GET ${nonce} ${id}\r\n`],
];

describe('of two recordings', () => {
  const first = pop('1.77', '06:16:30');
  const made = follow(dialogue(...first), dialogue(...pop('2.31', '06:16:31')));

  test('a value that is repeated is captured and said again, and a clock is left out', () => {
    expect(made.values).toEqual([
      { step: 0, from: 'server', at: 11, length: 4, name: 'value1', again: [1] },
      { step: 0, from: 'server', at: 22, length: 8, name: 'value2', again: [] },
      { step: 2, from: 'server', at: 4, length: 4, name: 'value3', again: [] },
      { step: 2, from: 'server', at: 15, length: 8, name: 'value4', again: [] },
    ]);
  });

  test('the client says the value of a connection that was not recorded', () => {
    const said = played(made.dialogue, 'client', pop('40000.5', '07:00:02'));
    expect(said).toEqual([
      '+OK ready <_______@x> at ________\r\n',
      'ECHO 40000.5\r\n',
      '+OK _______ it is ________\r\n',
      'QUIT\r\n',
    ]);
  });

  test('the server says what was recorded, and the value that the client repeats is compared', () => {
    expect(played(made.dialogue, 'server', first)).toEqual(first.map(([, text]) => text));
  });

  test('what a client computes is named as new and unexplained', () => {
    const { values } = follow(login('UDE4', 'bWUgMTE='), login('UDE5', 'bWUgMjI='));
    expect(values.map(({ from, name, again }) => [from, name, again])).toEqual([
      ['server', 'value1', []],
      ['client', 'value2', []],
    ]);
  });

  test('equal recordings are a dialogue without captures', () => {
    expect(follow(dialogue(...first), dialogue(...first)).dialogue).toEqual(dialogue(...first));
  });

  test.each<[string, readonly Turn[], number]>([
    ['ends early', first.slice(0, 2), 2],
    ['says more', [...first, ['server', 'bye\r\n']], 4],
    ['has another speaker', [['client', 'hi\r\n']], 0],
  ])('one that %s is not followed', (_, turns, parted) => {
    const found = follow(dialogue(...first), dialogue(...turns));
    expect(found.parted).toBe(parted);
    expect(found.values).toEqual([]);
  });

  test('a counter that is not text takes its equal bytes with it', () => {
    const { dialogue: script } = follow(
      dialogue(...counted('00001a2b')),
      dialogue(...counted('00001a2c')),
    );
    const third = counted('00011b00');
    expect(played(script, 'client', third)[1]).toBe(
      Buffer.from(third[1]?.[1] ?? '').toString('latin1'),
    );
  });

  test('a step whose length changes ends at its last bytes', () => {
    const { dialogue: script, endless } = follow(object('a1'), object('b22'));
    expect(script.steps[1]).toMatchObject({ until: { marker: { text: 'rue}' } } });
    expect(endless).toEqual([]);
  });

  test('a step without a sure end is named', () => {
    expect(follow(unmarked('1'), unmarked('22')).endless).toEqual([1]);
  });
});

describe('of one recording', () => {
  const made = follow(dialogue(...session('x81f93ka02', '77aa-0192')));

  test('a long value with digits that the other side repeats is captured', () => {
    expect(made.values).toEqual([
      { step: 0, from: 'server', at: 11, length: 10, name: 'value1', again: [1, 3] },
      { step: 2, from: 'server', at: 4, length: 10, name: 'value2', again: [] },
      { step: 2, from: 'server', at: 27, length: 9, name: 'value3', again: [3] },
    ]);
  });

  test('the dialogue follows a connection that was not recorded', () => {
    const other = session('another-0815-4711', '1');
    expect(played(made.dialogue, 'client', other)).toEqual([
      '220 ready <_________________>\r\n',
      'LOGIN another-0815-4711\r\n',
      '250 _________________ ok, session=_\r\n',
      'GET another-0815-4711 1\r\n',
    ]);
  });

  test('a value that only its own side repeats, a word, and a short number are none', () => {
    const recorded = dialogue(
      ['server', 'welcome81f93ka02 username 1234567\r\n'],
      ['client', 'username 1234567\r\n'],
      ['server', 'welcome81f93ka02\r\n'],
    );
    expect(follow(recorded)).toMatchObject({ values: [], dialogue: recorded });
  });
});

describe('whatever is recorded', () => {
  const turn = tuple(
    constantFrom<Speaker>('client', 'server'),
    uint8Array({ minLength: 1, maxLength: 40 }),
  );

  test('the dialogue is well-formed, and says the first recording when it hears it', () => {
    assert(
      property(
        array(turn, { minLength: 1, maxLength: 8 }),
        array(turn, { maxLength: 8 }),
        (one, other) => {
          const first = dialogue(...one);
          const turns = first.steps.flatMap((step): readonly Turn[] =>
            isSpoken(step) ? [[step.from, render(step.say, new Map())]] : [],
          );
          for (const { dialogue: script } of [follow(first), follow(first, dialogue(...other))]) {
            const values = new Map<string, Uint8Array>();
            const { steps } = parseDialogue(formatDialogue(script));
            for (const [index, step] of steps.filter((each) => isSpoken(each)).entries()) {
              expect(Buffer.from(render(step.say, values))).toEqual(
                Buffer.from(turns[index]?.[1] ?? ''),
              );
              keepValues(step, render(step.say, values), values);
            }
          }
        },
      ),
    );
  });

  test('two recordings of a template give a dialogue that follows a third', () => {
    const value = integer({ min: 1, max: 1e9 }).map(String);
    const values = record({ nonce: value, id: value, clock: value });
    assert(
      property(tuple(values, values, values), (all) => {
        const [one, two, three] = all.map(({ nonce, id, clock }): readonly Turn[] => [
          ['server', `hello <${nonce}> (${clock})\n`],
          ['client', `login ${nonce} as ${id}\n`],
          ['server', `welcome ${id}, until ${clock}\n`],
        ]);
        const distinct = new Set(all.flatMap(({ nonce, id, clock }) => [nonce, id, clock])).size;
        if (one === undefined || two === undefined || three === undefined || distinct < 9) {
          return;
        }
        const { dialogue: script } = follow(dialogue(...one), dialogue(...two));
        const [, said] = played(script, 'client', three);
        expect(said).toMatch(new RegExp(`^login ${all[2].nonce} as `));
      }),
    );
  });
});
