// The bus over NATS, for a chat on several servers. The client of NATS is an optional dependency: it is
// loaded when somebody asks for this bus, and not before.
//
// Subjects:  unstick.chat.all         a note to every server (noEcho: not to the one that sends it)
//            unstick.chat.to.NAME     a note to one server, which answers
//
// NATS keeps the notes' boundaries, so each is one JSON text. While NATS is away nothing is kept to be
// sent later: that would come out of order, and as if it had just been said.

import type { connect as Connect, Msg, NatsConnection } from '@nats-io/transport-node';
import { isServerName } from '../core/names.ts';
import { NameInUse } from './bus.ts';
import type { Bus, Ear } from './bus.ts';
import { readAnswer, readNote } from './notes.ts';
import type { Note, Outcome } from './notes.ts';

const ALL = 'unstick.chat.all';
const TO = 'unstick.chat.to.';
/** How long another server may take to answer. */
const ANSWER_MS = 2000;
const CONNECT_MS = 5000;
const RECONNECT_MS = 500;

export class BusTrouble extends Error {
  override readonly name = 'BusTrouble';
}

export class NatsBus implements Bus {
  readonly #url: string;
  #nats: NatsConnection | undefined;
  #isOut = false;

  constructor(url: string) {
    this.#url = url;
  }

  async attend(server: string, ear: Ear): Promise<void> {
    const nats = await connectTo(this.#url, `chat server ${server}`);
    this.#nats = nats;
    if ((await this.ask(server, { type: 'ping', server })) !== 'no-such-server') {
      await nats.close();
      throw new NameInUse(server);
    }
    nats.subscribe(ALL, {
      callback: (error, message) => {
        const note = error === null ? readNote(message.string()) : undefined;
        if (note !== undefined) ear.hear(note);
      },
    });
    nats.subscribe(TO + server, { callback: (error, message) => reply(ear, error, message) });
    void this.#watch(nats, ear);
    await nats.flush(); // Now NATS knows of both: from here on nothing is missed.
  }

  publish(note: Note): void {
    if (this.#nats === undefined || this.#isOut) return;
    this.#nats.publish(ALL, JSON.stringify(note));
  }

  async ask(server: string, note: Note): Promise<Outcome> {
    if (!isServerName(server)) return 'no-such-server';
    if (this.#nats === undefined || this.#isOut) return undefined;
    try {
      const options = { timeout: ANSWER_MS };
      const answer = await this.#nats.request(TO + server, JSON.stringify(note), options);
      return readAnswer(answer.string());
    } catch (error) {
      // NATS knows when nobody listens; when no answer comes, nobody knows anything.
      const isAbsent = error instanceof Error && error.name === 'NoRespondersError';
      return isAbsent ? 'no-such-server' : undefined;
    }
  }

  async close(): Promise<void> {
    await this.#nats?.close();
  }

  async #watch(nats: NatsConnection, ear: Ear): Promise<void> {
    for await (const { type } of nats.status()) {
      const isOut = type === 'disconnect' || type === 'close';
      if ((!isOut && type !== 'reconnect') || isOut === this.#isOut) continue;
      this.#isOut = isOut;
      ear.outage(isOut);
    }
  }
}

function reply(ear: Ear, error: Error | null, message: Msg): void {
  const note = error === null ? readNote(message.string()) : undefined;
  message.respond(note === undefined ? 'not-understood' : ear.answer(note));
}

async function connectTo(url: string, name: string): Promise<NatsConnection> {
  const { connect } = await loadClient();
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

async function loadClient(): Promise<{ connect: typeof Connect }> {
  try {
    return await import('@nats-io/transport-node');
  } catch (cause) {
    throw new BusTrouble(
      'For --bus the NATS client is needed, which is not installed: npm install @nats-io/transport-node',
      { cause },
    );
  }
}
