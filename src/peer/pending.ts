// Promises that wait for an answer, or for room at the remote, by id. Each promise settles once: by the thing
// that it waits for, by its timeout, by its signal, or by the end of the peer.

import { unwatchAbort, watchAbort } from '../abort.ts';
import { Deadline } from '../stream/deadline.ts';
import { connectionError } from '../stream/transport.ts';

export interface WaitOptions {
  /**
   * Maximum time to wait, in ms. When it is over, the promise rejects with ERR_TIMEOUT. Default Infinity,
   * which means no limit.
   */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
  /** Function that is called when the timeout or the signal has ended the waiting. */
  readonly onGiveUp?: () => void;
  /**
   * Function that returns whether the message was sent, for the field `sent` of the error. Default: the error
   * has no such field.
   */
  readonly sent?: () => boolean;
}

/** Where the answers come from. */
interface Source {
  /** A number that grows with every byte and message of the remote. */
  readonly progress: number;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class Pending<T> {
  readonly #what: string;
  readonly #source: Source;
  readonly #waiters = new Map<number, Waiter<T>>();

  /** `what` is the name, in errors, of the thing that the promises wait for, such as 'The answer'. */
  constructor(what: string, source: Source) {
    this.#what = what;
    this.#source = source;
  }

  wait(id: number, options: WaitOptions = {}): Promise<T> {
    const { timeout = Infinity, signal, onGiveUp, sent } = options;
    return new Promise<T>((resolve, reject) => {
      const giveUp = (error: unknown): void => {
        const waiter = this.#take(id);
        waiter?.reject(error);
        if (waiter !== undefined) {
          onGiveUp?.();
        }
      };
      const expire = (): void => {
        const facts = `${this.#what} did not come within ${timeout} ms`;
        giveUp(connectionError('ERR_TIMEOUT', facts, { limit: timeout, ...sentFact(sent) }));
      };
      const stopTimer = this.#startTimer(timeout, expire);
      const onAbort = (): void => {
        const hint = 'The connection goes on.';
        const init = { cause: signal?.reason, hint, ...sentFact(sent) };
        giveUp(connectionError('ERR_ABORTED', `${this.#what} was given up by its signal`, init));
      };
      const cleanUp = (): void => {
        stopTimer();
        unwatchAbort(signal, onAbort);
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
      watchAbort(signal, onAbort);
    });
  }

  resolve(id: number, value: T): void {
    this.#take(id)?.resolve(value);
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  /** Called when no more answers will come. Rejects all promises that wait. */
  rejectAll(errorOf: (id: number) => unknown): void {
    for (const id of this.#waiters.keys()) {
      this.reject(id, errorOf(id));
    }
  }

  #startTimer(timeout: number, expire: () => void): () => void {
    if (timeout === Infinity) {
      return () => undefined;
    }
    const progress = (): number => this.#source.progress;
    const deadline = new Deadline(timeout, expire, { progress, isRef: true });
    deadline.start();
    return () => deadline.clear();
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
