// What a length field throws when its bytes are no length. The decoder makes ERR_PREFIX_MALFORMED of
// it, with the place, and takes over the hint.

export interface MalformedLength extends RangeError {
  readonly hint: string;
}

export function malformed(facts: string, hint: string): MalformedLength {
  return Object.assign(new RangeError(facts), { hint });
}

/** The hint of anything that was thrown, where it has one. */
export function hintOf(thrown: unknown): string | undefined {
  const isObject = typeof thrown === 'object' && thrown !== null && 'hint' in thrown;
  return isObject && typeof thrown.hint === 'string' ? thrown.hint : undefined;
}
