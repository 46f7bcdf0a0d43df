// The commands of one connected device. Each is sent, and is then settled by an answer, a deadline, or the
// end of the connection. If the protocol has no answers, a command is settled when the kernel has its bytes.

import type { Bytes, Connection } from 'unstick';
import { isUnstickError } from 'unstick';
import type { Outcome } from './bus.ts';
import type { CounterName, Counters } from './counters.ts';
import type { ResolvedOptions } from './options.ts';

interface Pending {
  readonly command: Bytes;
  settle(outcome: Outcome): void;
}

const COUNTED: Readonly<Record<Outcome['outcome'], CounterName>> = {
  answered: 'commandsAnswered',
  sent: 'commandsSent',
  unknown: 'commandsUnknown',
  absent: 'commandsNotSent',
  unreachable: 'commandsNotSent',
  busy: 'commandsNotSent',
  refused: 'commandsNotSent',
  expired: 'commandsNotSent',
};

export class Commands<In, Out> {
  readonly #options: ResolvedOptions<In, Out>;
  readonly #connection: Connection<In, Out>;
  readonly #device: string;
  readonly #counters: Counters;
  /** Commands that wait for an answer, in the order in which they were sent. */
  readonly #pending = new Set<Pending>();
  #isOver = false;

  constructor(
    options: ResolvedOptions<In, Out>,
    connection: Connection<In, Out>,
    { device, counters }: { readonly device: string; readonly counters: Counters },
  ) {
    this.#options = options;
    this.#connection = connection;
    this.#device = device;
    this.#counters = counters;
  }

  /** Sends a command and resolves with its outcome, after at most `within` ms. Never rejects. */
  async run(bytes: Uint8Array, within: number): Promise<Outcome> {
    const outcome = await this.#run(new Uint8Array(bytes), within);
    this.#counters.add(COUNTED[outcome.outcome]);
    return outcome;
  }

  /** Settles the oldest command that the frame answers. */
  answer(frame: Out): void {
    const { answers, body } = this.#options;
    if (answers === undefined) {
      return;
    }
    for (const pending of this.#pending) {
      if (answers(frame, pending.command)) {
        pending.settle({ outcome: 'answered', answer: body(frame) });
        return;
      }
    }
  }

  /** Called when the connection is over. */
  end(): void {
    this.#isOver = true;
    for (const pending of this.#pending) {
      pending.settle({ outcome: 'unknown' });
    }
  }

  #run(command: Bytes, within: number): Promise<Outcome> {
    if (this.#isOver) {
      return Promise.resolve({ outcome: 'absent' });
    }
    if (!(within > 0)) {
      return Promise.resolve({ outcome: 'expired' });
    }
    if (this.#pending.size >= this.#options.maxCommands) {
      return Promise.resolve({ outcome: 'busy' });
    }
    return new Promise((resolve) => this.#send(command, within, resolve));
  }

  #send(command: Bytes, within: number, resolve: (outcome: Outcome) => void): void {
    const settle = (outcome: Outcome): void => {
      if (this.#pending.delete(pending)) {
        cancel();
        resolve(outcome);
      }
    };
    const pending: Pending = { command, settle };
    const cancel = this.#options.clock.after(within, () => settle({ outcome: 'unknown' }));
    this.#pending.add(pending);
    this.#write(command).then(
      () => {
        if (this.#options.answers === undefined) {
          settle({ outcome: 'sent' });
        }
      },
      (error: unknown) => settle({ outcome: outcomeOf(error) }),
    );
  }

  async #write(command: Bytes): Promise<void> {
    const { toDevice } = this.#options;
    // The cast is safe: a codec whose values are not bytes needs `toDevice`.
    const value = toDevice?.(command, this.#device) ?? (command as unknown as In);
    await this.#connection.send(value);
  }
}

function outcomeOf(error: unknown): 'refused' | 'busy' | 'unknown' {
  if (!isUnstickError(error)) {
    return 'refused'; // Only `toDevice` throws foreign errors, before anything was sent.
  }
  switch (error.code) {
    case 'ERR_FRAME_UNENCODABLE':
    case 'ERR_OPTION':
      return 'refused';
    case 'ERR_QUEUE_FULL':
      return 'busy';
    default:
      return 'unknown';
  }
}
