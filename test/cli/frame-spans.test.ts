// Where the frames of --frames and --codec lie in given bytes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { frameSpans } from '../../src/cli/frame-spans.ts';
import { importSpots, parseSpots } from '../../src/cli/frame-words.ts';
import { UsageError } from '../../src/errors.ts';
import { hex } from '../support/bytes.ts';

describe('a word of --frames', () => {
  test.each<[string, string, ...number[][]]>([
    ['u32be', '00000002 6869 00000000', [4, 6], [10, 10]],
    ['u8', '01 61', [1, 2]],
    ['varint', `8001 ${'61'.repeat(128)} 00`, [2, 130], [131, 131]],
    ['postgres', '51 00000006 4100 58 00000004', [5, 7], [12, 12]],
    ['kafka', '00000001 61', [4, 5]],
    ['amqp091', '080000 00000001 61 ce 080000 00000000 ce', [7, 9], [16, 17]],
    ['mqtt', '10 0161 c000', [2, 3], [5, 5]],
    ['http2', '000001 040000000000 61', [9, 10]],
    ['berTlv', '300161 0500', [2, 3], [5, 5]],
    ['syslogOctetCounting', '3120 61 31 20 62', [2, 3], [5, 6]],
  ])('%s tells where frames lie', (word, bytes, ...spans) => {
    let start = 0;
    const expected = spans.map(([payloadStart = 0, end = 0]) => {
      const span = { start, payloadStart, end };
      start = end;
      return span;
    });
    expect(frameSpans(hex(bytes), parseSpots(word, '--frames'))).toEqual(expected);
  });

  test.each([
    ['u32be', '00000002 61'],
    ['amqp091', '080000 00000000 cd'],
  ])('%s says which bytes are not its frames', (word, bytes) => {
    const given = hex(bytes);
    const call = (): unknown => frameSpans(given, parseSpots(word, '--frames'));
    expect(call).toThrow(/The requests are not frames of this format: .*frame 0, byte 0/);
  });
});

describe('the codec of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-codec-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  /** Frames of two bytes. */
  const pairs = `{
    encode: (value) => [value],
    decoder() {
      let rest = [];
      return {
        done: true,
        get bufferedLength() { return rest.length; },
        push(chunk) { rest.push(...chunk); },
        end() {},
        take() { return rest.length < 2 ? undefined : rest.splice(0, 2); },
      };
    },
  }`;

  test.each(['export default', 'export const codec ='])(
    '%s tells where frames lie',
    async (how) => {
      const path = file(`${how.replaceAll(/\W/g, '')}.mjs`, `${how} ${pairs};`);
      expect(frameSpans(hex('01020304'), await importSpots(path))).toEqual([
        { start: 0, payloadStart: 0, end: 2 },
        { start: 2, payloadStart: 2, end: 4 },
      ]);
    },
  );

  test.each<[string, string, RegExp]>([
    ['exports nothing', 'none.mjs', /exports no codec.*encode, decoder/],
    ['does not parse', 'broken.mjs', /Cannot import .*broken.mjs/],
    ['throws', 'throws.mjs', /Cannot import .*no luck/],
  ])('that %s is refused', async (_, name, facts) => {
    file('none.mjs', 'export const decoder = 1;');
    file('broken.mjs', 'export default {');
    file('throws.mjs', 'throw new Error("no luck");');
    await expect(importSpots(join(folder, name))).rejects.toThrow(facts);
  });

  test('that is not there is refused', async () => {
    await expect(importSpots(join(folder, 'gone.mjs'))).rejects.toThrow(UsageError);
  });

  test.each<[string, string, RegExp]>([
    ['throws', 'take() { throw new TypeError("oh"); }', /codec of the requests failed: .*oh/],
    ['gives values for ever', 'take() { return 1; }', /1001 values in a row without taking a byte/],
  ])('whose decoder %s is refused', async (what, take, facts) => {
    const decoder = `{ bufferedLength: 0, push() {}, end() {}, ${take} }`;
    const path = file(
      `decoder-${what.replaceAll(' ', '-')}.mjs`,
      `export default { encode() {}, decoder: () => (${decoder}) };`,
    );
    const spots = await importSpots(path);
    expect(() => frameSpans(hex(''), spots)).toThrow(facts);
  });
});
