// A client that is connected: first without a name, then as a user of the chat.

import type { ChatEvent } from '../protocol.ts';
import type { Limits } from './limits.ts';
import type { Name } from './names.ts';
import { Rate } from './rate.ts';
import type { Room } from './rooms.ts';

/** Takes the events that a user reads. See outbox.ts for the two kinds. */
export interface Mailbox {
  /** An event of other users. Returns false if the reader is too slow: then the event was only counted. */
  offer(event: ChatEvent, now: number): boolean;
  /** An answer to a command. */
  answer(event: ChatEvent): void;
}

export class Visitor {
  readonly mailbox: Mailbox;
  readonly rate: Rate;
  readonly rooms: Map<string, Room<Visitor>> = new Map<string, Room<Visitor>>();
  /** `undefined` before the welcome, and again after leaving. */
  name: Name | undefined;
  /** The server has said that this client is too fast, and the client has not slowed down since. */
  isSlowed = false;

  constructor(mailbox: Mailbox, limits: Limits, now: number) {
    this.mailbox = mailbox;
    this.rate = new Rate(limits, now);
  }
}
