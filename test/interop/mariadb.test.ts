// MariaDB: the greeting with its nonce, a login with mysql_native_password, and queries.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import type { Part, Step } from '../../src/prove/dialogue/dialogue.ts';
import { Exchange } from './support/exchange.ts';
import { answers, says, verdictOn } from './support/innocent.ts';
import { mariadbServer, PLUGIN, VERSION } from './support/mariadb-server.ts';
import { framesOfRow } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';

const mariadbd = findProgram('mariadbd');
const installer = findProgram('mariadb-install-db');

const PLUGIN_END = Buffer.from(`${PLUGIN}\0`);

const packetHeader = (length: number, sequence: number): Buffer =>
  Buffer.from([length & 0xff, (length >> 8) & 0xff, length >> 16, sequence]);

function packet(sequence: number, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  return Buffer.concat([packetHeader(payload.length, sequence), payload]);
}

const query = (sql: string): Buffer => packet(0, Buffer.from([3]), Buffer.from(sql));
const QUIT = packet(0, Buffer.from([1]));

/** Packet header, protocol 10, version, NUL: then thread id, 8 bytes of nonce, 19 others, 12 of nonce. */
const threadAt = 5 + Buffer.byteLength(VERSION) + 1;
const greeting = answers(
  { marker: { text: `${PLUGIN}\0` } },
  {
    thread: { at: threadAt, length: 4 },
    one: { at: threadAt + 4, length: 8 },
    two: { at: threadAt + 4 + 8 + 19, length: 12 },
  },
);

/** Long passwords, protocol 4.1, its passwords, a named plugin. */
const CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000;

function login(user: string, password: string): Step {
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(CAPABILITIES);
  fixed.writeUInt32LE(1 << 24, 4);
  fixed[8] = 33; // UTF-8.
  const before = Buffer.concat([fixed, Buffer.from(`${user}\0`), Buffer.from([20])]);
  const header = packetHeader(before.length + 20 + PLUGIN_END.length, 1);
  const nonce: readonly Part[] = [{ value: 'one' }, { value: 'two' }];
  return says([
    { hex: Buffer.concat([header, before]).toString('hex') },
    { proof: 'mysql-native-password', with: { nonce, password } },
    { hex: PLUGIN_END.toString('hex') },
  ]);
}

const sha1 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha1').update(Buffer.concat(parts)).digest();

/** The packet that ends a list of columns or rows. */
const ends = (payload: Uint8Array): boolean => payload[0] === 0xfe && payload.length < 9;

/** OK, and the status that statements commit by themselves. */
const okay = answers({ length: 11 });
/** One column, its end, one row, its end. */
const oneRow = answers({ marker: { hex: '05000005fe00000200' } });

describe.skipIf(mariadbd === undefined || installer === undefined)(
  'MariaDB (needs mariadb-server)',
  () => {
    const server = mariadbServer({ mariadbd: mariadbd ?? '', installer: installer ?? '' });

    test('lets in and answers however the session is cut', async () => {
      const steps = [
        greeting,
        login('me', 'secret'),
        okay,
        says(query("SELECT '粘包'")),
        oneRow,
        says(query(`SELECT LENGTH('${'x'.repeat(300)}')`)),
        oneRow,
        says(QUIT),
      ];
      const to = `127.0.0.1:${server.port}`;
      expect(await verdictOn('mariadb, a session', steps, { to })).toBe('SAFE');
    });

    test('speaks in packets of the row mysql', async () => {
      const talk = await Exchange.open(server.port, framing('mysql'));
      const say = (sequence: number, payload: Uint8Array): void =>
        talk.send({ after: Uint8Array.of(sequence), payload });
      const { payload: hello } = await talk.next();
      // The greeting without the four bytes of its packet: version, thread, nonce in two parts.
      const nonceAt = threadAt;
      const nonce = [
        hello.subarray(nonceAt, nonceAt + 8),
        hello.subarray(nonceAt + 27, nonceAt + 39),
      ];
      const fixed = Buffer.alloc(32);
      fixed.writeUInt32LE(CAPABILITIES);
      fixed[8] = 33;
      const once = sha1(Buffer.from('secret'));
      const mask = sha1(...nonce, sha1(once));
      const proof = once.map((byte, i) => byte ^ (mask[i] ?? 0));
      say(1, Buffer.concat([fixed, Buffer.from('me\0'), Uint8Array.of(20), proof, PLUGIN_END]));
      expect((await talk.next()).payload[0]).toBe(0);
      say(0, Buffer.from('\x03SELECT REPEAT("x", 100000)'));
      await talk.until(({ payload }) => ends(payload));
      const [row] = await talk.until(({ payload }) => ends(payload));
      expect(row?.payload).toHaveLength(100_004);
      // Columns, rows and their ends, each with the number of its packet.
      expect(framesOfRow('mysql', talk.close())).toHaveLength(7);
    });

    test('is not accused when the password is wrong', async () => {
      const to = `127.0.0.1:${server.port}`;
      const steps = [greeting, login('me', 'wrong'), answers({ length: 200 })];
      expect(await verdictOn('mariadb, a wrong password', steps, { to })).toMatch(
        /^INCONCLUSIVE: .*does not fit: in step 2 .*Access denied/,
      );
    });

    test('is not accused when a login without a nonce is sent', async () => {
      const to = `127.0.0.1:${server.port}`;
      const send = [Buffer.from('no login at all')];
      expect(await verdictOn('mariadb, no dialogue', undefined, { to, send })).toMatch(
        /^INCONCLUSIVE: .*not deterministic/,
      );
    });
  },
);
