// Paths that people type, and the files that they lead to.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runs } from '../../../test/support/seed.ts';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../both/refusal.ts';
import { bytesBelow, checkName, Home, resolveSteps, showSteps } from './home.ts';

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

/** The result of a call, or the code of the Refusal that it throws. */
function outcomeOf(run: () => readonly string[]): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof Refusal ? error.code : error;
  }
}

describe('resolveSteps', () => {
  test('gives single names that lead nowhere but down, or refuses, whatever is typed', () => {
    const parts = fc.constantFrom(
      '..',
      '.',
      '',
      '/',
      '\\',
      '\0',
      'C:',
      'a',
      '文件',
      '😀',
      ' ',
      '~',
    );
    const typed = fc
      .array(fc.oneof(parts, fc.string({ unit: 'binary' })))
      .map((all) => all.join('/'));
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b')), typed, (cwd, text) => {
        const steps = outcomeOf(() => resolveSteps(cwd, text));
        if (!isNames(steps)) {
          return ['E_NAME', 'E_OUTSIDE'].includes(String(steps));
        }
        const isPlain = steps.every((step) => /^[^/\\\0]+$/.test(step) && !/^\.\.?$/.test(step));
        expect(isPlain && join('/home', ...steps)).toBe(['/home', ...steps].join('/'));
        return true;
      }),
      runs(200),
    );
  });

  test('goes up with .., and not above the home', () => {
    expect(showSteps(resolveSteps(['a', 'b'], '../c'))).toBe('/a/c');
    expect(showSteps(resolveSteps(['a', 'b'], '../..'))).toBe('/');
    expect(() => resolveSteps(['a'], '../..')).toThrow('leaves your home');
    expect(() => resolveSteps([], 'a/../../b')).toThrow('leaves your home');
    expect(() => resolveSteps([], '/../x')).toThrow('leaves your home');
  });

  test('takes the home for /, as pwd shows it, and never the root of the disk', () => {
    expect(resolveSteps(['a'], '/')).toEqual([]);
    expect(resolveSteps(['a'], '/etc/passwd')).toEqual(['etc', 'passwd']);
    expect(resolveSteps(['a'], '//b')).toEqual(['b']);
  });
});

describe('checkName', () => {
  test.each([
    ['a\0b', 'contains a NUL'],
    ['a\nb', 'contains control characters'],
    ['a\u001b[31m', 'contains control characters'],
    ['a\u202etxt', 'contains control characters'],
    ['a\\b', 'has a backslash'],
    ['C:', 'looks like a Windows drive'],
    ['c:boot.ini', 'looks like a Windows drive'],
    ['\ud800', 'is not Unicode'],
    ['文'.repeat(86), 'is longer than 255 bytes'],
    ['..', 'is not a name'],
    ['', 'is not a name'],
  ])('refuses %j: it %s', (name, why) => {
    expect(() => checkName(name)).toThrow(why);
  });

  test('takes names in any script, and one of two ways to write é', () => {
    for (const name of ['文件.txt', '😀', 'a b', '-rf', '.hidden', '~', '文'.repeat(85)]) {
      expect(checkName(name)).toBe(name);
    }
    expect(checkName('e\u0301')).toBe('e\u0301'); // Home.spelt chooses the form.
  });
});

describe('Home', () => {
  let root = '';
  let home: Home;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'unstick-home-'));
    root = await realpath(directory);
    await mkdir(join(root, 'home/docs'), { recursive: true });
    await writeFile(join(root, 'secret'), 'of somebody else');
    await writeFile(join(root, 'home/docs/a'), '12345');
    await symlink('../secret', join(root, 'home/link'));
    await symlink('..', join(root, 'home/up'));
    await symlink('docs', join(root, 'home/inside'));
    execFileSync('mkfifo', [join(root, 'home/pipe')]);
    home = new Home(join(root, 'home'));
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  test.each([
    [['link'], 'E_LINK'],
    [['up', 'secret'], 'E_LINK'],
    [['inside', 'a'], 'E_LINK'],
    [['pipe'], 'E_NOT_FILE'],
    [['docs'], 'E_IS_DIRECTORY'],
    [['docs', 'a', 'b'], 'E_NOT_DIRECTORY'],
    [['nothing'], 'E_NO_FILE'],
    [['nothing', 'a'], 'E_NO_FILE'],
  ])('does not open %j: %s', async (steps, code) => {
    await expect(home.openFile(steps)).rejects.toHaveProperty('code', code);
  });

  test('does not enter, fill or list through a link', async () => {
    await expect(home.enter(['up'])).rejects.toHaveProperty('code', 'E_LINK');
    await expect(home.list(['inside'], '')).rejects.toHaveProperty('code', 'E_LINK');
    await expect(home.makeDirectory(['up', 'new'])).rejects.toHaveProperty('code', 'E_LINK');
    await expect(home.remove(['up', 'secret'])).rejects.toHaveProperty('code', 'E_LINK');
  });

  test('opens what is there, and lists links as links', async () => {
    const file = await home.openFile(['docs', 'a']);
    expect((await file.stat()).size).toBe(5);
    await file.close();
    const { entries, isMore } = await home.list([], '');
    const kinds = entries.map(({ name, kind }) => `${name} ${kind}`);
    expect(kinds).toEqual(['docs directory', 'inside link', 'link link', 'pipe other', 'up link']);
    expect(isMore).toBe(false);
  });

  test('counts the bytes of files, and none behind links', async () => {
    expect(await bytesBelow(join(root, 'home'))).toBe(5);
  });

  test('removes a link and not what it points to, and no directory with something in it', async () => {
    await symlink('docs/a', join(root, 'home/extra'));
    expect(await home.remove(['extra'])).toEqual({ bytes: 0, entries: 1 });
    await expect(home.remove(['docs'])).rejects.toHaveProperty('code', 'E_NOT_EMPTY');
    await expect(home.remove([])).rejects.toThrow('cannot be moved or removed');
    await expect(home.stat(['docs', 'a'])).resolves.toHaveProperty('size', 5);
  });
});
