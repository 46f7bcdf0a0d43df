// One trial of cures.ts: how its messages are sent and received. Sender and receiver get all trials as JSON
// on their command lines. Connection i is trial i.

export interface Trial {
  readonly messages: number;
  /** Length of a message in bytes. */
  readonly length: number;
  readonly noDelay: boolean;
  /** Pause of the sender after each message, in ms. With null it does not even wait for a call to return. */
  readonly sleep: number | null;
  /** The sender waits until the receiver's queue is empty, which only Linux shows. */
  readonly gate: boolean;
  /** Time in ms that the receiver works on what it received. */
  readonly work: number;
  /** Maximum length of one recv(). With 0 unstick frames the messages on both sides. */
  readonly recv: number;
}

export function parseTrials(args: readonly string[]): Trial[] {
  // The cast: only cures.ts writes this text.
  return args.map((text) => JSON.parse(text) as Trial);
}
