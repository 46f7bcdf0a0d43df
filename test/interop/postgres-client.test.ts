// PostgreSQL's phases with the software of PostgreSQL on the other end: an answer of one byte without a
// frame, a startup message without a type, then typed messages. Once we are the client, once the server.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formats, framed, lengthPrefixed, rawBytes } from '../../src/entries/main.ts';
import type { Connection, PartsOf } from '../../src/entries/main.ts';
import { cert } from '../support/self-signed.ts';
import { portOf } from '../support/sockets.ts';
import { postgresServer } from './support/postgres-server.ts';
import { findPostgres, findProgram } from './support/software.ts';

type FrameParts = PartsOf<typeof formats.postgres>;

const programs = findPostgres();
const psql = findProgram('psql');
const run = promisify(execFile);
const timeout = 60_000;

const startup = lengthPrefixed(formats.postgresStartup);
const typed = lengthPrefixed(formats.postgres);
const SSL_REQUEST = Buffer.from('04d2162f', 'hex');

const text = (words: string): Buffer => Buffer.from(`${words}\0`);
const number = (value: number, width: number): Buffer => {
  const bytes = Buffer.alloc(width);
  bytes.writeIntBE(value, 0, width);
  return bytes;
};
const startupMessage = Buffer.concat([
  number(0x00_03_00_00, 4),
  ...['user', 'postgres', 'database', 'postgres', ''].map(text),
]);

type Messages = Connection<FrameParts, FrameParts>;

function message(type: string, ...parts: readonly Uint8Array[]): FrameParts {
  return { before: Buffer.from(type), payload: Buffer.concat(parts) };
}

interface Received {
  readonly type: string;
  readonly payload: Buffer;
}

const received = ({ before, payload }: FrameParts): Received => ({
  type: Buffer.from(before ?? []).toString(),
  payload: Buffer.from(payload),
});

/** Reads to a message of that type, which is the last. */
async function upTo(conn: Messages, type: string): Promise<Received[]> {
  const all: Received[] = [];
  for (;;) {
    const parts = await conn.receive({ timeout });
    if (parts === undefined) {
      throw new Error('the remote ended');
    }
    const one = received(parts);
    if (one.type === 'E') {
      throw new Error(one.payload.toString());
    }
    all.push(one);
    if (one.type === type) {
      return all;
    }
  }
}

/** Goes from the startup message to typed ones, and to the first ReadyForQuery. */
async function login(duplex: Duplex): Promise<Messages> {
  const opening = framed(duplex, { read: rawBytes(), write: startup });
  await opening.send(startupMessage);
  const conn = framed(opening.release(), typed);
  await upTo(conn, 'Z');
  return conn;
}

/** Asks for an encryption; the answer is one byte, and no frame. */
async function ask(socket: Socket, request: Uint8Array): Promise<[string, Duplex]> {
  const opening = framed(socket, { read: rawBytes(), write: startup });
  await opening.send(request);
  const answer = await opening.receive({ timeout });
  return [Buffer.from(answer ?? []).toString(), opening.release()];
}

