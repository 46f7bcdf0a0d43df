// What a length field of ours throws when its bytes are no length. The decoder makes ERR_PREFIX_MALFORMED
// of it, with the place, and takes over facts and hint: these texts are ours and quote no byte.

interface More {
  /** The hint behind the first frame, where the length of the frame before may be to blame. */
  readonly laterHint?: string;
  /** Bytes of the field up to the one that was refused. Only a field that remembers where it was must say. */
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
