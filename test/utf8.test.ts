// Text in hosts that have TextEncoder and TextDecoder, and in hosts that lack them, such as jsdom.

import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeLatin1, encodeUtf8, strictUtf8 } from '../src/utf8.ts';
import { root } from './docs/markdown.ts';
import { hex } from './support/bytes.ts';

describe('UTF-8', () => {
  test('is what text becomes, and back', () => {
    expect(encodeUtf8('粘a')).toEqual(new Uint8Array(hex('e7b298 61')));
    expect(strictUtf8().decode(hex('e7b298 61'))).toBe('粘a');
  });

  test('keeps a byte order mark, and refuses other bytes', () => {
    expect(strictUtf8().decode(hex('efbbbf 61'))).toBe('\ufeffa');
    expect(() => strictUtf8().decode(hex('ff'))).toThrow(TypeError);
  });
});

test('latin1 is one character a byte', () => {
  expect(decodeLatin1(hex('61e9'))).toBe('aé');
});

/** The values of expressions in a context that has nothing but the language. */
async function evaluate(expressions: readonly string[]): Promise<unknown> {
  const contents = `import * as codec from './src/entries/codec.ts'; globalThis.codec = codec;`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: join(root),
    bundle: true,
    write: false,
    format: 'iife',
  });
  const context = createContext({});
  runInContext(outputFiles[0]?.text ?? '', context);
  return expressions.map((expression): unknown => runInContext(expression, context));
}

describe('in a host without TextEncoder and TextDecoder', () => {
  test('unstick/codec is imported and frames bytes', async () => {
    const values = await evaluate([
      'typeof TextDecoder',
      `var d = codec.lengthPrefixed().decoder(); d.push(Uint8Array.of(0,0,0,1,7)); String(d.take())`,
      'codec.messages().encode.length',
    ]);
    expect(values).toEqual(['undefined', '7', 1]);
  });

  test.each([
    ['TextEncoder', `codec.messages().encode({ header: {} })`],
    [
      'TextDecoder',
      `var m = codec.messages().decoder(); m.push(Uint8Array.of(0,0,0,2,123,125)); m.take()`,
    ],
    ['TextEncoder', `codec.contentLength().encode(Uint8Array.of(1))`],
  ])('text is refused, with the name %s and what to do', async (name, expression) => {
    const said = `(() => { try { ${expression} } catch (e) { return [e.code, e.message].join(' '); } })()`;
    const [refusal] = (await evaluate([said])) as string[];
    expect(refusal).toContain('ERR_OPTION');
    expect(refusal).toContain(`globalThis.${name} = require('node:util').${name}`);
  });
});
