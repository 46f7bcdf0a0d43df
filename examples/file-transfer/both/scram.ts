// The arithmetic of the login: SCRAM (RFC 5802) with scrypt instead of PBKDF2. It uses no socket and no file.
//
//   keys      k = scrypt(password, salt);  clientKey = HMAC(k, "client");  serverKey = HMAC(k, "server")
//   on file   salt, storedKey = SHA-256(clientKey), serverKey
//   client    proof = clientKey XOR HMAC(storedKey, transcript)
//   server    signature = HMAC(serverKey, transcript)
//
// The transcript holds a nonce of each side, so an eavesdropper cannot use a proof again. The password is
// never sent. The keys on file are not enough to log in, because the proof needs clientKey.

import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.ts';

/** The cost of one guess. It needs 128 × n × r bytes of memory. */
export interface Cost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** The OWASP setting for scrypt with 32 MiB. A guess takes about a quarter of a second. */
export const usualCost: Cost = { n: 2 ** 15, r: 8, p: 3 };

/** Limits against a false server: a low cost makes guessing cheap, a high one exhausts the memory. */
const MIN_N = 2 ** 14;
const MAX_MEMORY = 256 * 1024 * 1024;
const KEY_LENGTH = 32;

export interface Keys {
  readonly clientKey: Buffer;
  readonly serverKey: Buffer;
}

/** What both sides have said in the login. The proof and the signature are computed over it. */
export interface Transcript {
  readonly user: string;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly salt: string;
  readonly cost: Cost;
  /** The binding of the TLS session (binding.ts), so that nobody can pass a login on. Empty without TLS. */
  readonly binding: string;
}

export function nonce(): string {
  return randomBytes(24).toString('base64');
}

export function checkCost({ n, r, p }: Cost): Cost {
  const isPower = Number.isSafeInteger(n) && n >= MIN_N && Math.log2(n) % 1 === 0;
  const fits = 128 * n * r <= MAX_MEMORY && Number.isSafeInteger(r) && r >= 8;
  if (isPower && fits && Number.isSafeInteger(p) && p >= 1 && p <= 16) {
    return { n, r, p };
  }
  throw new Refusal('E_LOGIN', `scrypt with n=${n}, r=${r}, p=${p} is too weak or too costly.`);
}

export async function deriveKeys(password: string, salt: Uint8Array, cost: Cost): Promise<Keys> {
  const { n, r, p } = checkCost(cost);
  const options = { N: n, r, p, maxmem: 2 * MAX_MEMORY };
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, KEY_LENGTH, options, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
  return { clientKey: hmac(key, 'client'), serverKey: hmac(key, 'server') };
}

export function storedKeyOf(clientKey: Uint8Array): Buffer {
  return createHash('sha256').update(clientKey).digest();
}

export function proofOf(clientKey: Uint8Array, transcript: Transcript): Buffer {
  return xor(clientKey, hmac(storedKeyOf(clientKey), wordsOf(transcript)));
}

/** Whether the proof was made with the clientKey whose hash is `storedKey`. */
export function isProof(proof: Uint8Array, storedKey: Uint8Array, transcript: Transcript): boolean {
  if (proof.length !== KEY_LENGTH) {
    return false;
  }
  const clientKey = xor(proof, hmac(storedKey, wordsOf(transcript)));
  return timingSafeEqual(storedKeyOf(clientKey), storedKey);
}

export function signatureOf(serverKey: Uint8Array, transcript: Transcript): Buffer {
  return hmac(serverKey, wordsOf(transcript));
}

export function isSignature(
  signature: Uint8Array,
  serverKey: Uint8Array,
  transcript: Transcript,
): boolean {
  const expected = signatureOf(serverKey, transcript);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

/** A text that no other transcript has: JSON marks where each part ends. */
function wordsOf({ user, clientNonce, serverNonce, salt, cost, binding }: Transcript): string {
  const words = [user, clientNonce, serverNonce, salt, cost.n, cost.r, cost.p, binding];
  return JSON.stringify(words);
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
