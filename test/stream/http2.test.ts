// Node's own http2 is the other end: it sends the preface, then frames. The preface and the first frame
// behind it are one frame of a format with fixed bytes in front. After that the plain format takes over.

import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Http2Server, IncomingHttpHeaders } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formats, framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection, PartsOf } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';

type FrameParts = PartsOf<typeof formats.http2>;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const first = lengthPrefixed({ ...formats.http2, before: PREFACE });
const http2 = lengthPrefixed(formats.http2);

const TYPES = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
];
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const timeout = 60_000;

interface Frame {
  readonly type: string;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

function frameOf({ after, payload }: FrameParts): Frame {
  const [type = 0, flags = 0] = after;
  const stream = new DataView(after.buffer, after.byteOffset).getUint32(2);
  return { type: TYPES[type] ?? String(type), flags, stream, payload };
}

function partsOf({ type, flags, stream, payload }: Partial<Frame>): FrameParts {
  const after = Buffer.alloc(6);
  after[0] = TYPES.indexOf(type ?? 'DATA');
  after[1] = flags ?? 0;
  after.writeUInt32BE(stream ?? 0, 2);
  return { after, payload: payload ?? new Uint8Array(0) };
}

/** Reads frames until a wanted one comes. The frames in front of it are collected in `seen`. */
async function frameWhere(
  conn: Connection<FrameParts, FrameParts>,
  wanted: (frame: Frame) => boolean,
  seen: string[],
): Promise<Frame> {
  for (;;) {
    const parts = await conn.receive({ timeout });
    if (parts === undefined) {
      throw new Error(`the remote ended after ${seen.join(' ')}`);
    }
    const frame = frameOf(parts);
    seen.push(frame.type);
    if (wanted(frame)) {
      return frame;
    }
  }
}

async function listening(server: Server | Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return portOf(server);
}

/** Serves one request: reads the preface and frames, and answers 200 with the words. */
async function answer(socket: Socket, words: string): Promise<string[]> {
  const opening = framed(socket, first);
  const settings = await opening.receive({ timeout });
  if (settings === undefined) {
    throw new Error('no preface came');
  }
  const seen = [frameOf(settings).type];
  const conn = framed(opening.release(), http2);
  await conn.send(partsOf({ type: 'SETTINGS' }));
  await conn.send(partsOf({ type: 'SETTINGS', flags: ACK }));
  const { stream } = await frameWhere(conn, ({ type }) => type === 'HEADERS', seen);
  // 0x88 is the whole header block. It stands for number 8 of the static table, ":status: 200".
  const payload = Uint8Array.of(0x88);
  await conn.send(partsOf({ type: 'HEADERS', flags: END_HEADERS, stream, payload }));
  for (const part of [words.slice(0, 1), words.slice(1)]) {
    await conn.send(partsOf({ stream, payload: Buffer.from(part) }));
  }
  await conn.send(partsOf({ stream, flags: END_STREAM }));
  for await (const parts of conn) {
    seen.push(frameOf(parts).type);
  }
  await conn.end();
  return seen;
}

/** Makes a header field with a name of the static table and a literal value (RFC 7541, 6.2.1). */
function literal(name: number, words: string): Buffer {
  return Buffer.concat([Buffer.of(0x40 | name, words.length), Buffer.from(words)]);
}

describe('HTTP/2: the preface, then frames', () => {
  test("is read from Node's client, which understands what we answer", async () => {
    const server = createServer({ allowHalfOpen: true });
    const port = await listening(server);
    const served = once(server, 'connection').then(([socket]: Socket[]) => {
      if (socket === undefined) {
        throw new Error('no connection came');
      }
      return answer(socket, '\u7c98\u5305');
    });
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const request = session.request({ ':path': '/', 'x-long': 'y'.repeat(3000) });
    const [headers]: IncomingHttpHeaders[] = await once(request, 'response');
    expect(headers?.[':status']).toBe(200);
    const body: Buffer[] = await request.toArray();
    expect(Buffer.concat(body).toString()).toBe('\u7c98\u5305');
    session.close();
    const seen = await served;
    expect(seen[0]).toBe('SETTINGS');
    expect(seen).toContain('HEADERS');
    expect(seen.at(-1)).toBe('GOAWAY');
  });

  test("is written to Node's server, whose frames we read", async () => {
    const body = 'x'.repeat(40_000);
    const server = createHttp2Server((request, response) => {
      response.end(request.headers[':path'] === '/frames' ? body : '');
    });
    const port = await listening(server);
    const opening = framed(connect(port, '127.0.0.1'), first);
    // Open a window for the whole body, so that it need not be opened step by step.
    const window = Buffer.from('000400010000', 'hex');
    await opening.send(partsOf({ type: 'SETTINGS', payload: window }));
    const conn = framed(opening.release(), http2);
    // The block has GET and http, then path and authority as literals behind their names in the static table.
    const payload = Buffer.concat([
      Buffer.of(0x82, 0x86),
      literal(4, '/frames'),
      literal(1, 'local'),
    ]);
    const flags = END_HEADERS | END_STREAM;
    await conn.send(partsOf({ type: 'HEADERS', flags, stream: 1, payload }));
    const seen: string[] = [];
    let length = 0;
    await frameWhere(
      conn,
      ({ type, flags: given, payload: bytes }) => {
        if (type === 'DATA') {
          length += bytes.length;
        }
        return type === 'DATA' && (given & END_STREAM) === END_STREAM;
      },
      seen,
    );
    expect(length).toBe(body.length);
    expect(seen[0]).toBe('SETTINGS');
    expect(seen.filter((type) => type === 'DATA').length).toBeGreaterThan(2);
    await conn.end();
  });
});
