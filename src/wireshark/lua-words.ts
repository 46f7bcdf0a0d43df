// Values written as Lua. Everything that comes from a description passes through these functions, so no name,
// key or remark of a description can become Lua code. The result is ASCII, whatever the locale.

const utf8 = new TextEncoder();

/**
 * Bytes as a string literal. Letters, digits, spaces and `_` are written as they are, all other bytes
 * escaped.
 */
export function luaBytes(bytes: Iterable<number>): string {
  const digits = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    // Always three digits: a shorter escape would swallow a digit that follows it.
    return /[A-Za-z0-9_ ]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `"${digits.join('')}"`;
}

/** Text as a string literal of its UTF-8 bytes. */
export function luaString(text: string): string {
  return luaBytes(utf8.encode(text));
}

/** Text as the rest of a comment line: printable ASCII only, so that nothing can end the line. */
export function luaComment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

/** A whole number. Numbers above 2^53 do not occur, because such options are refused. */
export function luaNumber(value: number): string {
  return String(value);
}

/** A table of numbers, by index from 1. Leaves out undefined values. */
export function luaTable(values: readonly (number | undefined)[]): string {
  const entries = values.flatMap((value, i) =>
    value === undefined ? [] : [`[${i + 1}]=${value}`],
  );
  return `{${entries.join(', ')}}`;
}

/**
 * A name that Wireshark takes for a protocol: `unstick_` and at most 40 small letters, digits and `_`. For a
 * text without any of these, just `unstick`.
 */
export function protocolName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 40)
    .replaceAll(/^_+|_+$/g, '');
  return name === '' ? 'unstick' : `unstick_${name}`;
}
