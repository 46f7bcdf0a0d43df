// The GBK server and its client as processes, and how bytes become text.

import { isUtf8 } from 'node:buffer';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { untold } from '../support/readme.ts';
import { onStage } from '../support/stage.ts';
import { play } from './scene.ts';
import { decodeText, encodeText } from './text.ts';

/** A character whose GBK bytes are in the area of GB 2312 with Chinese characters. */
const character = fc
  .tuple(fc.integer({ min: 0xb0, max: 0xd6 }), fc.integer({ min: 0xa1, max: 0xfe }))
  .map((bytes) => new TextDecoder('gbk').decode(Uint8Array.from(bytes)));
const words = fc.array(character, { minLength: 1, maxLength: 40 }).map((all) => all.join(''));

describe('gbk', () => {
  test('plays its scene, and all of it holds, as its README says', async () => {
    const printed: string[] = [];
    const print = (line: string): void => void printed.push(line);
    expect(await onStage(import.meta.url, play, { print })).toBe(6);
    expect(untold(import.meta.url, printed)).toEqual([]);
  });

  test('answers bytes that are in neither encoding, and goes on', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve('server.ts', ['--encoding', 'utf-8']);
      const server = framed(connect(port, '127.0.0.1'));
      await server.send(Buffer.from('d6d0ce', 'hex'));
      expect(String(await server.receive())).toBe('既不是 UTF-8，也不是 GBK');
      await server.send(Buffer.from('d6d0cec4', 'hex'));
      expect(String(await server.receive())).toBe('gbk，2 个字符，4 字节：中文');
      await server.close();
    }));

  test('says that the server has gone, to who did not ask for the end', () =>
    onStage(import.meta.url, async (stage) => {
      const { server, port } = await stage.serve();
      const client = stage.start('client.ts', ['--port', port]);
      await client.line('connected');
      await server.end();
      const { code, stdout } = await client.ended;
      expect(stdout).toContain('the server has ended the connection');
      expect(code).toBe(0);
    }));

  test('refuses a recv of nothing in one line', () =>
    onStage(import.meta.url, async (stage) => {
      const { code, stderr } = await stage.start('naive-client.ts', ['--recv', '0']).ended;
      expect(stderr).toBe('--recv is "0"; it must be a whole number from 1 to 9999999.\n');
      expect(code).toBe(2);
    }));

  test('refuses an encoding that it does not know in one line', () =>
    onStage(import.meta.url, async (stage) => {
      for (const file of ['server.ts', 'client.ts']) {
        const { code, stderr } = await stage.start(file, ['--encoding', 'big5']).ended;
        expect(stderr).toBe('--encoding is "big5"; it must be utf-8 or gbk.\n');
        expect(code).toBe(2);
      }
    }));
});

describe('text', () => {
  test('in UTF-8 is read as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeText(encodeText(text, 'utf-8'))).toEqual({ text, encoding: 'utf-8' });
      }),
    );
  });

  test('in GBK is read as it was written, unless its bytes are UTF-8 as well', () => {
    fc.assert(
      fc.property(words, (text) => {
        const bytes = encodeText(text, 'gbk');
        const asUtf8 = { text: String(Buffer.from(bytes)), encoding: 'utf-8' };
        expect(decodeText(bytes)).toEqual(isUtf8(bytes) ? asUtf8 : { text, encoding: 'gbk' });
      }),
    );
  });

  test('in GBK is broken by a decoder of chunks at every second cut, and by none of ours', () => {
    const text = '粘包与半包都不是TCP的错';
    const bytes = encodeText(text, 'gbk');
    const decoder = new TextDecoder('gbk');
    const broken = Array.from(bytes.keys()).filter(
      (cut) =>
        decoder.decode(bytes.subarray(0, cut)) + decoder.decode(bytes.subarray(cut)) !== text,
    );
    expect(broken).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 20, 22]);
    expect(decodeText(bytes)).toEqual({ text, encoding: 'gbk' });
  });

  test('that is neither is undefined, never a text with holes', () => {
    for (const hex of ['ff', '81', 'd6d0ce', 'c4e320ff']) {
      expect(decodeText(Buffer.from(hex, 'hex'))).toBeUndefined();
    }
  });

  test('keeps a byte order mark, and the empty message', () => {
    expect(decodeText(Buffer.from('efbbbf6869', 'hex'))?.text).toBe('\ufeffhi');
    expect(decodeText(new Uint8Array())).toEqual({ text: '', encoding: 'utf-8' });
  });

  test('that GBK does not have is refused by its code point', () => {
    expect(() => encodeText('好😀', 'gbk')).toThrow('GBK has no character U+1F600.');
    expect(() => encodeText('\ufffd', 'gbk')).toThrow(RangeError);
    expect(encodeText('联通€?', 'gbk')).toEqual(Buffer.from('c1aacda8803f', 'hex'));
  });
});
