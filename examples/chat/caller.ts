// A connection to the chat for the tests, which sends commands and waits for events.

import { connect } from 'node:net';
import { framed, messages } from '../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../src/entries/main.ts';
import { readEvent, written } from './protocol.ts';
import type { ChatEvent, Command, EventOf } from './protocol.ts';

/** Time in ms to wait for an event: an upper bound for a loaded machine. */
const PATIENCE_MS = 60_000;

const open = new Set<Caller>();

/** Runs `use`, then ends the callers that are still connected: a server that closes waits for its clients. */
export async function withCallers(use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    for (const caller of open) {
      caller.line.destroy();
    }
    open.clear();
  }
}

export class Caller {
  readonly line: Connection<OutgoingMessage, Message>;

  constructor(port: number) {
    this.line = framed(connect({ port, host: '127.0.0.1' }), messages());
    open.add(this);
  }

  /** Makes a caller that is in a room. */
  static async in(port: number, nick: string, room: string): Promise<Caller> {
    const caller = new Caller(port);
    await caller.send({ type: 'hello', nick }, { type: 'join', room });
    await caller.until('joined');
    return caller;
  }

  async send(...commands: Command[]): Promise<void> {
    for (const command of commands) {
      await this.line.send(written(command));
    }
  }

  /** The next event; undefined when the server has ended the connection. */
  async next(): Promise<ChatEvent | undefined> {
    const message = await this.line.receive({ timeout: PATIENCE_MS });
    if (message === undefined) {
      return undefined;
    }
    const event = readEvent(message);
    if (event === undefined) {
      throw new Error(`Not of this protocol: ${JSON.stringify(message.header)}`);
    }
    return event;
  }

  /** The next event of this type. The events that came before it are in `before`. */
  async until<K extends ChatEvent['type']>(type: K): Promise<EventOf<K> & { before: ChatEvent[] }> {
    const before: ChatEvent[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) {
      if (isOf(event, type)) {
        return { ...event, before };
      }
      before.push(event);
    }
    throw new Error(`The connection ended before "${type}", after ${JSON.stringify(before)}`);
  }
}

function isOf<K extends ChatEvent['type']>(event: ChatEvent, type: K): event is EventOf<K> {
  return event.type === type;
}
