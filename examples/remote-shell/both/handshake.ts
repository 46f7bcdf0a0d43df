// The login: each side proves that it has the token, and neither sends it.
//
//     server → client   { hello, nonce }               32 random bytes
//     client → server   { nonce, proof }               32 more; HMAC(token, "client", nonces, binding)
//     server → client   { proof } or { refused }       HMAC(token, "server", nonces, binding)
//
// Rules:
// - Nothing else is read before the handshake is over. Each message has at most 4 KiB, and a client sends only
//   one. So a stranger costs one small connection. The caller limits the time with a signal, such as the one
//   that `admit` gets.
// - Both proofs contain both nonces, so no proof can be used again. The word "client" or "server" in a proof
//   keeps each side from sending the other's proof back as its own. Proofs are compared in constant time.
// - Both proofs contain the binding of the connection (binding.ts). So a program between the two sides, such
//   as one of another user on this machine, cannot pass the proofs on and then speak as the client.
// - Afterwards `release` gives the duplex back, with all bytes that came after the handshake.
//
// The handshake proves who is there at the beginning. TLS keeps others from changing bytes later.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { framed, messages } from '../../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../../src/entries/main.ts';
import { bindingOf } from './binding.ts';
import { Trouble } from './trouble.ts';

/** Maximum length of each message of the handshake, in bytes. */
export const HANDSHAKE_LENGTH = 4096;
const PREFIX_LENGTH = 4;
const NONCE_LENGTH = 32;
const HELLO = 'unstick-shell 2';
/** Time in ms that a refused client may take to read the reason. */
const LAST_WORDS_MS = 1000;

const codec = messages({ maxHeaderLength: HANDSHAKE_LENGTH - PREFIX_LENGTH, maxBodyLength: 0 });
type Line = Connection<OutgoingMessage, Message>;

/** The server's side. Resolves with the duplex of a client that has the token; throws Trouble. */
export function admitClient(duplex: Duplex, token: string, signal: AbortSignal): Promise<Duplex> {
  return speak(duplex, signal, async (line) => {
    const binding = bindingOf(duplex, 'server');
    const nonce = randomBytes(NONCE_LENGTH);
    await line.send({ header: { hello: HELLO, nonce: nonce.toString('base64') } });
    const { header } = await expectMessage(line);
    const theirs = readBytes(header['nonce']);
    const proof = readBytes(header['proof']);
    if (line.stats.buffered > 0) {
      throw new Trouble('The client sent more than the handshake.');
    }
    if (!timingSafeEqual(proof, prove(token, 'client', [nonce, theirs, binding]))) {
      void line.send({ header: { refused: 'the token is not the one of this server' } });
      // Log the wrong token, whether or not the stranger reads the refusal.
      await line.close({ within: LAST_WORDS_MS }).catch(() => undefined);
      throw new Trouble('The client has another token.');
    }
    const own = prove(token, 'server', [nonce, theirs, binding]);
    await line.send({ header: { proof: own.toString('base64') } });
  });
}

/** The client's side. Resolves with the duplex of a server that has the token; throws Trouble. */
export function admitServer(duplex: Duplex, token: string, signal: AbortSignal): Promise<Duplex> {
  return speak(duplex, signal, async (line) => {
    // To a client without TLS, a server with TLS seems to end the connection.
    const hello = (await expectMessage(line, 'Does the server need --tls-ca?')).header;
    if (hello['hello'] !== HELLO) {
      throw new Trouble('This is not a server of this shell.');
    }
    const theirs = readBytes(hello['nonce']);
    const binding = bindingOf(duplex, 'client');
    const nonce = randomBytes(NONCE_LENGTH);
    const proof = prove(token, 'client', [theirs, nonce, binding]).toString('base64');
    await line.send({ header: { nonce: nonce.toString('base64'), proof } });
    const answer = (await expectMessage(line)).header;
    if (typeof answer['refused'] === 'string') {
      throw new Trouble(
        'The server refused the token. It belongs to another server or to an earlier start, ' +
          'or a program between client and server relays the connection.',
      );
    }
    if (
      !timingSafeEqual(readBytes(answer['proof']), prove(token, 'server', [theirs, nonce, binding]))
    ) {
      throw new Trouble(
        'The server does not have the token, so it is not the server that you want to reach.',
      );
    }
  });
}

/** Runs the conversation over the duplex, and returns the duplex. Destroys it if the conversation fails. */
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

/** The proof of one side. `signed` is both nonces, then the binding. */
function prove(token: string, side: 'client' | 'server', signed: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('sha256', token).update(`${HELLO} ${side}\0`);
  for (const part of signed) {
    hmac.update(part);
  }
  return hmac.digest();
}

/** Reads a nonce or a proof. Each has 32 bytes, so that joining the signed parts is unambiguous. */
function readBytes(text: unknown): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (bytes.length === NONCE_LENGTH) {
    return bytes;
  }
  throw new Trouble('The remote does not speak this handshake.');
}
