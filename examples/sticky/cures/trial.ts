// One trial of cures.ts: how its messages are sent, and how they are received. Travels as JSON text on
// the command line of sender and receiver; connection i is trial i.

export interface Trial {
  readonly messages: number;
  /** Bytes of a message. */
  readonly length: number;
  readonly noDelay: boolean;
  /** The sender rests so many ms after each message; null: it does not even wait for a call to return. */
  readonly sleep: number | null;
  /** The sender waits until the receiver's queue is empty: to be seen on one Linux machine only. */
  readonly gate: boolean;
  /** The receiver works so many ms on whatever it received. */
  readonly work: number;
  /** The most that one recv() gives; 0: framed by unstick, on both sides. */
  readonly recv: number;
}

export function parseTrials(args: readonly string[]): Trial[] {
  // The cast: cures.ts writes them, and nobody else.
  return args.map((text) => JSON.parse(text) as Trial);
}
