// What codecs ask of bytes: whether a value is bytes, whether their memory is still there, and to join them. Bytes of another realm (a
// vm context, an iframe, jsdom) are bytes, so codecs and connections ask `isBytes`. A plain `instanceof
// Uint8Array` is enough in two cases: where bytes of another realm never come (from the sockets of Node), and
// where a slower path takes them.

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Whether the value is a Uint8Array, a Buffer included, of this realm or of another. */
export function isBytes(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) {
    return true;
  }
  return ArrayBuffer.isView(value) && Reflect.get(value, Symbol.toStringTag) === 'Uint8Array';
}

/**
 * Whether the memory of these bytes was transferred, or was shrunk so far that the bytes lie outside of it.
 * This asks for a byte and not for the length: in Node 20 and 22, optimized code that has seen resizable memory
 * reads the old length of an array whose memory is gone.
 */
export function isGone(bytes: Uint8Array): boolean {
  if (bytes[0] !== undefined) {
    return false;
  }
  try {
    // Every method of a typed array throws when the memory is gone. `at` is the cheapest method.
    bytes.at(0);
    return false;
  } catch {
    return true;
  }
}

export function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => b[i] === byte);
}

/** Returns the number of bytes in all pieces together. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Returns the bytes of all pieces as one new array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
