// Promises that wait for an answer, or for room at the remote, by id. Each promise settles once: by the thing
// that it waits for, by its timeout, by its signal, or by the end of the peer.

import { unwatchAbort, watchAbort } from '../abort.ts';
import { Deadline } from '../stream/deadline.ts';
import type { Timed } from '../stream/deadline.ts';
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

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class Pending<T> {
  /** Name, in errors, of the thing that the promises wait for, such as 'The answer'. */
  readonly what: string;
  readonly source: Source;
  readonly #waits = new Map<number, Wait<T>>();

  constructor(what: string, source: Source) {
    this.what = what;
    this.source = source;
  }

  wait(id: number, options: WaitOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const wait = new Wait({ of: this, id }, options, { resolve, reject });
      this.#waits.set(id, wait);
      wait.begin();
    });
  }

  resolve(id: number, value: T): void {
    this.#take(id)?.resolve(value);
  }

  /** Rejects the promise. Returns false if it has settled before. */
  reject(id: number, error: unknown): boolean {
    const wait = this.#take(id);
    wait?.reject(error);
    return wait !== undefined;
  }

  /** Called when no more answers will come. Rejects all promises that wait. */
  rejectAll(errorOf: (id: number) => unknown): void {
    for (const id of this.#waits.keys()) {
      this.reject(id, errorOf(id));
    }
  }

  #take(id: number): Wait<T> | undefined {
    const wait = this.#waits.get(id);
    this.#waits.delete(id);
    return wait;
  }
}

/** What a promise waits for: the promises of one kind, and its id among them. */
interface Place<T> {
  readonly of: Pending<T>;
  readonly id: number;
}

/** A promise that waits, with its timeout and its signal. Most requests have neither. */
class Wait<T> implements Timed {
  readonly isRef = true;
  readonly #of: Pending<T>;
  readonly #id: number;
  readonly #options: WaitOptions;
  readonly #settle: Settle<T>;
  #deadline: Deadline | undefined;
  #onAbort: (() => void) | undefined;

  constructor({ of, id }: Place<T>, options: WaitOptions, settle: Settle<T>) {
    this.#of = of;
    this.#id = id;
    this.#options = options;
    this.#settle = settle;
  }

  get progress(): number {
    return this.#of.source.progress;
  }

  begin(): void {
    const { timeout = Infinity, signal } = this.#options;
    if (timeout !== Infinity) {
      this.#deadline = new Deadline(timeout, this);
      this.#deadline.start();
    }
    if (signal !== undefined) {
      this.#onAbort = () => this.#aborted(signal);
      watchAbort(signal, this.#onAbort);
    }
  }

  resolve(value: T): void {
    this.#end();
    this.#settle.resolve(value);
  }

  reject(error: unknown): void {
    this.#end();
    this.#settle.reject(error);
  }

  /** Called when the timeout is over. */
  onExpire(): void {
    const { timeout: limit = Infinity } = this.#options;
    const facts = `${this.#of.what} did not come within ${limit} ms`;
    this.#giveUp(connectionError('ERR_TIMEOUT', facts, { limit, ...this.#sent }));
  }

  #aborted({ reason: cause }: AbortSignal): void {
    const facts = `${this.#of.what} was given up by its signal`;
    const init = { cause, hint: 'The connection goes on.', ...this.#sent };
    this.#giveUp(connectionError('ERR_ABORTED', facts, init));
  }

  #giveUp(error: unknown): void {
    if (this.#of.reject(this.#id, error)) {
      this.#options.onGiveUp?.();
    }
  }

  /** Stops the clock, and no longer waits for the signal. */
  #end(): void {
    this.#deadline?.clear();
    if (this.#onAbort !== undefined) {
      unwatchAbort(this.#options.signal, this.#onAbort);
    }
  }

  get #sent(): { readonly sent?: boolean } {
    const { sent } = this.#options;
    return sent === undefined ? {} : { sent: sent() };
  }
}
