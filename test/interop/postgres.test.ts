// PostgreSQL: startup, simple and extended queries, an error, COPY in; its messages read by our codec.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, rawBytes } from '../../src/entries/main.ts';
import { verdictOn } from './support/innocent.ts';
import { postgresServer } from './support/postgres-server.ts';
import { FEW_SCHEDULES, prove, provingTime, safeAfter } from './support/proving.ts';
import { findPostgres } from './support/software.ts';

const folderOfPrograms = findPostgres();

/** type, then a length that counts itself, then the payload. */
const typed = lengthPrefixed({ before: 1, counts: ['prefix', 'payload'], deliver: 'parts' });
/** The first message of a client has no type. */
const untyped = lengthPrefixed({ counts: ['prefix', 'payload'] });

const text = (words: string): Buffer => Buffer.from(`${words}\0`);
const short = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat(typed.encode({ before: Buffer.from(type), payload }));
}

const query = (sql: string): Buffer => message('Q', text(sql));
const none = short(0);

const protocol = Buffer.from([0, 3, 0, 0]);
const startup = Buffer.concat(
  untyped.encode(
    Buffer.concat([protocol, ...['user', 'postgres', 'database', 'postgres', ''].map(text)]),
  ),
);

const requests = [
  startup,
  query("SELECT '粘包' AS name, n FROM generate_series(1, 40) AS n"),
  query('SELECT 1; SELECT 1/0; SELECT 3'),
  query(''),
  Buffer.concat([
    message('P', text(''), text('SELECT $1::text || $2::text'), none),
    message('B', text(''), text(''), none, short(2), length(3), Buffer.from('半'), length(0), none),
    message('E', text(''), length(0)),
    message('S'),
  ]),
  query('CREATE TEMP TABLE frames (id int, payload text)'),
  Buffer.concat([
    query('COPY frames FROM STDIN'),
    // A row may end anywhere in these.
    message('d', Buffer.from('1\thel')),
    message('d', Buffer.from('lo\n2\t')),
    message('d'),
    message('d', Buffer.from('世界\n')),
    message('c'),
  ]),
  // Expressions: a plain column would come with the number of its table, another one each time.
  query("SELECT id + 0, payload || '' FROM frames"),
];

function length(bytes: number): Buffer {
  return Buffer.from([0, 0, bytes >> 8, bytes & 0xff]);
}

/** BackendKeyData: process id and secret of this one connection. */
const backendKey = /K\0{3}\f[\s\S]{8}/;

describe.skipIf(folderOfPrograms === undefined)('PostgreSQL (needs postgresql)', () => {
  const server = postgresServer(folderOfPrograms ?? '');

  test('answers in messages that the codec splits', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const connection = framed(socket, { read: typed, write: rawBytes() });
    for (const bytes of [...requests, message('X')]) {
      await connection.send(bytes);
    }
    let types = '';
    const rows: string[] = [];
    for await (const { before, payload } of connection) {
      const type = Buffer.from(before ?? []).toString();
      types += type;
      // Of a row with one or two columns: what stands in the last.
      if (type === 'D') {
        rows.push(Buffer.from(payload).toString().split('\0').at(-1)?.slice(1) ?? '');
      }
    }
    // Each Z ends the answer to one request; ParameterStatus (S) depends on the version.
    const row = 'D'.repeat(40);
    expect(types.replaceAll('S', '').split('Z')).toEqual([
      'RK',
      `T${row}C`,
      'TDCE',
      'I',
      '12DC',
      'C',
      'GC',
      'TDDC',
      '',
    ]);
    const counted = Array.from({ length: 40 }, (_, at) => `${at + 1}`);
    expect(rows).toEqual([...counted, '1', '半', 'hello', '世界']);
  });

  test('answers the same however its messages are cut', { timeout: provingTime }, async () => {
    const seen = await prove('postgres', {
      port: server.port,
      send: requests,
      normalize: backendKey,
      runs: FEW_SCHEDULES,
    });
    expect(seen).toEqual(safeAfter(FEW_SCHEDULES));
  });

  // CVE-2021-23214: whoever sends on before SSLRequest is answered may not be who asked for TLS. So this
  // right server does tell joined requests apart, on a socket with TLS and on one without.
  describe.each([
    ['with TLS', () => `127.0.0.1:${server.port}`],
    ['without TLS', () => `unix:${server.path}`],
  ])('that gets a startup joined to SSLRequest, %s,', (name, target) => {
    const sslRequest = Buffer.concat(untyped.encode(Buffer.from('04d2162f', 'hex')));
    const send = [sslRequest, startup];

    test('is said to need lock-step', { timeout: provingTime }, async () => {
      const options = { to: target(), send, normalize: backendKey };
      expect(await verdictOn(`postgres, ${name}`, undefined, options)).toMatch(
        /^INCONCLUSIVE: lock-step is needed/,
      );
    });

    test('is SAFE in lock-step', { timeout: provingTime }, async () => {
      const options = { to: target(), send, normalize: backendKey, lockstep: true, runs: 20 };
      expect(await verdictOn(`postgres, ${name}, lock-step`, undefined, options)).toBe('SAFE');
    });
  });
});
