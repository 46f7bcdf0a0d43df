// Proofs are what a client computes from a password and the server's nonce when it logs in. A row has the
// text for the docs, the names of the inputs, and the computation. The parser and the docs follow from this
// table.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { Unsayable } from './unsayable.ts';

interface Proof {
  readonly says: string;
  readonly needs: readonly string[];
  readonly of: (inputs: ReadonlyMap<string, Buffer>) => Uint8Array;
}

/**
 * Maximum number of iterations, far above what servers ask for. Without a limit a server could keep the
 * prover busy.
 */
const MAX_ITERATIONS = 1_000_000;

export const PROOFS: Readonly<Record<string, Proof>> = {
  apop: {
    says: 'POP3 APOP: hex MD5 of the timestamp of the greeting and the password',
    needs: ['nonce', 'password'],
    of: (inputs) => hexMd5(input(inputs, 'nonce'), input(inputs, 'password')),
  },
  'cram-md5': {
    says: 'SMTP and IMAP CRAM-MD5: base64 of the user and the HMAC-MD5 of the decoded challenge',
    needs: ['nonce', 'user', 'password'],
    of: (inputs) => {
      const nonce = Buffer.from(input(inputs, 'nonce').toString('latin1'), 'base64');
      const mac = createHmac('md5', input(inputs, 'password')).update(nonce).digest('hex');
      return base64(Buffer.concat([input(inputs, 'user'), Buffer.from(` ${mac}`)]));
    },
  },
  'postgres-md5': {
    says: 'PostgreSQL md5: the word md5 and 32 hexadecimal digits',
    needs: ['nonce', 'user', 'password'],
    of: (inputs) => {
      const inner = hexMd5(input(inputs, 'password'), input(inputs, 'user'));
      return Buffer.concat([Buffer.from('md5'), hexMd5(inner, input(inputs, 'nonce'))]);
    },
  },
  'mysql-native-password': {
    says: 'MySQL and MariaDB mysql_native_password: 20 bytes',
    needs: ['nonce', 'password'],
    of: (inputs) => {
      const once = sha1(input(inputs, 'password'));
      const mask = sha1(input(inputs, 'nonce'), sha1(once));
      return xor(once, mask);
    },
  },
  'scram-sha-256': {
    says: "SCRAM-SHA-256, as PostgreSQL uses it: the client's last message",
    needs: ['client-first', 'server-first', 'password'],
    of: scramSha256,
  },
};

function scramSha256(inputs: ReadonlyMap<string, Buffer>): Uint8Array {
  const clientFirst = input(inputs, 'client-first').toString('utf8');
  const serverFirst = input(inputs, 'server-first').toString('utf8');
  const [, nonce, salt, iterations] =
    /^r=([^,]+),s=([A-Za-z0-9+/=]+),i=(\d+)(?:,|$)/.exec(serverFirst) ?? [];
  if (nonce === undefined || salt === undefined) {
    throw new Unsayable(
      'scram-sha-256 needs a "server-first" such as r=…,s=…,i=…, and got something else',
    );
  }
  const count = Number(iterations);
  if (count < 1 || count > MAX_ITERATIONS) {
    throw new Unsayable(
      `scram-sha-256 computes 1 to ${MAX_ITERATIONS} iterations, and "server-first" wants ${count}`,
    );
  }
  const salted = pbkdf2Sync(
    input(inputs, 'password'),
    Buffer.from(salt, 'base64'),
    count,
    32,
    'sha256',
  );
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest();
  const withoutProof = `c=biws,r=${nonce}`;
  const signature = hmac(storedKey, `${clientFirst},${serverFirst},${withoutProof}`);
  return Buffer.from(`${withoutProof},p=${xor(clientKey, signature).toString('base64')}`);
}

function input(inputs: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const given = inputs.get(name);
  if (given === undefined) {
    throw new Unsayable(`a proof was asked for without "${name}"`); // The parser has refused such a file.
  }
  return given;
}

function hexMd5(...pieces: readonly Uint8Array[]): Buffer {
  return Buffer.from(createHash('md5').update(Buffer.concat(pieces)).digest('hex'));
}

function sha1(...pieces: readonly Uint8Array[]): Buffer {
  return createHash('sha1').update(Buffer.concat(pieces)).digest();
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function base64(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('base64'));
}

function xor(one: Uint8Array, other: Uint8Array): Buffer {
  return Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));
}
