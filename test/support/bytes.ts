// Bytes in tests: written as hex with spaces at the field boundaries, so that a test is also a diagram.

/** hex('00000002 6869'), with runs as in the vector files: hex('0004 + 61*4'). */
export function hex(text: string): Uint8Array {
  const pieces = text.split('+').map((part) => {
    const [digits = '', times = '1'] = part.replaceAll(/\s/g, '').split('*');
    if (!/^(?:[0-9a-f]{2})*$/.test(digits)) {
      throw new Error(`not hex: ${part}`);
    }
    const once = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return repeat(once, Number(times));
  });
  return join(pieces);
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

export function utf8(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const whole = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) {
    whole.set(bytes, i * bytes.length);
  }
  return whole;
}

/** The bytes in pieces of at most `length` bytes. Each piece has memory of its own. */
export function inPieces(bytes: Uint8Array, length: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    pieces.push(bytes.slice(at, at + length));
  }
  return pieces;
}
