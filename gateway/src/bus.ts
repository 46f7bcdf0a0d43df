// What the gateway needs of a bus: the interface that memory.ts and jetstream/ implement, and its errors. The
// docs of each method say what an implementation must promise. test/contract.test.ts checks these promises
// for every bus.
//
//   frame ──append──▶ PREFIX.<device>.up      stored before `append` resolves, in the order of the calls
//   claim ──epoch───▶ owner.<device>          the newest claim of a device wins; older ones are fenced
//   command ────────▶ PREFIX.<device>.down    reaches the node with the newest claim, or nobody

import type { Clock } from './clock.ts';

/** One frame on its way up to the bus. */
export interface UpMessage {
  /** Id by which consumers recognise a frame that was stored twice. A repeated `append` has the same id. */
  readonly id: string;
  /** The bytes of the frame. They do not change after the call. */
  readonly bytes: Uint8Array;
}

/** The words for outcomes that carry no answer. */
export const PLAIN_OUTCOMES = [
  'sent',
  'absent',
  'unreachable',
  'busy',
  'refused',
  'expired',
  'unknown',
] as const;

/**
 * What happened to a command.
 * - `answered`: the device answered, with these bytes.
 * - `sent`: the gateway gave the bytes to the kernel of its host, and the protocol of the device has no
 *   answers.
 * - `absent`: no gateway holds the device. Nothing was sent.
 * - `unreachable`: this process cannot reach the bus. Nothing was sent.
 * - `busy`: too many commands of the device wait for an answer, or too many bytes wait to be sent. Nothing
 *   was sent.
 * - `refused`: the codec of the gateway cannot encode the command, or the bus takes none of this length.
 *   Nothing was sent.
 * - `expired`: the time was over before the command was sent. Nothing was sent.
 * - `unknown`: the command may have reached the device. No answer came in time, or the connection broke.
 */
export type Outcome =
  | { readonly outcome: 'answered'; readonly answer: Uint8Array }
  | { readonly outcome: (typeof PLAIN_OUTCOMES)[number] };

/** The words of `Outcome`. */
export type OutcomeName = Outcome['outcome'];

/** The gateway's side of a claim. The bus calls these methods. */
export interface Holder {
  /**
   * Hands a command to the device. `within` is the time in ms that is left. Never rejects, and settles within
   * that time.
   */
  command(bytes: Uint8Array, within: number): Promise<Outcome>;
  /**
   * Called when a newer claim was made, so that this claim has no effect any more. Called at most once, and
   * never after `release`.
   */
  lost(): void;
}

/** A device that a node holds. */
export interface Claim {
  /** Number of the claim. It is higher than the number of every claim that was made on this device before. */
  readonly epoch: number;
  /**
   * Stores one message behind all messages of the device. Resolves when the bus has the message as safely as
   * the bus promises. The caller may make several calls without waiting.
   *
   * - Messages are stored in the order of the calls.
   * - When a call fails, every call behind it fails as well, until `goBack`. So the caller goes back to the
   *   first message that failed, and the order holds.
   * - A failed call may have stored the message. The repeated call then does not store it again, as far as
   *   the bus can tell. If the bus cannot tell, both copies have the same id.
   * - Once a newer claim has stored a message, every call rejects: with ERR_FENCED or, behind a call that
   *   failed, with ERR_BEHIND_FAILURE. It may do so earlier.
   *
   * Rejects with BusError. Its `isFinal` says whether repeating the call is useless.
   */
  append(message: UpMessage): Promise<void>;
  /** Makes `append` work again after a failure. Call this when every call of `append` has settled. */
  goBack(): void;
  /**
   * Gives the device up, unless a newer claim has it. From now on commands for the device are `absent`. Never
   * rejects: an entry that could not be removed ends with its time to live.
   */
  release(): Promise<void>;
}

/** The functions and facts that `open` gets from the gateway. */
export interface BusHost {
  /** Name of the node, for people who look at the bus. */
  readonly node: string;
  /** Time of the gateway. */
  readonly clock: Clock;
  /**
   * Called when the bus came into reach or went out of reach. `why` is text for a log, which is not yet made
   * printable.
   */
  onState(isUp: boolean, why: string): void;
}

/** Options of `command`. */
export interface CommandOptions {
  /** Time in ms after which the command is given up. Default 10 000. */
  readonly within?: number | undefined;
}

/** A message bus. */
export interface Bus {
  /** Maximum length of a message in bytes. `append` refuses a longer message with ERR_MESSAGE_TOO_LARGE. */
  readonly maxLength: number;
  /** Whether the bus is in reach, as far as this node knows. */
  readonly isUp: boolean;
  /**
   * Connects. If the bus is not there, waits for it, and reports each attempt through `host.onState`. Rejects
   * with ERR_BUS_REFUSED if waiting is useless, for example with wrong credentials, and with ERR_BUS_CLOSED
   * if `close` is called meanwhile.
   */
  open(host: BusHost): Promise<void>;
  /**
   * Takes the device for this node. The newest claim wins, on whatever node it was made. The bus tells the
   * holder of an older claim by calling `lost` as soon as it can. Rejects with BusError.
   */
  claim(device: string, holder: Holder): Promise<Claim>;
  /**
   * Sends a command to the node that holds the device, and resolves with its outcome. Only the holder of the
   * newest claim passes a command on. Never rejects, and settles within the time.
   */
  command(device: string, bytes: Uint8Array, options?: CommandOptions): Promise<Outcome>;
  /**
   * Ends the connection. Calls that wait reject with ERR_BUS_CLOSED, except `command`, which never rejects.
   */
  close(): Promise<void>;
}

/** Default of `within` in ms. */
export const COMMAND_MS = 10_000;

/** Codes of BusError. `isFinal` says whether repeating a call that failed with this code is useless. */
export const BUS_ERRORS = {
  /** The bus is out of reach, did not answer in time, or has no room. Repeat the call later. */
  ERR_BUS_AWAY: { isFinal: false },
  /** An earlier message of the device failed, so this one was not tried. */
  ERR_BEHIND_FAILURE: { isFinal: false },
  /** A newer claim holds the device. */
  ERR_FENCED: { isFinal: true },
  /** The bus takes no message of this length. */
  ERR_MESSAGE_TOO_LARGE: { isFinal: true },
  /** The bus refuses this node: credentials, permissions, or a stream that does not fit. */
  ERR_BUS_REFUSED: { isFinal: true },
  /** `close` was called, or `open` was not. */
  ERR_BUS_CLOSED: { isFinal: true },
} as const;

export type BusErrorCode = keyof typeof BUS_ERRORS;

/** Error of a bus that did not do what it was asked to do. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether repeating the call is useless. */
  get isFinal(): boolean {
    return BUS_ERRORS[this.code].isFinal;
  }
}

/** Turns any error into a BusError. An error that the bus did not foresee counts as ERR_BUS_AWAY. */
export function toBusError(error: unknown): BusError {
  if (error instanceof BusError) {
    return error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new BusError('ERR_BUS_AWAY', `The bus failed: ${reason}`, { cause: error });
}
