// Lets the application speak with the remote before the remote becomes a peer, usually to authenticate it.
// Connecting, TLS, `admit` and the hello share one deadline.

import type { Duplex } from 'node:stream';
import { asError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { Deadline } from '../stream/deadline.ts';
import type { Timed } from '../stream/deadline.ts';
import { connectionError, lost, remoteAddressOf, reset } from '../stream/transport.ts';

/**
 * Function that speaks on the duplex and returns the duplex to go on with. For example it makes
 * `framed(duplex, messages())`, plays a challenge, and returns `connection.release()`. The signal aborts when
 * the function takes too long, which also resets the duplex, and when the duplex breaks. If the function
 * throws, the connection is refused and reset. To refuse in words, send them, `close()`, and then throw: a
 * reset can overtake words that no FIN follows.
 */
export type Admit = (duplex: Duplex, signal: AbortSignal) => Promise<Duplex> | Duplex;

/** The time in which one connection must be admitted, and the moment at which that time is over. */
export class Admission {
  /** The whole time, in ms. */
  readonly limit: number;
  readonly deadline: number;

  constructor(limit: number, startedAt: number = performance.now()) {
    this.limit = limit;
    this.deadline = startedAt + limit;
  }

  /** Time that is left, in ms. It is never below 1. */
  get left(): number {
    return Math.max(1, Math.ceil(this.deadline - performance.now()));
  }
}

/**
 * Calls `admit` and returns its duplex. Without an `admit` it returns the given duplex. Throws what `admit`
 * throws. If the time was over before that, throws ERR_TIMEOUT instead. If the duplex broke before that,
 * throws the error of the duplex.
 */
export async function admitted(
  duplex: Duplex,
  admit: Admit | undefined,
  admission: Admission,
): Promise<Duplex> {
  if (admit === undefined) {
    return duplex;
  }
  const watch = new Watch(duplex, admission);
  const talk = Promise.resolve(duplex).then((given) => admit(given, watch.signal));
  try {
    const result = await Promise.race([talk, watch.ended]);
    if (duplex.destroyed) {
      throw watch.lost();
    }
    return result;
  } catch (error) {
    talk.then(
      (tooLate) => tooLate.destroy(),
      () => undefined,
    );
    // If the time was over or the duplex broke, throw that reason. `admit` may have thrown any error because
    // of it.
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    watch.stop();
  }
}

/** Ends an admission that takes too long or whose duplex breaks. */
class Watch implements Timed {
  readonly isRef = true;
  readonly #duplex: Duplex;
  /** Address of the remote. It is read at the start, because a duplex loses its address when it breaks. */
  readonly #remoteAddress: string | undefined;
  readonly #abort = new AbortController();
  readonly #limit: number;
  readonly #deadline: Deadline;
  /**
   * Rejects when the signal aborts, so that this side does not wait for an `admit` that ignores the signal.
   */
  readonly ended: Promise<never>;

  constructor(duplex: Duplex, { limit, deadline }: Admission) {
    this.#duplex = duplex;
    this.#remoteAddress = remoteAddressOf(duplex);
    if (duplex.destroyed) {
      throw this.lost();
    }
    const { signal } = this.#abort;
    this.ended = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(asError(signal.reason)));
    });
    this.#limit = limit;
    this.#deadline = new Deadline(Infinity, this);
    this.#deadline.runUntil(deadline);
    duplex.once('close', this.#onClose);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get progress(): number {
    return bytesReadOf(this.#duplex);
  }

  /** Called when the time of the admission is over. */
  onExpire(): void {
    const limit = this.#limit;
    const facts = `Connecting and admission took longer than ${limit} ms`;
    const init = { remoteAddress: this.#remoteAddress, limit };
    this.#end(connectionError('ERR_TIMEOUT', facts, init));
  }

  stop(): void {
    this.#deadline.clear();
    this.#duplex.off('close', this.#onClose);
  }

  // If `admit` has ended our side, it is refusing the remote in words and will throw the reason. Report that
  // reason then, and not how the remote closed.
  readonly #onClose = (): void => {
    if (!this.#duplex.writableEnded) {
      this.#end(this.lost());
    }
  };

  /** Makes the error of a duplex that broke. */
  lost(): UnstickError {
    return lost(this.#duplex.errored, this.#remoteAddress);
  }

  #end(error: UnstickError): void {
    this.#abort.abort(error);
    reset(this.#duplex);
  }
}

function bytesReadOf(duplex: Duplex): number {
  return 'bytesRead' in duplex && typeof duplex.bytesRead === 'number' ? duplex.bytesRead : 0;
}
