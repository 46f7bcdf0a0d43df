// A built-in length field throws MalformedLength when its bytes are no length, or when it cannot write a
// length. The decoder makes ERR_PREFIX_MALFORMED of it, and the encoder ERR_FRAME_UNENCODABLE, with the same
// facts and hint. Facts and hint quote no byte of the remote.

interface More {
  /**
   * Hint for every frame but the first frame of the stream. It differs because behind the first frame the
   * length of the previous frame may be wrong. Default: the hint of the first frame.
   */
  readonly laterHint?: string;
  /**
   * Number of bytes that the field had read when it refused, the refused byte included. Required for a field
   * that remembers a position.
   */
  readonly seen?: number;
}

export class MalformedLength extends RangeError {
  readonly hint: string;
  readonly laterHint: string;
  readonly seen: number | undefined;

  constructor(facts: string, hint: string, { laterHint = hint, seen }: More) {
    super(facts);
    this.hint = hint;
    this.laterHint = laterHint;
    this.seen = seen;
  }
}

export function malformed(facts: string, hint: string, more: More = {}): MalformedLength {
  return new MalformedLength(facts, hint, more);
}
