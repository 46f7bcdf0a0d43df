// The package as it is installed: its entries exist and load, also from CommonJS, and the entries for any
// host need no module of Node. Reads the built package: run `npm run build` first (`npm test` does).

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './docs/markdown.ts';

interface Entry {
  readonly types: string;
  readonly default: string;
}

interface Manifest {
  readonly author: string;
  readonly keywords: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, string | Entry>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const EVERY_IMPORT = /(?:from|import)\s*\(?\s*["']([^"'\s]+)["']/g;
const STATIC_IMPORT = /(?:from|import)\s*["']([^"'\s]+)["']/g;

/**
 * Everything that a built module imports, directly or not: files as paths, the rest by name. Lazily:
 * also what is imported when something is called.
 */
function closure(entry: string, { lazily } = { lazily: true }): string[] {
  const seen = new Set<string>();
  const open = [join(root, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) {
      continue;
    }
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, target = ''] of text.matchAll(lazily ? EVERY_IMPORT : STATIC_IMPORT)) {
      if (target.startsWith('.')) {
        const name = file.endsWith('.d.ts') ? target.replace(/(?:\.d)?\.[jt]s$/, '.d.ts') : target;
        open.push(join(dirname(file), name));
      } else {
        seen.add(target);
      }
    }
  }
  return [...seen];
}

describe('package.json', () => {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : [target.types, target.default],
  );

  test.each([...targets, ...Object.values(manifest.bin)])('names %s, which is built', (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });
});

test('package.json has an author, and the words by which people search', () => {
  expect(manifest.author).not.toBe('');
  const wanted =
    'length-delimited frame-decoder netty modbus lsp netstring rpc tcp-proxy fault-injection property-based 粘包 黏包 半包 拆包 分包';
  expect(wanted.split(' ').filter((word) => !manifest.keywords.includes(word))).toEqual([]);
  expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
});

test('nothing that is imported at once names fast-check but the arbitraries, nor do types', () => {
  const needing = Object.values(manifest.exports)
    .flatMap((target) => (typeof target === 'string' ? [] : [target.default, target.types]))
    .filter((entry) => closure(entry, { lazily: false }).includes('fast-check'));
  expect(needing).toEqual(['./dist/entries/arbitraries.js', './dist/entries/arbitraries.d.ts']);
  expect(readFileSync(join(root, 'dist/cli/main.js'), 'utf8')).not.toContain('fast-check');
});

describe('the pure entries', () => {
  test.each(['dist/entries/codec.js', 'dist/entries/web.js'])('%s imports files only', (entry) => {
    const imported = closure(entry);
    expect(imported.length).toBeGreaterThan(1);
    expect(imported.filter((name) => !name.startsWith(root))).toEqual([]);
  });

  test('the main entry imports nothing but Node besides its files', () => {
    const foreign = closure('dist/entries/main.js').filter((name) => !name.startsWith(root));
    expect(foreign.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
});

describe('the package where it is installed', () => {
  let folder = '';

  /** What a user's program prints; the package lies in its node_modules. */
  function print(name: string, program: string): string {
    writeFileSync(join(folder, name), program);
    return execFileSync(process.execPath, [name], { cwd: folder, encoding: 'utf8' }).trim();
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'unstick-package-'));
    const home = join(folder, 'node_modules/unstick');
    mkdirSync(home, { recursive: true });
    // No other package lies beside it, as where it is installed without its optional peer.
    cpSync(join(root, 'package.json'), join(home, 'package.json'));
    cpSync(join(root, 'dist'), join(home, 'dist'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe('without fast-check', () => {
    test('has the proxy, the server prover and the schedules', () => {
      const program = `import { chop, proveServer, parsePlan, splitAt, cutPoints } from 'unstick/testing';
        const proxy = await chop({ listen: { host: '127.0.0.1', port: 0 }, to: { host: '127.0.0.1', port: 1 } });
        await proxy.close();
        console.log(typeof proveServer, typeof parsePlan, splitAt(new Uint8Array(3), [1]).length, cutPoints(new Uint8Array(3), [0, 3]).length > 0);`;
      expect(print('testing.mjs', program)).toBe('function function 2 true');
    });

    test('is required from CommonJS, unstick/testing too', () => {
      const program = `console.log(typeof require('unstick/testing').proveServer);`;
      expect(print('testing.cjs', program)).toBe('function');
    });

    test('says that proveDecoder needs it, and how to install it', () => {
      const program = `import { proveDecoder } from 'unstick/testing';
        import { lengthPrefixed } from 'unstick';
        await proveDecoder(lengthPrefixed(), { samples: [new Uint8Array(4)] })
          .catch(({ code, message, hint }) => console.log(code, message.includes('fast-check'), hint));`;
      expect(print('prove-decoder.mjs', program)).toBe(
        'ERR_OPTION true Install it: npm install --save-dev fast-check@4',
      );
    });

    test('names it when unstick/arbitraries is imported', () => {
      const program = `await import('unstick/arbitraries').catch(({ message }) => console.log(message.includes('fast-check')));`;
      expect(print('arbitraries.mjs', program)).toBe('true');
    });

    test('runs the command line', () => {
      const home = join(folder, 'node_modules/unstick');
      const help = execFileSync(
        process.execPath,
        [join(home, 'dist/cli/main.js'), 'prove', '--help'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(help).toContain('prove');
    });
  });

  test('is required from CommonJS', () => {
    const program = `const { framed, lengthPrefixed } = require('unstick');
      const { messages } = require('unstick/codec');
      console.log(typeof framed, typeof messages, Buffer.concat(lengthPrefixed().encode(Buffer.from('hi'))).toString('hex'));`;
    expect(print('program.cjs', program)).toBe('function function 000000026869');
  });

  test('is imported from ES modules', () => {
    const program = `import * as main from 'unstick';
      import * as codec from 'unstick/codec';
      import * as web from 'unstick/web';
      console.log(main.lengthPrefixed === codec.lengthPrefixed, Object.keys(web).sort().join());`;
    expect(print('program.mjs', program)).toBe('true decodeStream,encodeStream');
  });

  test('has one set of error classes, whichever way it is loaded', () => {
    const program = `const { createRequire } = await import('node:module');
      const required = createRequire(import.meta.url)('unstick');
      const { UnstickError, isUnstickError } = await import('unstick');
      console.log(required.UnstickError === UnstickError, isUnstickError(new required.UsageError('ERR_OPTION', '')));`;
    expect(print('both.mjs', program)).toBe('true true');
  });
});
