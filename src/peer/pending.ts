// Promises that wait for a word of the other side, by id: each is settled once, by the word, by its
// timeout, by its signal, or by the end of all.

import { connectionError } from '../stream/transport.ts';

export interface WaitOptions {
  /** In ms; 0: for ever. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
  /** The waiting is over without the word. */
  readonly onGiveUp?: () => void;
  /** Facts for the error. */
  readonly sent?: () => boolean;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class Pending<T> {
  readonly #what: string;
  readonly #waiters = new Map<number, Waiter<T>>();

  /** `what` is what is waited for, in the words of an error: 'The answer'. */
  constructor(what: string) {
    this.#what = what;
  }

  wait(id: number, options: WaitOptions = {}): Promise<T> {
    const { timeout = 0, signal, onGiveUp, sent } = options;
    return new Promise<T>((resolve, reject) => {
      const giveUp = (error: unknown): void => {
        const waiter = this.#take(id);
        waiter?.reject(error);
        if (waiter !== undefined) onGiveUp?.();
      };
      const timer =
        timeout === 0
          ? undefined
          : setTimeout(() => {
              const text = `${this.#what} did not come within ${timeout} ms`;
              giveUp(connectionError('ERR_TIMEOUT', text, { limit: timeout, ...sentFact(sent) }));
            }, timeout);
      const onAbort = (): void => {
        const init = { reason: 'aborted', cause: signal?.reason, ...sentFact(sent) };
        giveUp(connectionError('ERR_CONNECTION_CLOSED', `${this.#what} was aborted`, init));
      };
      const cleanUp = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      this.#waiters.set(id, {
        resolve: (value) => {
          cleanUp();
          resolve(value);
        },
        reject: (error) => {
          cleanUp();
          reject(error);
        },
      });
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  resolve(id: number, value: T): void {
    this.#take(id)?.resolve(value);
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  /** Nobody will ever say a word again. */
  rejectAll(errorOf: (id: number) => unknown): void {
    for (const id of this.#waiters.keys()) this.reject(id, errorOf(id));
  }

  #take(id: number): Waiter<T> | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    return waiter;
  }
}

function sentFact(sent: (() => boolean) | undefined): { readonly sent?: boolean } {
  return sent === undefined ? {} : { sent: sent() };
}
