// A client that is connected: first without a name, then as a user of the chat.

import type { ChatEvent } from '../protocol.ts';
import type { Limits } from './limits.ts';
import type { Name } from './names.ts';
import { Rate } from './rate.ts';
import type { Room } from './rooms.ts';

/** Takes what a user is to read. See outbox.ts for the two kinds. */
export interface Mailbox {
  /** What others say and do. False when the reader is too slow for it, and it was only counted. */
  offer(event: ChatEvent, now: number): boolean;
  /** An answer to a command. */
  answer(event: ChatEvent): void;
}

export class Visitor {
  readonly mailbox: Mailbox;
  readonly rate: Rate;
  readonly rooms: Map<string, Room<Visitor>> = new Map<string, Room<Visitor>>();
  /** Undefined until welcomed, and again when gone. */
  name: Name | undefined;
  /** It has been told that it goes too fast, and has not slowed down since. */
  isSlowed = false;

  constructor(mailbox: Mailbox, limits: Limits, now: number) {
    this.mailbox = mailbox;
    this.rate = new Rate(limits, now);
  }
}
