// One trial of cures.ts: how its messages are sent, and how they are received. Travels as JSON text on
// the command line of sender and receiver; connection i is trial i.

export interface Trial {
  readonly messages: number;
  /** Bytes of a message. */
  readonly length: number;
  readonly noDelay: boolean;
  /** The sender rests so many ms after each message. */
  readonly sleep: number;
  /** The receiver works so many ms on whatever it received. */
  readonly work: number;
  /** The most that one recv() gives; 0: framed by unstick, on both sides. */
  readonly recv: number;
}

export function parseTrials(args: readonly string[]): Trial[] {
  // The cast: cures.ts writes them, and nobody else.
  return args.map((text) => JSON.parse(text) as Trial);
}
