// The login on the server: four messages on framed(), before the connection becomes a peer.
//
//   client   { user, nonce }
//   server   { salt, cost, nonce }                            also for a user who does not exist
//   client   { proof }
//   server   { signature }  or  { refused, message }          the server proves itself as well

import type { Duplex } from 'node:stream';
import { framed, messages } from '../../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../../src/entries/main.ts';
import { bindingOf } from '../both/binding.ts';
import { Refusal } from '../both/refusal.ts';
import { isProof, nonce, signatureOf } from '../both/scram.ts';
import type { Transcript } from '../both/scram.ts';
import { fieldsOf, textOf } from '../both/wire.ts';
import type { Fields } from '../both/wire.ts';
import type { Attempts } from './attempts.ts';
import { checkUserName } from './users.ts';
import type { User, Users } from './users.ts';

export type LoginConnection = Connection<OutgoingMessage, Message>;

/** Time in ms for one message. The password was typed before the client connected, so nobody types now. */
const STEP_MS = 10_000;
/** Time in ms that a refused client may take to read the reason. */
const LAST_WORDS_MS = 1000;
const MAX_TEXT = 256;

/** Frames a login. Its messages are short, so a remote that sends longer ones is no client of ours. */
export function loginConnection(duplex: Duplex): LoginConnection {
  return framed(duplex, messages({ maxHeaderLength: 2048, maxBodyLength: 0 }));
}

export class Gate {
  readonly #users: Users;
  readonly #attempts: Attempts;

  constructor(users: Users, attempts: Attempts) {
    this.#users = users;
    this.#attempts = attempts;
  }

  /**
   * Lets a client in, and returns its user and the duplex. Otherwise sends the client the reason and throws.
   */
  async admit(duplex: Duplex, address: string): Promise<{ user: User; duplex: Duplex }> {
    const binding = bindingOf(duplex);
    const client = loginConnection(duplex);
    try {
      const user = await this.#converse(client, { address, binding });
      return { user, duplex: client.release() };
    } catch (error) {
      if (error instanceof Refusal) {
        void client.send({ header: { refused: error.code, message: error.message } });
        // Log the refusal, whether or not the stranger reads it.
        await client.close({ within: LAST_WORDS_MS }).catch(() => undefined);
      }
      throw error;
    }
  }

  async #converse(
    client: LoginConnection,
    { address, binding }: { readonly address: string; readonly binding: string },
  ): Promise<User> {
    const hello = await receiveFields(client);
    // Keep the name as typed, because the proof of each side covers it. Counting and lookup use NFC.
    const name = shortText(hello, 'user');
    checkUserName(name);
    this.#attempts.check(name, address);
    const { user, exists } = await this.#users.find(name);
    const transcript: Transcript = {
      user: name,
      clientNonce: shortText(hello, 'nonce'),
      serverNonce: nonce(),
      salt: user.salt,
      cost: user.cost,
      binding,
    };
    const { n, r, p } = user.cost;
    const question = { salt: user.salt, cost: { n, r, p }, nonce: transcript.serverNonce };
    await client.send({ header: question });
    const proof = Buffer.from(shortText(await receiveFields(client), 'proof'), 'base64');
    const storedKey = Buffer.from(user.storedKey, 'base64');
    const isRight = (): boolean => isProof(proof, storedKey, transcript) && exists;
    if (!this.#attempts.judge(name, address, isRight)) {
      throw new Refusal('E_LOGIN', 'The user or the password is wrong.');
    }
    const signature = signatureOf(Buffer.from(user.serverKey, 'base64'), transcript);
    await client.send({ header: { signature: signature.toString('base64') } });
    return user;
  }
}

export async function receiveFields(connection: LoginConnection): Promise<Fields> {
  const message = await connection.receive({ timeout: STEP_MS });
  if (message === undefined) {
    throw new Error('The remote ended during the login');
  }
  return fieldsOf(message.header);
}

function shortText(fields: Fields, key: string): string {
  const text = textOf(fields, key);
  if (text.length <= MAX_TEXT) {
    return text;
  }
  throw new Refusal('E_REQUEST', `"${key}" is too long.`);
}
