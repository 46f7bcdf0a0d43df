// What bytes that make no sense as a length look like. By far the most frequent framing problem that
// users report is "frame length 1195725856 exceeds the limit": it is "GET " read as a number.

const PROTOCOLS: readonly (readonly [test: RegExp, hint: string])[] = [
  [
    /^(?:GET |POST|PUT |HEAD|DELE|OPTI|PATC|CONN|TRAC|HTTP|PRI )/,
    'is the other side speaking HTTP?',
  ],
  [/^SSH-/, 'is the other side speaking SSH?'],
  [/^(?:EHLO|HELO|220 |\+OK |\* OK)/, 'is the other side speaking a mail protocol?'],
];

const PRINTABLE = /^[\x20-\x7e\r\n\t]+$/;
/** 22 handshake, 3 the major version of every SSL 3 and TLS 1 record; the third byte is the minor one. */
const TLS_HANDSHAKE = 22;
const TLS_MAJOR = 3;
const TLS_MAX_MINOR = 4;
const NUMBER_WORDS = ['', 'byte reads', 'two bytes read', 'three bytes read', 'four bytes read'];

/**
 * A hint for the first bytes of a stream or of a frame that could not be right: HTTP verbs, SSH, mail,
 * a TLS handshake, or plain text where a binary length was expected. `undefined` when nothing is
 * recognised. Only printable bytes are quoted.
 */
export function diagnose(head: Uint8Array): string | undefined {
  const text = printable(head);
  const guess = 'is the other side sending text, or does the prefix start elsewhere?';
  return recognise(head) ?? (text === undefined ? undefined : reads(text, guess));
}

/** The same without the guess at text: for formats that are text themselves. */
export function recognise(head: Uint8Array): string | undefined {
  const bytes = head.subarray(0, 4);
  if (looksLikeTls(bytes)) {
    return `The first bytes are ${hex(bytes)}: is the other side speaking TLS?`;
  }
  const text = printable(head);
  if (text === undefined) return undefined;
  const hint = PROTOCOLS.find(([test]) => test.test(text))?.[1];
  return hint === undefined ? undefined : reads(text, hint);
}

function printable(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 4));
  return text.length >= 2 && PRINTABLE.test(text) ? text : undefined;
}

function reads(text: string, hint: string): string {
  return `The first ${NUMBER_WORDS[text.length] ?? 'bytes read'} ${JSON.stringify(text)}: ${hint}`;
}

/** What a prefix would say in the other byte order, where that would be an acceptable length. */
export function diagnoseByteOrder(
  prefix: Uint8Array,
  order: 'be' | 'le',
  acceptable: { readonly from: number; readonly to: number },
): string | undefined {
  if (prefix.length < 2 || prefix.length > 8) return undefined;
  const otherwise = order === 'be' ? prefix.toReversed() : prefix;
  const other = otherwise.reduce((value, byte) => value * 256 + byte, 0);
  if (other < acceptable.from || other > acceptable.to) return undefined;
  return `In the other byte order the prefix would read ${other}: do both sides agree on it?`;
}

function looksLikeTls(bytes: Uint8Array): boolean {
  const [type, major, minor = 0] = bytes;
  return type === TLS_HANDSHAKE && major === TLS_MAJOR && minor <= TLS_MAX_MINOR;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
