// Delivers the events that the chat puts into mailboxes. One mailbox is one connection with a bounded outbox.
//
// The post encodes an event for a thousand users once. Each connection gets the same bytes, so its writing
// side is rawBytes(). The post sends at the end of a turn of the event loop, so several lines to one user go
// out in one write. After a round it pauses for as long as the round took, but at most MAX_PAUSE_MS. So a
// busier server packs more lines into a write, and has time left for reading.

import { messages } from '../../../src/entries/main.ts';
import type { Connection, Message } from '../../../src/entries/main.ts';
import { Outbox } from '../core/outbox.ts';
import type { Limits } from '../core/limits.ts';
import type { Mailbox } from '../core/visitor.ts';
import { written } from '../protocol.ts';
import type { ChatEvent } from '../protocol.ts';

/** A connection of the server: messages come in, bytes of messages go out. */
export type Line = Connection<Uint8Array, Message>;

/** Number of bytes that the post hands to a connection before it waits until they are sent. */
const BATCH_LENGTH = 16 * 1024;
/** Maximum pause between two rounds in ms: users do not notice it. */
const MAX_PAUSE_MS = 25;
const codec = messages();

export class Post {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #waiting = new Set<PostBox>();
  /** No round begins before this time of `performance.now()`. */
  #pauseUntil = 0;
  #last: { readonly event: ChatEvent; readonly bytes: Uint8Array } | undefined;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  box(line: Line): PostBox {
    return new PostBox(line, {
      limits: this.#limits,
      now: this.#now,
      encode: (event) => this.#encode(event),
      schedule: (box) => this.#schedule(box),
    });
  }

  #encode(event: ChatEvent): Uint8Array {
    if (this.#last?.event === event) {
      return this.#last.bytes;
    }
    const bytes = Buffer.concat(codec.encode(written(event)));
    this.#last = { event, bytes };
    return bytes;
  }

  #schedule(box: PostBox): void {
    if (this.#waiting.size === 0) {
      const pause = this.#pauseUntil - performance.now();
      if (pause < 1) {
        setImmediate(() => this.#deliver());
      } else {
        setTimeout(() => this.#deliver(), pause);
      }
    }
    this.#waiting.add(box);
  }

  #deliver(): void {
    const startedAt = performance.now();
    const boxes = Array.from(this.#waiting);
    this.#waiting.clear();
    for (const box of boxes) {
      void box.deliver();
    }
    // A connection writes in its own next tick, which was queued earlier. So this runs after all the writes.
    process.nextTick(() => {
      const endedAt = performance.now();
      this.#pauseUntil = endedAt + Math.min(endedAt - startedAt, MAX_PAUSE_MS);
    });
  }
}

interface Services {
  readonly limits: Limits;
  readonly now: () => number;
  readonly encode: (event: ChatEvent) => Uint8Array;
  readonly schedule: (box: PostBox) => void;
}

export class PostBox implements Mailbox {
  readonly #line: Line;
  readonly #services: Services;
  readonly #outbox: Outbox<Uint8Array>;
  #isDelivering = false;
  /** Called when the reader has taken events, or the connection is gone. */
  readonly #waiting: (() => void)[] = [];
  /** Whether the user was disconnected for reading nothing for too long. */
  isHopeless = false;

  constructor(line: Line, services: Services) {
    this.#line = line;
    this.#services = services;
    const { maxWaitingLines, patience } = services.limits;
    this.#outbox = new Outbox({
      maxLines: maxWaitingLines,
      patience,
      missed: (count) => services.encode({ type: 'missed', count }),
    });
  }

  offer(event: ChatEvent, now: number): boolean {
    const isTaken = this.#outbox.offer(this.#services.encode(event), now);
    if (isTaken) {
      this.#services.schedule(this);
    } else if (this.#outbox.isHopeless(now)) {
      this.isHopeless = true;
      this.#line.destroy();
    }
    return isTaken;
  }

  answer(event: ChatEvent): void {
    this.#outbox.answer(this.#services.encode(event));
    this.#services.schedule(this);
  }

  /** Resolves when the server may read another command: few answers wait, or the connection is gone. */
  async caughtUp(): Promise<void> {
    const { maxWaitingAnswers, maxWaitingBytes } = this.#services.limits;
    while (
      this.#outbox.answers > maxWaitingAnswers ||
      this.#outbox.answersLength > maxWaitingBytes
    ) {
      await this.#news();
    }
  }

  /** Sends waiting events at the pace of the reader. Never rejects: the reading side reports a loss. */
  async deliver(): Promise<void> {
    if (this.#isDelivering) {
      return;
    }
    this.#isDelivering = true;
    try {
      let next = this.#outbox.take(this.#services.now());
      while (next !== undefined) {
        let sent: Promise<void> = Promise.resolve();
        for (let length = 0; next !== undefined && length < BATCH_LENGTH;) {
          length += next.length;
          sent = this.#line.send(next);
          next = this.#outbox.take(this.#services.now());
        }
        await sent;
        this.#wake();
        next ??= this.#outbox.take(this.#services.now());
      }
    } catch {
      this.#outbox.clear();
    } finally {
      this.#isDelivering = false;
      this.#wake();
    }
  }

  /** Sends a last event after all that wait. A user who has not read them in `most` ms is disconnected. */
  async close(event: ChatEvent, most: number): Promise<void> {
    this.answer(event);
    const timer = setTimeout(() => this.#line.destroy(), most);
    while (this.#isDelivering || this.#outbox.length > 0) {
      await this.#news();
    }
    clearTimeout(timer);
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }
}
