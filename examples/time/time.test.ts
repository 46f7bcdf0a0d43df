// The time server and its client as processes, and their pure parts: the protocol and strftime.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { untold } from '../support/readme.ts';
import { onStage } from '../support/stage.ts';
import { askOverTcp } from './ask-over-tcp.ts';
import { Network } from './network.ts';
import type { Fate } from './network.ts';
import {
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  MAX_QUESTION_LENGTH,
} from './protocol.ts';
import { play, withoutRepeats } from './scene.ts';
import { strftime } from './strftime.ts';

const number = fc.integer({ min: 0, max: 65_535 });
const text = fc.string({ unit: 'grapheme', maxLength: 100 });
const kind = fc.constantFrom('time', 'refused', 'too-long');

describe('time', () => {
  test('plays its scene, and all of it holds, as its README says', async () => {
    const printed: string[] = [];
    const print = (line: string): void => void printed.push(line);
    expect(await onStage(import.meta.url, play, { print })).toBe(9);
    expect(untold(import.meta.url, printed)).toEqual([]);
  });

  test('answers many questions of one connection in order', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      const formats = Array.from({ length: 1000 }, (_, index) => `question ${index}`);
      const answers = await askOverTcp(port, formats);
      expect(answers.map((answer) => answer.text)).toEqual(formats);
    }));

  test('says what is wrong with a format', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      for (const over of ['tcp', 'udp']) {
        const client = stage.start('client.ts', ['--port', port, '--over', over, '%Y %Q']);
        const { code, stderr } = await client.ended;
        expect(stderr).toBe('The server answers: "%Q" is not known in a time format.\n');
        expect(code).toBe(1);
      }
    }));

  test('goes on after bytes that are no question, over either', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      const stranger = createSocket('udp4');
      for (const bytes of ['', 'x', 'GET / HTTP/1.1']) {
        stranger.send(bytes, port, '127.0.0.1');
      }
      const socket = connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n').resume();
      socket.on('error', () => undefined); // The server resets it, so that it does not look like an end.
      await new Promise((resolve) => void socket.once('close', resolve));
      const { stdout } = await stage.start('client.ts', ['--port', port, 'fine']).ended;
      expect(withoutRepeats(stdout)).toBe('tcp  fine\nudp  fine\n');
      stranger.close();
    }));

  test('says in one line that nobody listens, over either', () =>
    onStage(import.meta.url, async (stage) => {
      const { server, port } = await stage.serve();
      await server.end();
      for (const over of ['tcp', 'udp']) {
        const client = stage.start('client.ts', ['--port', port, '--over', over]);
        const { code, stderr } = await client.ended;
        expect(stderr).toMatch(/^Connection refused: no program listens.*\.\n$/);
        expect(code).toBe(1);
      }
    }));

  test('gives up when nothing comes, however often it asks', () =>
    onStage(import.meta.url, async (stage) => {
      const { port } = await stage.serve();
      const network = new Network(port, Array<Fate>(4).fill('lose'));
      const args = ['--port', await network.listen(), '--over', 'udp'];
      const { code, stderr } = await stage.start('client.ts', args).ended;
      network.close();
      expect(stderr).toContain('No answer came over UDP to 4 questions');
      expect(code).toBe(1);
    }));

  test('refuses wrong arguments in one line', () =>
    onStage(import.meta.url, async (stage) => {
      const pigeon = await stage.start('client.ts', ['--over', 'pigeon']).ended;
      expect(pigeon).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('tcp, udp or both'),
      });
      const long = await stage.start('client.ts', ['%F'.repeat(5000)]).ended;
      expect(long).toMatchObject({
        code: 1,
        stderr: 'A format may have 9998 bytes; one of these is longer.\n',
      });
    }));
});

describe('the protocol', () => {
  test('reads what it writes', () => {
    fc.assert(
      fc.property(number, kind, text, (n, of, words) => {
        const question = { number: n, format: words };
        expect(decodeQuestion(encodeQuestion(question))).toEqual(question);
        const answer = { number: n, kind: of, text: words };
        expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
      }),
    );
  });

  test('takes any bytes for an answer, or for none, and throws never', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        const answer = decodeAnswer(bytes);
        expect(answer === undefined).toBe(bytes.length < 3 || (bytes[2] ?? 0) > 2);
        expect(decodeQuestion(bytes) === undefined).toBe(bytes.length < 2);
      }),
    );
    expect(decodeQuestion(new Uint8Array(MAX_QUESTION_LENGTH + 1))).toBeUndefined();
  });
});

describe('strftime', () => {
  const time = new Date(2026, 2, 4, 15, 6, 7); // A Wednesday.

  test('formats as Python does', () => {
    expect(strftime('%Y-%m-%d %X', time)).toBe('2026-03-04 15:06:07');
    expect(strftime('%A %a %B %b %d, %I:%M %p', time)).toBe('Wednesday Wed March Mar 04, 03:06 PM');
    expect(strftime('%y%%%F %H%M%S 时间', time)).toBe('26%2026-03-04 150607 时间');
    expect(strftime('%I', new Date(2026, 0, 1))).toBe('12');
  });

  test('refuses what it does not know, also at the end', () => {
    expect(() => strftime('%Q', time)).toThrow('"%Q" is not known in a time format.');
    expect(() => strftime('%Y %', time)).toThrow('"%" is not known in a time format.');
    expect(() => strftime('%constructor', time)).toThrow(RangeError);
  });
});
