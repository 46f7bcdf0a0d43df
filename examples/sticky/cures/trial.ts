// One trial of cures.ts: how its messages are sent and received. Sender and receiver get all trials as JSON
// on their command lines. Connection i is trial i.

export interface Trial {
  readonly messages: number;
  /** Length of a message in bytes. */
  readonly length: number;
  readonly noDelay: boolean;
  /**
   * Pause of the sender after each message, in ms. With null the sender does not even wait for a send to end.
   */
  readonly sleep: number | null;
  /** Whether the sender waits until the receiver's queue in the kernel is empty. Only Linux shows that. */
  readonly gate: boolean;
  /** Time in ms that the receiver works on what it received. */
  readonly work: number;
  /** Maximum length of one recv(). With 0 unstick frames the messages on both sides. */
  readonly recv: number;
}

export function parseTrials(args: readonly string[]): Trial[] {
  // The cast is safe, because only cures.ts writes this text.
  return args.map((text) => JSON.parse(text) as Trial);
}
