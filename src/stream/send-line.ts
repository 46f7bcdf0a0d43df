// The line of sends of a message stream. While a streamed body goes out, later sends wait behind it.

import { reported } from './call.ts';

const NOTHING: Promise<void> = Promise.resolve();

export class SendLine {
  /** Settles when the last send in line is through. Never rejects. `undefined` while the line is empty. */
  #end: Promise<void> | undefined;

  get isBusy(): boolean {
    return this.#end !== undefined;
  }

  /** Resolves when all sends that stand in line now are through. */
  through(): Promise<void> {
    return this.#end ?? NOTHING;
  }

  /** Calls `send` when its turn has come. */
  enter(send: () => Promise<void>): Promise<void> {
    const sent = this.#end === undefined ? send() : this.#end.then(send);
    // This runs before the caller's promise settles, so that after the last send the caller finds the line
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
