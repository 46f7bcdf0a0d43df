// PostgreSQL with a password: SCRAM-SHA-256, of which each side says two messages with values of both,
// and md5 with a salt that is new each time.

import { describe, expect, test } from 'vitest';
import type { Part, Step } from '../../src/prove/dialogue/dialogue.ts';
import { answers, says, verdictOn } from './support/innocent.ts';
import { postgresServer } from './support/postgres-server.ts';
import { findPostgres } from './support/software.ts';

const programs = findPostgres();

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const hexOf = (...parts: readonly Uint8Array[]): Part => ({
  hex: Buffer.concat(parts).toString('hex'),
});
const zeroEnded = (...words: readonly string[]): Buffer => Buffer.from(`${words.join('\0')}\0`);

/** A message, whose length counts itself. */
function message(type: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(type), number(4 + payload.length), payload]);
}

/** A message with a payload that is made when it is said; its length is known before. */
function password(length: number, ...payload: readonly Part[]): Step {
  return says([hexOf(Buffer.from('p'), number(4 + length)), ...payload]);
}

function startup(user: string): Step {
  const payload = Buffer.concat([
    Buffer.from([0, 3, 0, 0]),
    zeroEnded('user', user, 'database', 'postgres', ''),
  ]);
  return says(message('', payload));
}

/** ReadyForQuery, outside of a transaction. */
const READY = { hex: '5a0000000549' };
/** Between type and length of BackendKeyData, and ReadyForQuery: process id and secret. */
const key = { key: { after: { hex: '4b0000000c' }, before: READY } };
/** Authentication: its length, which kind, and what belongs to it. */
const AUTHENTICATION = 9;

const queries = [
  says(message('Q', zeroEnded("SELECT '粘包' AS name, n FROM generate_series(1, 5) AS n"))),
  answers({ marker: READY }),
  says(message('Q', zeroEnded('SELECT 1; SELECT 1/0'))),
  answers({ marker: READY }),
  says(message('X', Buffer.alloc(0))),
];

const MECHANISM = 'SCRAM-SHA-256';
const NONCE = 'nonce-of-the-client';
const CLIENT_FIRST = `n=,r=${NONCE}`;
/** The server adds 18 bytes to the nonce; its salt has 16; both are base64. */
const SERVER_NONCE_LENGTH = NONCE.length + 24;
const SERVER_FIRST_LENGTH =
  'r='.length + SERVER_NONCE_LENGTH + ',s='.length + 24 + ',i=4096'.length;
const PROOF_LENGTH = 'c=biws,r='.length + SERVER_NONCE_LENGTH + ',p='.length + 44;
/** `v=` and a signature that follows from the nonces. */
const SERVER_FINAL_LENGTH = 'v='.length + 44;

function scram(secret: string): readonly Step[] {
  const first = Buffer.from(`n,,${CLIENT_FIRST}`);
  const initial = Buffer.concat([zeroEnded(MECHANISM), number(first.length), first]);
  return [
    startup('scram_user'),
    answers({ length: AUTHENTICATION + zeroEnded(MECHANISM, '').length }),
    password(initial.length, hexOf(initial)),
    answers(
      { length: AUTHENTICATION + SERVER_FIRST_LENGTH },
      { challenge: { at: AUTHENTICATION, length: SERVER_FIRST_LENGTH } },
    ),
    password(PROOF_LENGTH, {
      proof: 'scram-sha-256',
      with: {
        'client-first': CLIENT_FIRST,
        'server-first': [{ value: 'challenge' }],
        password: secret,
      },
    }),
    answers(
      { marker: READY },
      { ...key, signature: { at: AUTHENTICATION, length: SERVER_FINAL_LENGTH } },
    ),
  ];
}

function md5(secret: string): readonly Step[] {
  return [
    startup('md5_user'),
    answers({ length: AUTHENTICATION + 4 }, { salt: { at: AUTHENTICATION, length: 4 } }),
    password(
      'md5'.length + 32 + 1,
      {
        proof: 'postgres-md5',
        with: { nonce: [{ value: 'salt' }], user: 'md5_user', password: secret },
      },
      { hex: '00' },
    ),
    answers({ marker: READY }, key),
  ];
}

describe.skipIf(programs === undefined)('PostgreSQL with a password (needs postgresql)', () => {
  const server = postgresServer(programs ?? '', {
    rules: ['host all scram_user 127.0.0.1/32 scram-sha-256', 'host all md5_user 127.0.0.1/32 md5'],
    statements: [
      "CREATE ROLE scram_user LOGIN PASSWORD 'secret';",
      "SET password_encryption = 'md5';",
      "CREATE ROLE md5_user LOGIN PASSWORD 'secret';",
    ],
  });

  test.each([
    ['SCRAM-SHA-256', scram],
    ['md5', md5],
  ])('lets in with %s however the session is cut', async (name, login) => {
    const to = `127.0.0.1:${server.port}`;
    const steps = [...login('secret'), ...queries];
    expect(await verdictOn(`postgres, ${name}`, steps, { to })).toBe('SAFE');
  });

  test.each([
    ['SCRAM-SHA-256', scram, 5],
    ['md5', md5, 3],
  ])('is not accused when the password for %s is wrong', async (name, login, step) => {
    const to = `127.0.0.1:${server.port}`;
    const steps = [...login('wrong'), ...queries];
    expect(await verdictOn(`postgres, wrong ${name}`, steps, { to })).toMatch(
      new RegExp(`^INCONCLUSIVE: .*does not fit: in step ${step} .*password authentication`),
    );
  });
});
