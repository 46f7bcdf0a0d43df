// Who may in: each side proves that it has the token, and neither sends it.
//
//     server → client   { hello, nonce }               32 random bytes
//     client → server   { nonce, proof }               32 of its own; HMAC(token, "client", both nonces)
//     server → client   { proof } or { refused }       HMAC(token, "server", both nonces)
//
// Rules:
// - Nothing else is read before, and at most 4 KiB of it: a stranger costs one small connection. How long
//   is up to the caller, who gives a signal: the `admit` of a peer comes with one.
// - Both nonces are in both proofs, so neither side's can be used again; the word in front keeps one
//   side's proof from being sent back as the other's. Proofs are compared in constant time.
// - Afterwards the duplex is given back with every byte that was not of this: `release`.
//
// It proves who is there at the beginning. Who can change bytes on the way later is kept out by TLS.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { framed, messages } from '../../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../../src/entries/main.ts';
import { Trouble } from './trouble.ts';

/** Of the whole handshake, each way. In bytes. */
export const HANDSHAKE_LENGTH = 4096;
const PREFIX_LENGTH = 4;
const NONCE_LENGTH = 32;
const HELLO = 'unstick-shell 1';
/** Time in ms that a refused client may take to read the reason. */
const LAST_WORDS_MS = 1000;

const codec = messages({ maxHeaderLength: HANDSHAKE_LENGTH - PREFIX_LENGTH, maxBodyLength: 0 });
type Line = Connection<OutgoingMessage, Message>;

/** The server's side. Resolves with the duplex of a client that has the token; throws Trouble. */
export function admitClient(duplex: Duplex, token: string, signal: AbortSignal): Promise<Duplex> {
  return speak(duplex, signal, async (line) => {
    const nonce = randomBytes(NONCE_LENGTH);
    await line.send({ header: { hello: HELLO, nonce: nonce.toString('base64') } });
    const { header } = await expectMessage(line);
    const theirs = readBytes(header['nonce']);
    const proof = readBytes(header['proof']);
    if (line.stats.buffered > 0) {
      throw new Trouble('It sent more than the handshake.');
    }
    if (!timingSafeEqual(proof, prove(token, 'client', [nonce, theirs]))) {
      void line.send({ header: { refused: 'the token is not the one of this server' } });
      // However the stranger takes these words: the reason to log is the token.
      await line.close({ within: LAST_WORDS_MS }).catch(() => undefined);
      throw new Trouble('It has another token.');
    }
    const own = prove(token, 'server', [nonce, theirs]);
    await line.send({ header: { proof: own.toString('base64') } });
  });
}

/** The client's side. Resolves with the duplex of a server that has the token; throws Trouble. */
export function admitServer(duplex: Duplex, token: string, signal: AbortSignal): Promise<Duplex> {
  return speak(duplex, signal, async (line) => {
    // Without TLS towards a server with it, this is what is seen of it.
    const hello = (await expectMessage(line, 'Does the server want --tls-ca?')).header;
    if (hello['hello'] !== HELLO) {
      throw new Trouble('This is not a server of this shell.');
    }
    const theirs = readBytes(hello['nonce']);
    const nonce = randomBytes(NONCE_LENGTH);
    const proof = prove(token, 'client', [theirs, nonce]).toString('base64');
    await line.send({ header: { nonce: nonce.toString('base64'), proof } });
    const answer = (await expectMessage(line)).header;
    if (typeof answer['refused'] === 'string') {
      throw new Trouble(
        'The server refused the token: it is of another server, or of another start.',
      );
    }
    if (!timingSafeEqual(readBytes(answer['proof']), prove(token, 'server', [theirs, nonce]))) {
      throw new Trouble('The server does not have the token: it is not the one you think.');
    }
  });
}

/** Speaks over the duplex and gives it back; destroys it when that fails. */
async function speak(
  duplex: Duplex,
  signal: AbortSignal,
  conversation: (line: Line) => Promise<void>,
): Promise<Duplex> {
  const line = framed(duplex, codec, { signal, maxQueuedLength: HANDSHAKE_LENGTH });
  try {
    await conversation(line);
    return line.release();
  } catch (error) {
    line.destroy();
    throw error;
  }
}

async function expectMessage(line: Line, hint = ''): Promise<Message> {
  const message = await line.receive();
  if (message !== undefined) {
    return message;
  }
  throw new Trouble(`The connection ended during the handshake. ${hint}`.trimEnd());
}

function prove(token: string, side: 'client' | 'server', nonces: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('sha256', token).update(`${HELLO} ${side}\0`);
  for (const nonce of nonces) {
    hmac.update(nonce);
  }
  return hmac.digest();
}

/** Nonces and proofs are all of 32 bytes, which makes what is signed unambiguous. */
function readBytes(text: unknown): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (bytes.length === NONCE_LENGTH) {
    return bytes;
  }
  throw new Trouble('The other side does not speak this handshake.');
}
