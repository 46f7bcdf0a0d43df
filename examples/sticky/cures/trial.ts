// One trial of cures.ts: how its messages are sent, and how they are received. Travels as JSON text on
// the command line of sender and receiver; connection i is trial i.

export interface Trial {
  readonly messages: number;
  /** Bytes of a message. */
  readonly length: number;
  readonly noDelay: boolean;
  /** Pause of the sender after each message in ms; null: it does not even wait for a call to return. */
  readonly sleep: number | null;
  /** The sender waits until the receiver's queue is empty: to be seen on one Linux machine only. */
  readonly gate: boolean;
  /** Time in ms that the receiver works on what it received. */
  readonly work: number;
  /** The most that one recv() gives; 0: framed by unstick, on both sides. */
  readonly recv: number;
}

export function parseTrials(args: readonly string[]): Trial[] {
  // The cast: only cures.ts writes them.
  return args.map((text) => JSON.parse(text) as Trial);
}
