// Writes values as Lua. Everything that comes from a description passes through these functions, so no name,
// key or remark of a description can become Lua code. The result is ASCII in every locale.

const utf8 = new TextEncoder();

/**
 * Returns bytes as a string literal. Letters, digits, spaces and `_` stay as they are, and all other bytes
 * are escaped.
 */
export function luaBytes(bytes: Iterable<number>): string {
  const digits = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    // Write three digits in every escape. Behind a shorter escape, a digit would count to the escape.
    return /[A-Za-z0-9_ ]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `"${digits.join('')}"`;
}

/** Returns a text as a string literal of its UTF-8 bytes. */
export function luaString(text: string): string {
  return luaBytes(utf8.encode(text));
}

/**
 * Returns a text for the rest of a comment line. It is printable ASCII only, so that no character can end the
 * line.
 */
export function luaComment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

/**
 * Returns a whole number as Lua. Numbers above 2^53 do not occur, because options with such numbers are
 * refused.
 */
export function luaNumber(value: number): string {
  return String(value);
}

/** Returns a Lua table of numbers, by index from 1. Leaves out undefined values. */
export function luaTable(values: readonly (number | undefined)[]): string {
  const entries = values.flatMap((value, i) =>
    value === undefined ? [] : [`[${i + 1}]=${value}`],
  );
  return `{${entries.join(', ')}}`;
}

/**
 * Returns a name that Wireshark takes for a protocol: `unstick_` and at most 40 small letters, digits and
 * `_`. Returns `unstick` for a text whose first characters have no letter from A to Z and no digit.
 */
export function protocolName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 40)
    .replaceAll(/^_+|_+$/g, '');
  return name === '' ? 'unstick' : `unstick_${name}`;
}
