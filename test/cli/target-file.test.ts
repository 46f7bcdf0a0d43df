// The file that names several programs to prove: what it may contain, and errors that name the place in it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readTargets } from '../../src/cli/target-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'unstick-targets-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: unknown): string {
  const file = join(folder, 'targets.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('an entry has the words of the command line, read as there', () => {
  const [first, second] = readTargets(
    fileOf({
      version: 1,
      targets: [
        {
          name: 'mail',
          target: 'mail:465',
          tls: true,
          'tls-ca': 'ca.pem',
          send: ['text:a', 'text:b'],
          time: '2s',
          runs: 7,
        },
        { stdio: 'cat', send: 'text:x' },
      ],
    }),
  );
  expect(first).toEqual({
    name: 'mail',
    target: 'mail:465',
    flags: { tls: true, tlsCa: 'ca.pem', send: ['text:a', 'text:b'], time: 2000, runs: 7 },
  });
  expect(second).toEqual({
    name: 'Target 1',
    target: undefined,
    flags: { stdio: 'cat', send: ['text:x'] },
  });
});

/** A file of one target. */
function entry(fields: object): object {
  return { version: 1, targets: [fields] };
}

describe('a file of targets is refused', () => {
  test.each<[string, unknown, string]>([
    ['that is no JSON', '{', 'is not JSON'],
    ['of another version', { version: 2, targets: [] }, 'version 2'],
    ['without targets', { version: 1, targets: [] }, 'no list of targets'],
    ['with an entry that is text', { version: 1, targets: ['x'] }, 'Target 0 must be an object'],
    ['with an option that there is not', entry({ sent: 'x' }), '"sent"'],
    ['with an option of the whole run', entry({ json: true }), '"json"'],
    ['with an option named like a method', entry({ constructor: 'x' }), '"constructor"'],
    ['with a time without a unit', entry({ time: '30' }), 'Target 0: time must be'],
    ['with a flag that is text', entry({ tls: 'yes' }), 'true or false'],
    ['with a list where one is meant', entry({ spawn: ['x'] }), 'text or a number'],
  ])('%s', (_, content, words) => {
    expect(() => readTargets(fileOf(content))).toThrow(words);
  });
});
