// Recognises, for hints, what the bytes of an impossible length really are. The framing problem that users
// report most often is "frame length 1195725856 exceeds the limit", and the bytes of that number are "GET ".

interface Protocol {
  readonly name: string;
  /** First bytes that a stream of the protocol can have, up to START_LENGTH of them. */
  readonly starts: readonly string[];
}

// prettier-ignore
const PROTOCOLS: readonly Protocol[] = [
  { name: 'HTTP', starts: ['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'HTTP', 'PRI '] },
  { name: 'SSH', starts: ['SSH-'] },
  { name: 'a mail protocol', starts: ['EHLO', 'HELO', '220 ', '+OK', '* OK'] },
];

/** Number of first bytes that `diagnose` looks at. */
const START_LENGTH = 4;
const PRINTABLE = /^[\x20-\x7e\r\n\t]+$/;
/**
 * A TLS record starts with its type (22 is handshake), then 3 (the major version since SSL 3), then the minor
 * version.
 */
const TLS_HANDSHAKE = 22;
const TLS_MAJOR = 3;
const TLS_MAX_MINOR = 4;
const NUMBER_WORDS = ['', 'byte reads', 'two bytes read', 'three bytes read', 'four bytes read'];

/**
 * Returns a hint for the wrong first bytes of a stream or frame: HTTP verbs, SSH, mail, a TLS handshake, or
 * plain text in place of a binary length. Returns `undefined` when it recognises nothing. The hint quotes only
 * the known start of a protocol, since any other byte may belong to a payload.
 */
export function diagnose(head: Uint8Array): string | undefined {
  const text = textOf(head);
  return recognise(head) ?? (text.length >= 2 && PRINTABLE.test(text) ? TEXT_HINT : undefined);
}

const TEXT_HINT =
  'The first bytes are text: is the remote sending text, or does the prefix start elsewhere?';

/**
 * Returns a hint as `diagnose` does, but never guesses that the bytes are text. It is for formats that are
 * text themselves.
 */
export function recognise(head: Uint8Array): string | undefined {
  if (looksLikeTls(head)) {
    return 'The first bytes are 16 03: is the remote speaking TLS?';
  }
  const text = textOf(head);
  for (const { name, starts } of PROTOCOLS) {
    const start = starts.find((one) => text.startsWith(one));
    if (start === undefined) {
      continue;
    }
    const reads = NUMBER_WORDS[start.length] ?? 'bytes read';
    return `The first ${reads} ${JSON.stringify(start)}: is the remote speaking ${name}?`;
  }
  return undefined;
}

/**
 * Returns a hint for the first bytes of a frame up to the first wrong byte: the protocol that can start with
 * these bytes. The hint must not depend on bytes that came later. So one to three bytes are enough, if the
 * start of a known protocol begins with them.
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
  return name && `The remote may be speaking ${name}, which can start like this.`;
}

function textOf(head: Uint8Array): string {
  return String.fromCharCode(...head.subarray(0, START_LENGTH));
}

/** Returns a hint if the prefix would be an acceptable length in the other byte order. */
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
  return `In the other byte order the prefix would read ${other}: do both sides use the same byte order?`;
}

function looksLikeTls(bytes: Uint8Array): boolean {
  const [type, major, minor = 0] = bytes;
  return type === TLS_HANDSHAKE && major === TLS_MAJOR && minor <= TLS_MAX_MINOR;
}
