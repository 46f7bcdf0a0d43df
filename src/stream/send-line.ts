// The sends of a message stream that wait for each other: while a streamed body goes out, what is sent
// meanwhile stands in line behind it.

import { reported } from './call.ts';

const NOTHING: Promise<void> = Promise.resolve();

export class SendLine {
  /** Settles, and never rejects, when the last one in line is through. */
  #end: Promise<void> | undefined;

  get isBusy(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves when everyone who stands in line now is through. */
  through(): Promise<void> {
    return this.#end ?? NOTHING;
  }

  /** Calls `send` when its turn has come. */
  enter(send: () => Promise<void>): Promise<void> {
    const sent = this.#end === undefined ? send() : this.#end.then(send);
    // Before the caller hears of it: who awaited the last send finds the line empty.
    const leave = (): void => {
      if (this.#end === end) {
        this.#end = undefined;
      }
    };
    const end = sent.then(leave, leave);
    this.#end = end;
    return reported(sent);
  }
}
