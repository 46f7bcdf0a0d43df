// MalformedLength is what a built-in length field throws when its bytes are no length. The decoder makes
// ERR_PREFIX_MALFORMED of it, with the place, the facts and the hint: these quote no byte of the remote.

interface More {
  /** Hint for all frames but the first, where the length of the frame before may be to blame. */
  readonly laterHint?: string;
  /** Number of bytes up to the refused one, that included. A field that remembers a position must set this. */
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
