// The bus over NATS, for a chat on several servers. The client of NATS is an optional dependency: it is
// loaded only when a server uses this bus.
//
// Subjects:  unstick.chat.all         a note to every server (noEcho: not to the one that sends it)
//            unstick.chat.to.NAME     a note to one server, which answers
//
// NATS keeps the notes' boundaries, so each note is one JSON text. While NATS is out of reach, notes are
// dropped: sent later, they would arrive out of order and look as if they had just been said.

import type * as nats from '@nats-io/transport-node';
import { isServerName } from '../core/names.ts';
import { NameInUse } from './bus.ts';
import type { Bus, Ear } from './bus.ts';
import { readAnswer, readNote } from './notes.ts';
import type { Note, Outcome } from './notes.ts';

const ALL = 'unstick.chat.all';
const TO = 'unstick.chat.to.';
/** Time in ms that another server may take to answer. */
const ANSWER_MS = 2000;
const CONNECT_MS = 5000;
const RECONNECT_MS = 500;

export class BusTrouble extends Error {
  override readonly name = 'BusTrouble';
}

type Client = Pick<typeof nats, 'connect' | 'RequestError'>;

/** The loaded NATS client, and the connection of a server to NATS. */
interface Attached {
  readonly client: Client;
  readonly connection: nats.NatsConnection;
}

export class NatsBus implements Bus {
  readonly #url: string;
  #attached: Attached | undefined;
  #isOut = false;

  constructor(url: string) {
    this.#url = url;
  }

  async attend(server: string, ear: Ear): Promise<void> {
    const client = await loadClient();
    const connection = await connectTo(client, this.#url, `chat server ${server}`);
    this.#attached = { client, connection };
    if ((await this.ask(server, { type: 'ping', server })) !== 'no-such-server') {
      throw new NameInUse(server);
    }
    connection.subscribe(ALL, {
      callback: (error, message) => {
        const note = error === null ? readNote(message.string()) : undefined;
        if (note !== undefined) {
          ear.hear(note);
        }
      },
    });
    connection.subscribe(TO + server, {
      callback: (error, message) => {
        const note = error === null ? readNote(message.string()) : undefined;
        message.respond(note === undefined ? 'not-understood' : ear.answer(note));
      },
    });
    void this.#watch(connection, ear);
    await connection.flush(); // NATS knows both subscriptions now, so no later note is missed.
  }

  publish(note: Note): void {
    if (this.#attached === undefined || this.#isOut) {
      return;
    }
    this.#attached.connection.publish(ALL, JSON.stringify(note));
  }

  async ask(server: string, note: Note): Promise<Outcome> {
    if (!isServerName(server)) {
      return 'no-such-server';
    }
    if (this.#attached === undefined || this.#isOut) {
      return 'not-sent';
    }
    const { client, connection } = this.#attached;
    try {
      const options = { timeout: ANSWER_MS };
      const answer = await connection.request(TO + server, JSON.stringify(note), options);
      return readAnswer(answer.string());
    } catch (error) {
      // NATS reports that no server listens. Without an answer the outcome is unknown.
      const isAbsent = error instanceof client.RequestError && error.isNoResponders();
      return isAbsent ? 'no-such-server' : undefined;
    }
  }

  async close(): Promise<void> {
    const connection = this.#attached?.connection;
    this.#attached = undefined;
    // Flush published notes first, if the connection still works.
    if (!this.#isOut) {
      await connection?.flush().catch(() => undefined);
    }
    await connection?.close();
  }

  async #watch(connection: nats.NatsConnection, ear: Ear): Promise<void> {
    for await (const { type } of connection.status()) {
      const isOut = type === 'disconnect' || type === 'close';
      if ((!isOut && type !== 'reconnect') || isOut === this.#isOut) {
        continue;
      }
      this.#isOut = isOut;
      ear.outage(isOut);
    }
  }
}

async function connectTo(
  { connect }: Client,
  url: string,
  name: string,
): Promise<nats.NatsConnection> {
  try {
    return await connect({
      servers: url,
      name,
      noEcho: true,
      timeout: CONNECT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BusTrouble(`The bus at ${url} cannot be reached: ${reason}.`, { cause });
  }
}

async function loadClient(): Promise<Client> {
  try {
    return await import('@nats-io/transport-node');
  } catch (cause) {
    throw new BusTrouble(
      '--bus needs the NATS client, which is not installed: npm install @nats-io/transport-node',
      { cause },
    );
  }
}
