// One call that reads several parts. A call may be given up as a whole: by its deadline, by its signal, or
// because the caller left its loop. Giving up ends the pending read and begins no other read, so no part is
// lost.

import type { UnstickError } from '../errors.ts';
import { callTime, checkNames, checkSignal } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { limited } from './call.ts';
import type { ReceiveOptions, ResolvedReceiveOptions } from './framed-options.ts';

const READ_NAMES = { timeout: true, signal: true } satisfies OptionNames<ReceiveOptions>;

/**
 * Checks the options of a method that reads. Returns `undefined` if none are given. Throws UsageError
 * ERR_OPTION.
 */
export function resolveReadOptions(
  verb: string,
  options: ReceiveOptions | undefined,
): ResolvedReceiveOptions | undefined {
  if (options === undefined) {
    return undefined;
  }
  checkNames(verb, options, READ_NAMES);
  const { timeout = Infinity, signal } = options;
  checkSignal('signal', signal);
  return { timeout: callTime('timeout', timeout), signal };
}

/** The reading half of a connection, as a call that reads several parts needs it. */
export interface PartReader {
  readonly remoteAddress: string | undefined;
  /** Rejects the pending read with `error`. */
  giveUpRead(error: UnstickError): void;
}

export class ReadCall {
  readonly #reader: PartReader;
  #givenUp: UnstickError | undefined;

  constructor(reader: PartReader) {
    this.#reader = reader;
  }

  /** Throws if the call was given up. Call this before each part. */
  check(): void {
    if (this.#givenUp !== undefined) {
      throw this.#givenUp;
    }
  }

  giveUp(error: UnstickError): void {
    this.#givenUp = error;
    this.#reader.giveUpRead(error);
  }

  /** Runs the call within its limits. */
  run<R>(call: () => Promise<R>, limits: ResolvedReceiveOptions | undefined): Promise<R> {
    const outcome = call();
    if (limits === undefined) {
      return outcome;
    }
    const cancel = (error: UnstickError): void => this.giveUp(error);
    const clock = limited(outcome, { ...limits, cancel }, this.#reader);
    clock.catch(() => undefined);
    // Return `outcome` and not `clock`. When a limit gives up the call, `clock` rejects at once, and a part
    // that comes at the same moment would be lost.
    return outcome;
  }
}
