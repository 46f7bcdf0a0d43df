// The steps of a dialogue: the bytes that a step sends, where it ends, and the values that it captures.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDialogue } from '../../../src/prove/dialogue/parse.ts';
import { isSpoken } from '../../../src/prove/dialogue/dialogue.ts';
import type { SpokenStep } from '../../../src/prove/dialogue/dialogue.ts';
import { capturesIn, endFinder, render } from '../../../src/prove/dialogue/steps.ts';
import { Unsayable } from '../../../src/prove/dialogue/unsayable.ts';

function step(fields: object): SpokenStep {
  const first = { from: 'server', say: [], capture: { v: { at: 0, length: 1 } } };
  const [, parsed] = parseDialogue(
    JSON.stringify({ version: 1, steps: [first, { from: 'server', say: [], ...fields }] }),
  ).steps;
  if (parsed === undefined || !isSpoken(parsed)) {
    throw new Error('not a spoken step');
  }
  return parsed;
}

const NONE = new Map<string, Uint8Array>();
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('endFinder', () => {
  const lines = step({ until: { lines: 2 } });
  const marked = step({ until: { marker: { hex: '5a 00' } } });
  const long = step({ until: { length: 3 } });
  const same = step({ say: [{ text: 'ab' }, { value: 'v' }] });
  test.each<[string, SpokenStep, string, number | undefined]>([
    ['one line of two', lines, 'a\n', undefined],
    ['two lines', lines, 'a\n\n', 3],
    ['two lines and the next step', lines, 'a\nb\nc\n', 4],
    ['half a marker', marked, 'xZ', undefined],
    ['a marker', marked, 'xZ\0y', 3],
    ['too few bytes', long, 'ab', undefined],
    ['enough bytes', long, 'abcd', 3],
    ['fewer bytes than are said', same, 'abc', undefined],
    ['as many bytes as are said', same, 'xxxx', 4],
  ])('%s', (_, given, heard, length) => {
    expect(endFinder(given, new Map([['v', bytes('zz')]]))(bytes(heard))).toBe(length);
  });

  test('finds the same end in bytes that grow, and finds it again', () => {
    const repeated = step({ until: { marker: { text: 'aab' } } });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 24 });
    const cuts = fc.array(fc.nat(24), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(lines, repeated, long), text, cuts, (given, heard, places) => {
        const whole = endFinder(given, NONE)(bytes(heard));
        const find = endFinder(given, NONE);
        for (const at of [...places.toSorted((one, other) => one - other), 24, 24]) {
          const end = find(bytes(heard.slice(0, at)));
          expect(end).toBe(whole !== undefined && whole <= at ? whole : undefined);
        }
      }),
    );
  });
});

describe('capturesIn', () => {
  const between = step({ capture: { x: { after: { text: '<' }, before: { text: '>' } } } });
  const placed = step({ capture: { x: { at: 1, length: 2 } } });
  test.each<[string, SpokenStep, string, readonly [number, number] | undefined]>([
    ['between two texts', between, 'a<bc>d', [2, 4]],
    ['an empty value', between, '<>', [1, 1]],
    ['without the end', between, 'a<bc', undefined],
    ['without the start', between, 'abc>', undefined],
    ['the end before the start', between, '>a<b', undefined],
    ['at an offset', placed, 'abcd', [1, 3]],
    ['beyond the bytes', placed, 'ab', undefined],
  ])('%s', (_, given, heard, range) => {
    const [start, end] = range ?? [];
    const found = range === undefined ? [] : [{ name: 'x', start, end }];
    expect(capturesIn(given, bytes(heard))).toEqual(found);
  });
});

describe('render', () => {
  test('puts literals and values in a row', () => {
    const { say } = step({
      say: [{ text: 'é' }, { hex: '00 ff' }, { base64: 'AQI=' }, { value: 'v' }],
    });
    expect(render(say, new Map([['v', bytes('!')]]))).toEqual(bytes('\xc3\xa9\0\xff\x01\x02!'));
  });

  test('refuses a value that no step captured', () => {
    expect(() => render(step({ say: [{ value: 'v' }] }).say, NONE)).toThrow(Unsayable);
  });

  // The examples are from RFC 1939, RFC 2195 and RFC 7677. Two proofs of databases are tested with their
  // servers in test/interop.
  test.each<[string, Record<string, string>, string]>([
    [
      'apop',
      { nonce: '<1896.697170952@dbc.mtview.ca.us>', password: 'tanstaaf' },
      'c4c9334bac560ecc979e58001b3e22fb',
    ],
    [
      'cram-md5',
      {
        nonce: 'PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+',
        user: 'tim',
        password: 'tanstaaftanstaaf',
      },
      'dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw',
    ],
    [
      'scram-sha-256',
      {
        'client-first': 'n=user,r=rOprNGfwEbeRWgbNEkqO',
        'server-first':
          'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
        password: 'pencil',
      },
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    ],
  ])('computes the proof %s of its RFC', (proof, inputs, wanted) => {
    expect(render(step({ say: [{ proof, with: inputs }] }).say, NONE).toString()).toBe(wanted);
  });

  test.each([
    ['that is none', 'hello', 'such as r='],
    ['without a salt', 'r=a,s=,i=4096', 'such as r='],
    ['with half a number', 'r=a,s=YQ==,i=4096x', 'such as r='],
    ['without iterations', 'r=a,s=YQ==,i=0', 'wants 0'],
    ['with a long zero', 'r=a,s=YQ==,i=0000000000', 'wants 0'],
    ['with more iterations than anyone asks for', 'r=a,s=YQ==,i=1000001', 'wants 1000001'],
    ['with an endless number', `r=a,s=YQ==,i=${'9'.repeat(999)}`, 'wants Infinity'],
  ])('refuses a SCRAM challenge %s', (_, challenge, words) => {
    const inputs = { 'client-first': 'n=u,r=a', 'server-first': challenge, password: 'x' };
    const { say } = step({ say: [{ proof: 'scram-sha-256', with: inputs }] });
    expect(() => render(say, NONE)).toThrow(words);
    expect(() => render(say, NONE)).toThrow(Unsayable);
  });
});