/** The columns of a DataRow. */
function columnsOf(payload: Buffer): string[] {
  const columns: string[] = [];
  let at = 2;
  for (let left = payload.readInt16BE(0); left > 0; left--) {
    const length = payload.readInt32BE(at);
    columns.push(payload.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return columns;
}

describe.skipIf(programs === undefined)('a client of PostgreSQL (needs postgresql)', () => {
  const server = postgresServer(programs ?? '');

  test('is told N without a frame, then starts up and reads 10 000 rows frame by frame', async () => {
    const [answer, duplex] = await ask(connect(server.path), SSL_REQUEST);
    expect(answer).toBe('N');
    const conn = await login(duplex);
    await conn.send(
      message('Q', text("SELECT n, repeat('\u7c98', n % 300) FROM generate_series(1, 10000) AS n")),
    );
    const all = await upTo(conn, 'Z');
    const rows = all.filter(({ type }) => type === 'D').map(({ payload }) => columnsOf(payload));
    expect(rows).toHaveLength(10_000);
    const wrong = rows.findIndex(
      ([n, words], i) => n !== `${i + 1}` || words !== '\u7c98'.repeat((i + 1) % 300),
    );
    expect(wrong).toBe(-1);
    expect(all.map(({ type }) => type).filter((type) => type !== 'D')).toEqual(['T', 'C', 'Z']);
    await conn.send(message('X'));
    await conn.end();
  });

  test('is told S without a frame, and frames over TLS', async () => {
    const [answer, duplex] = await ask(connect(server.port, '127.0.0.1'), SSL_REQUEST);
    expect(answer).toBe('S');
    const secure = connectTls({ socket: duplex, ca: cert, checkServerIdentity: () => undefined });
    await once(secure, 'secureConnect');
    const conn = await login(secure);
    await conn.send(message('Q', text('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')));
    const rows = (await upTo(conn, 'Z')).filter(({ type }) => type === 'D');
    expect(rows.map(({ payload }) => columnsOf(payload))).toEqual([['t']]);
    await conn.end();
  });

  test('copies 5 000 rows in and out', async () => {
    const conn = await login(connect(server.port, '127.0.0.1'));
    await conn.send(message('Q', text('CREATE TEMP TABLE frames (n int, words text)')));
    await upTo(conn, 'Z');
    await conn.send(message('Q', text('COPY frames FROM STDIN')));
    await upTo(conn, 'G');
    const rows = Array.from({ length: 5000 }, (_, n) => `${n}\t${'\u534a'.repeat(n % 50)}\n`).join(
      '',
    );
    const bytes = Buffer.from(rows);
    // A row, and a character, may end anywhere in these.
    for (let at = 0; at < bytes.length; at += 1000) {
      await conn.send(message('d', bytes.subarray(at, at + 1000)));
    }
    await conn.send(message('c'));
    await upTo(conn, 'Z');
    await conn.send(message('Q', text('COPY (SELECT n, words FROM frames ORDER BY n) TO STDOUT')));
    const out = (await upTo(conn, 'Z')).filter(({ type }) => type === 'd');
    expect(out).toHaveLength(5000);
    expect(Buffer.concat(out.map(({ payload }) => payload)).toString()).toBe(rows);
    await conn.end();
  });
});

/** A server of one client: no encryption, no password, and one row to every query. */
async function serveOne(socket: Socket): Promise<string[]> {
  const seen: string[] = [];
  let duplex: Duplex = socket;
  for (;;) {
    const opening = framed(duplex, { read: startup, write: rawBytes() });
    const payload = await opening.receive({ timeout });
    if (payload === undefined) {
      throw new Error('the client ended before it started up');
    }
    const isRequest = payload.length === 4;
    seen.push(isRequest ? 'request' : 'startup');
    if (isRequest) {
      await opening.send(Buffer.from('N'));
    }
    duplex = opening.release();
    if (!isRequest) {
      break;
    }
  }
  const conn = framed(duplex, typed);
  const ready = message('Z', Buffer.from('I'));
  for (const one of [message('R', number(0, 4)), ready]) {
    await conn.send(one);
  }
  for await (const parts of conn) {
    const { type, payload } = received(parts);
    seen.push(type);
    if (type !== 'Q') {
      continue;
    }
    const sql = payload.subarray(0, -1);
    const column = [
      text('echo'),
      number(0, 4),
      number(0, 2),
      number(25, 4),
      number(-1, 2),
      number(-1, 4),
      number(0, 2),
    ];
    await conn.send(message('T', number(1, 2), ...column));
    await conn.send(message('D', number(1, 2), number(sql.length, 4), sql));
    await conn.send(message('C', text('SELECT 1')));
    await conn.send(ready);
  }
  await conn.end();
  return seen;
}

describe.skipIf(psql === undefined)('a server for psql (needs postgresql-client)', () => {
  test('answers its requests without a frame, and its queries in frames', async () => {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const served = once(server, 'connection').then(([socket]: Socket[]) => {
      if (socket === undefined) {
        throw new Error('no client came');
      }
      return serveOne(socket);
    });
    const sql = `SELECT '\u7c98\u5305 ${'x'.repeat(3000)}'`;
    const url = `postgresql://somebody@127.0.0.1:${portOf(server)}/some?sslmode=prefer`;
    const { stdout } = await run(psql ?? '', ['-X', '-A', '-t', '-c', sql, url], { timeout });
    expect(stdout.trimEnd()).toBe(sql);
    expect((await served).slice(-3)).toEqual(['startup', 'Q', 'X']);
    server.close();
  });
});
