// What bytes that make no sense as a length look like. By far the most frequent framing problem that
// users report is "frame length 1195725856 exceeds the limit": it is "GET " read as a number.

interface Protocol {
  readonly name: string;
  /** How it starts, as far as a length prefix may reach. */
  readonly starts: readonly string[];
}

// prettier-ignore
const PROTOCOLS: readonly Protocol[] = [
  { name: 'HTTP', starts: ['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'HTTP', 'PRI '] },
  { name: 'SSH', starts: ['SSH-'] },
  { name: 'a mail protocol', starts: ['EHLO', 'HELO', '220 ', '+OK', '* OK'] },
];

/** Maximum number of bytes that are looked at. */
const START_LENGTH = 4;
const PRINTABLE = /^[\x20-\x7e\r\n\t]+$/;
/** 22 handshake, 3 the major version of every SSL 3 and TLS 1 record; the third byte is the minor one. */
const TLS_HANDSHAKE = 22;
const TLS_MAJOR = 3;
const TLS_MAX_MINOR = 4;
const NUMBER_WORDS = ['', 'byte reads', 'two bytes read', 'three bytes read', 'four bytes read'];

/**
 * A hint for the first bytes of a stream or of a frame that could not be right: HTTP verbs, SSH, mail,
 * a TLS handshake, or plain text where a binary length was expected. `undefined` when nothing is
 * recognised. Only the known start of a protocol is quoted: any other byte may be one of a payload.
 */
export function diagnose(head: Uint8Array): string | undefined {
  const text = textOf(head);
  return recognise(head) ?? (text.length >= 2 && PRINTABLE.test(text) ? TEXT_HINT : undefined);
}

const TEXT_HINT =
  'The first bytes are text: is the other side sending text, or does the prefix start elsewhere?';

/** The same without the guess at text: for formats that are text themselves. */
export function recognise(head: Uint8Array): string | undefined {
  if (looksLikeTls(head)) {
    return 'The first bytes are 16 03: is the other side speaking TLS?';
  }
  const text = textOf(head);
  for (const { name, starts } of PROTOCOLS) {
    const start = starts.find((one) => text.startsWith(one));
    if (start === undefined) {
      continue;
    }
    const reads = NUMBER_WORDS[start.length] ?? 'bytes read';
    return `The first ${reads} ${JSON.stringify(start)}: is the other side speaking ${name}?`;
  }
  return undefined;
}

/**
 * A hint for bytes of which the last one is wrong, so that the next ones need not be waited for: the
 * protocol that starts with them.
 */
export function recogniseBeginning(seen: Uint8Array): string | undefined {
  const known = recognise(seen);
  if (known !== undefined || seen.length === 0) {
    return known;
  }
  const text = textOf(seen);
  const isTls = seen.length === 1 && seen[0] === TLS_HANDSHAKE;
  const fits = ({ starts }: Protocol): boolean => starts.some((one) => one.startsWith(text));
  const isShort = seen.length < START_LENGTH;
  const name = isTls ? 'TLS' : isShort ? PROTOCOLS.find(fits)?.name : undefined;
  return name && `The other side may be speaking ${name}, which can start like this.`;
}

function textOf(head: Uint8Array): string {
  return String.fromCharCode(...head.subarray(0, START_LENGTH));
}

/** What a prefix would say in the other byte order, where that would be an acceptable length. */
export function diagnoseByteOrder(
  prefix: Uint8Array,
  order: 'be' | 'le',
  acceptable: { readonly from: number; readonly to: number },
): string | undefined {
  if (prefix.length < 2 || prefix.length > 8) {
    return undefined;
  }
  const otherwise = order === 'be' ? prefix.toReversed() : prefix;
  const other = otherwise.reduce((value, byte) => value * 256 + byte, 0);
  if (other < acceptable.from || other > acceptable.to) {
    return undefined;
  }
  return `In the other byte order the prefix would read ${other}: do both sides agree on it?`;
}

function looksLikeTls(bytes: Uint8Array): boolean {
  const [type, major, minor = 0] = bytes;
  return type === TLS_HANDSHAKE && major === TLS_MAJOR && minor <= TLS_MAX_MINOR;
}
