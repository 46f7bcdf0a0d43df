// memcached: the text protocol, whose lines announce data blocks by their length, and the binary one,
// a fixed header of 24 bytes with the length in it.

import { describe, expect, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { SCHEDULES, prove, provingTime, safeAfter, spansOf } from './support/proving.ts';
import { framesOfRow } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const memcached = findProgram('memcached');
const headerLength = 24;
const opcodes = { get: 0x00, set: 0x01, noop: 0x0a, getWithKey: 0x0c };
const ok = 0;
const keyNotFound = 1;

interface Binary {
  readonly opcode: number;
  readonly extras?: Uint8Array;
  readonly key?: string;
  readonly value?: Uint8Array | string;
  readonly status?: number;
}

/** magic, opcode, key length, extras length, status, body length, opaque, cas; then the body. */
function binary(magic: number, { opcode, extras, key, value, status = ok }: Binary): Buffer {
  const [theExtras, theKey, theValue] = [extras ?? '', key ?? '', value ?? ''].map((part) =>
    Buffer.from(part),
  );
  const body = Buffer.concat([theExtras, theKey, theValue].map((part) => part ?? Buffer.alloc(0)));
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(magic, 0);
  header.writeUInt8(opcode, 1);
  header.writeUInt16BE(theKey?.length ?? 0, 2);
  header.writeUInt8(theExtras?.length ?? 0, 4);
  header.writeUInt16BE(status, 6);
  header.writeUInt32BE(body.length, 8);
  header.writeUInt32BE(0xcafe_0d0a, 12);
  return Buffer.concat([header, body]);
}

const request = (message: Binary): Buffer => binary(0x80, message);
const response = (message: Binary): Buffer => binary(0x81, message);

describe.skipIf(memcached === undefined)('memcached (needs memcached)', () => {
  const server = foreignServer(({ port }) => ({
    file: memcached ?? '',
    // It refuses to be root, and ignores the user where it is not. -C: no CAS values, which count up.
    args: ['-l', '127.0.0.1', '-p', `${port}`, '-U', '0', '-C', '-u', 'nobody', '-m', '16'],
  }));

  test(
    'answers the same however lines and data blocks are cut',
    { timeout: provingTime },
    async () => {
      // A block may hold what a line ends with, or a command.
      const block = 'get other\r\n世界\r\n';
      const length = Buffer.byteLength(block);
      const send = [
        `set first 7 0 ${length}\r\n${block}\r\n`,
        'get first\r\n',
        'set empty 0 0 0\r\n\r\n',
        'set count 0 0 2 noreply\r\n41\r\n',
        'incr count 1\r\n',
        'get first empty missing count\r\n',
        'delete first\r\n',
        'no such command\r\n',
      ].map((text) => Buffer.from(text));
      const value = `VALUE first 7 ${length}\r\n${block}\r\n`;
      const answer = [
        `STORED\r\n${value}END\r\nSTORED\r\n42\r\n`,
        `${value}VALUE empty 0 0\r\n\r\nVALUE count 0 2\r\n42\r\nEND\r\nDELETED\r\nERROR\r\n`,
      ].join('');
      const proof = { port: server.port, send, expect: Buffer.from(answer) };
      const seen = await prove('memcached, text', proof);
      expect(seen).toEqual(safeAfter(SCHEDULES));
    },
  );

  test('answers the same however binary frames are cut', { timeout: provingTime }, async () => {
    const value = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const extras = Buffer.from('cafebabe00000000', 'hex');
    const send = [
      request({ opcode: opcodes.set, extras, key: '键', value }),
      request({ opcode: opcodes.get, key: '键' }),
      request({ opcode: opcodes.getWithKey, key: 'missing' }),
      request({ opcode: opcodes.noop }),
    ];
    const answer = Buffer.concat([
      response({ opcode: opcodes.set }),
      response({ opcode: opcodes.get, extras: extras.subarray(0, 4), value }),
      response({ opcode: opcodes.getWithKey, key: 'missing', status: keyNotFound }),
      response({ opcode: opcodes.noop }),
    ]);
    const seen = await prove('memcached, binary', {
      port: server.port,
      send,
      expect: answer,
      frames: spansOf(send, headerLength),
    });
    expect(seen).toEqual(safeAfter(SCHEDULES));
  });

  test('speaks with the codec of the row memcachedBinary', async () => {
    const talk = await Exchange.open(server.port, framing('memcachedBinary'));
    const value = Buffer.alloc(100_000, 'v');
    const extras = Buffer.from('cafebabe00000000', 'hex');
    // What the row takes apart is the same bytes as what was written by hand.
    const requests = [
      request({ opcode: opcodes.set, extras, key: '长', value }),
      request({ opcode: opcodes.get, key: '长' }),
      request({ opcode: opcodes.getWithKey, key: 'missing' }),
      request({ opcode: opcodes.noop }),
    ];
    const answers = [
      response({ opcode: opcodes.set }),
      response({ opcode: opcodes.get, extras: extras.subarray(0, 4), value }),
      response({ opcode: opcodes.getWithKey, key: 'missing', status: keyNotFound }),
      response({ opcode: opcodes.noop }),
    ];
    talk.send(
      ...requests.map((bytes) => ({
        before: bytes.subarray(0, 8),
        after: bytes.subarray(12, headerLength),
        payload: bytes.subarray(headerLength),
      })),
    );
    for (const answer of answers) {
      const { before, after, payload } = await talk.next();
      expect([...before, ...after]).toEqual([...answer.subarray(0, 8), ...answer.subarray(12, 24)]);
      expect(Buffer.compare(payload, answer.subarray(headerLength))).toBe(0);
    }
    expect(framesOfRow('memcachedBinary', talk.close())).toEqual(
      answers.map((answer) => answer.toString('hex')),
    );
  });
});
