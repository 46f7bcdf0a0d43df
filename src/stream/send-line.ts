// The queue of sends of a message stream. While a streamed body goes out, later sends wait behind it.

import { reported } from './call.ts';

const NOTHING: Promise<void> = Promise.resolve();

export class SendLine {
  /**
   * Settles when the last send in the queue is done, and never rejects. It is `undefined` while the queue is
   * empty.
   */
  #end: Promise<void> | undefined;

  get isBusy(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves when all sends that are in the queue now are done. */
  through(): Promise<void> {
    return this.#end ?? NOTHING;
  }

  /** Calls `send` when all earlier sends are done. */
  enter(send: () => Promise<void>): Promise<void> {
    const sent = this.#end === undefined ? send() : this.#end.then(send);
    // This runs before the caller's promise settles, so that the caller of the last send finds the queue
    // empty.
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
