// Notices that a server has gone silent because its machine is off or the network is dead. TCP alone reports
// that after a quarter of an hour, and only if the client has sent something.

import type { Connection, Message, OutgoingMessage } from '../../../src/entries/main.ts';
import { written } from '../protocol.ts';

/** Time in ms without a message after which the client asks for a sign of life. */
const ASK_MS = 6000;
/** Time in ms without a message after which the connection counts as lost. */
const SILENCE_MS = 15_000;
const LOOK_MS = 1000;

export class Pulse {
  readonly #server: Connection<OutgoingMessage, Message>;
  readonly #timer: NodeJS.Timeout;
  #heardAt = performance.now();
  #askedAt = 0;
  #isSilent = false;

  constructor(server: Connection<OutgoingMessage, Message>) {
    this.#server = server;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Whether the connection was destroyed because the server was silent for too long. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** A message has come. */
  beat(): void {
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#heardAt > SILENCE_MS) {
      this.#isSilent = true;
      this.#server.destroy();
    } else if (now - Math.max(this.#heardAt, this.#askedAt) > ASK_MS) {
      this.#askedAt = now;
      // If the connection is broken, the loop that reads from it gets the error.
      this.#server.send(written({ type: 'ping' })).catch(() => undefined);
    }
  }
}
