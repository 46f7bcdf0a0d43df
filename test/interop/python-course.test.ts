// The classic course programs: struct.pack('i', len(header)) + JSON header + body, with the length of
// the body under total_size. Both directions, whole and streamed.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test, onTestFinished } from 'vitest';
import { framed, messages, messageStream, serve } from '../../src/entries/main.ts';
import type { JsonObject, MessageStream } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';
import { foreignServer } from './support/foreign-process.ts';
import { SCHEDULES, prove, provingTime, safeAfter } from './support/proving.ts';
import { python, pythonServer, runPython } from './support/python.ts';

const course = { prefix: 'i32le', bodyLengthKey: 'total_size' } as const;
/** Messages of the Python client, which checks every answer. */
const messagesOfClient = '10';

const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

const files = [
  { filename: 'a.txt', body: Buffer.from('hello') },
  { filename: '空.txt', body: Buffer.alloc(0) },
  { filename: '世界 🌍.txt', body: Buffer.from('你好，世界！') },
  // Looks like the length of another header.
  { filename: 'lengths.bin', body: Buffer.from('0a00000000', 'hex') },
  { filename: 'large.bin', body: randomBytes(1_000_001) },
];

/** The header as the course writes it. */
function headerOf(filename: string, body: Uint8Array): JsonObject {
  return { filename, md5: md5(body), total_size: body.length };
}

const upload = files.map(({ filename, body }) => ({ header: headerOf(filename, body), body }));
/** What came back, and what should: large bodies are compared by their sums. */
const copies = files.map(({ filename, body }) => ({
  header: headerOf(`副本-${filename}`, body),
  sum: md5(body),
}));

/** A copy has another name. */
function copied(header: JsonObject): JsonObject {
  return { ...header, filename: `副本-${String(header['filename'])}` };
}

describe.skipIf(python === undefined)('messages and the course in Python (needs python3)', () => {
  test('writes the bytes that Python writes', async () => {
    const body = '你好';
    const header = { filename: '世界 🌍 "\\\n.txt', md5: md5(Buffer.from(body)) };
    const bytes = Buffer.concat(messages(course).encode({ header, body }));
    const ofPython = await runPython('course_bytes', header.filename, header.md5, body);
    expect(bytes.toString('hex')).toBe(ofPython);
  });

  describe('a server in Python', () => {
    const server = foreignServer(({ port }) => pythonServer('course_server', `${port}`));

    test('gives back every file to messages()', async () => {
      const connection = framed(connect(server.port, '127.0.0.1'), messages(course));
      const sent = Promise.all(upload.map((message) => connection.send(message)));
      const received = [];
      for (const _ of files) {
        const { header, body } = (await connection.receive()) ?? missing();
        received.push({ header, sum: md5(body) });
      }
      expect(received).toEqual(copies);
      await sent;
      await connection.end();
    });

    test('gives back streamed bodies to messageStream()', async () => {
      const stream = messageStream(connect(server.port, '127.0.0.1'), course);
      const sent = upload.map(({ header, body }) =>
        stream.send({ header, body: Readable.from(inPieces(body)) }),
      );
      const received = [];
      for (const _ of files) {
        const message = (await stream.receive()) ?? missing();
        received.push({ header: message.header, sum: md5(await message.bytes()) });
      }
      expect(received).toEqual(copies);
      await Promise.all(sent);
      await stream.end();
    });

    test('answers the same however messages are cut', { timeout: provingTime }, async () => {
      const small = upload
        .slice(0, 4)
        .map((message) => Buffer.concat(messages(course).encode(message)));
      const proof = { port: server.port, send: small, runs: SCHEDULES };
      expect(await prove('Python course', proof)).toEqual(safeAfter(SCHEDULES));
    });
  });

  test('answers a client in Python through messages()', async () => {
    const server = serve(messages(course), async (connection) => {
      for await (const { header, body } of connection) {
        await connection.send({ header: copied(header), body });
      }
    });
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    expect(await runPython('course_client', `${server.port}`)).toBe(messagesOfClient);
  });

  test('answers a client in Python through messageStream(), body by body', async () => {
    const ended: Promise<void>[] = [];
    const listener = createServer({ allowHalfOpen: true }, (socket) => {
      ended.push(giveBack(messageStream(socket, course)));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void listener.close());
    await once(listener, 'listening');
    expect(await runPython('course_client', `${portOf(listener)}`)).toBe(messagesOfClient);
    await Promise.all(ended);
    expect(ended).toHaveLength(1);
  });
});

/** Answers each message with its own body, which is sent while it still comes in. */
async function giveBack(stream: MessageStream<JsonObject>): Promise<void> {
  for await (const { header, body } of stream) {
    await stream.send({ header: copied(header), body });
  }
  await stream.end();
}

function* inPieces(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += 10_000) {
    yield body.subarray(at, at + 10_000);
  }
}

function missing(): never {
  throw new Error('the connection ended before every message was answered');
}
