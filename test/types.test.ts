// The types of the package as a program sees them: test/types has programs that compile only if the types are
// right. Reads the built package: run `npm run build` first (`npm test` does).

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { publicTypes } from './docs/declarations.ts';
import { root } from './docs/markdown.ts';
import { makeWorkshop } from './docs/programs.ts';

const execute = promisify(execFile);
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const programs = [
  ['node.mts', { lib: ['ES2023'], types: ['node'] }],
  ['web.mts', { lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'], types: [] }],
] as const;

async function compile(program: string, host: object): Promise<string> {
  const { directory, remove } = makeWorkshop();
  onTestFinished(remove);
  cpSync(join(root, 'test/types', program), join(directory, program));
  const compilerOptions = {
    ...host,
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  };
  const config = { compilerOptions, files: [program] };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
  try {
    await execute(process.execPath, [compiler, '-p', directory, '--pretty', 'false']);
    return '';
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

describe('a program that uses the types as promised', () => {
  test.each(programs)('%s compiles, and the declarations with it', async (program, host) => {
    expect(await compile(program, host)).toBe('');
  });
});

describe('the declarations', () => {
  const files = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.d.ts'),
  );

  test('name no generic Uint8Array or Buffer, which TypeScript before 5.7 does not know', () => {
    expect(files.length).toBeGreaterThan(50);
    const generic = files.filter((name) =>
      /^(?!\s*(?:\*|\/\/)).*\b(?:Uint8Array|Buffer)</m.test(
        readFileSync(join(root, 'dist', name), 'utf8'),
      ),
    );
    expect(generic).toEqual([]);
  });

  test.each(['main', 'codec', 'web', 'peer', 'testing', 'arbitraries'])(
    'of unstick/%s let every option be undefined',
    (entry) => {
      const types = publicTypes(join(root, `dist/entries/${entry}.d.ts`));
      // Each declaration of options, and in it each optional member with all of its type.
      const strict = types.split(/\n\n(?=export |interface |declare |type )/).flatMap((text) => {
        const [, name = ''] = /interface (\w*(?:Options|Hints))\b/.exec(text) ?? [];
        const members = name === '' ? [] : text.split(/\n(?= {4}\S)/);
        return members
          .filter((member) => /^ +(?:readonly )?\w+\?/.test(member))
          .filter((member) => !/\bundefined;\s*\}?\s*$/.test(member))
          .map((member) => `${name}: ${member.trim()}`);
      });
      expect(strict).toEqual([]);
    },
  );
});
