// The oracle of messages() and messageParts(). It has the whole stream in one array and parses every message
// from its first byte. Like slow-frames.ts, it shares types with src, but no code.

import type { MessageOptions } from '../../src/message/message-layout.ts';
import { toHex } from './bytes.ts';
import { isVarint, slowFormat, slowPrefix, varintGroups } from './slow-frames.ts';
import type { Place, SlowEvent, SlowTerms } from './slow-frames.ts';

export interface SlowMessages {
  /** The result of messages(). */
  readonly whole: { events: SlowEvent[]; error: Place | undefined; rest: string };
  /** The result of messageParts(), with all bytes of a body joined. */
  readonly parts: { events: SlowEvent[]; error: Place | undefined; rest: string };
}

type Head =
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly code: string }
  | {
      readonly kind: 'head';
      readonly header: Record<string, unknown>;
      bodyLength: number;
      length: number;
    };

const bad = (code: string): Head => ({ kind: 'bad', code });

function slowHead(options: MessageOptions, bytes: readonly number[]): Head {
  const { prefix = 'u32be', maxHeaderLength = 65_536, bodyLengthKey = 'bodyLength' } = options;
  const format = slowFormat({ prefix, maxPayloadLength: maxHeaderLength });
  const number = slowPrefix(format, bytes);
  if (number === 'more') {
    return { kind: 'more' };
  }
  if (number === 'malformed') {
    return bad('ERR_PREFIX_MALFORMED');
  }
  const { declared, width } = number;
  if (declared === undefined || declared < 0n || declared >= 2n ** 53n) {
    return bad('ERR_FRAME_LENGTH_INVALID');
  }
  if (declared > BigInt(format.limit)) {
    return bad('ERR_MESSAGE_HEADER_TOO_LARGE');
  }
  if (isVarint(prefix) && width > varintGroups(format.limit)) {
    return bad('ERR_PREFIX_MALFORMED');
  }
  const length = width + Number(declared);
  if (bytes.length < length) {
    return { kind: 'more' };
  }
  const header = slowHeader(Uint8Array.from(bytes.slice(width, length)));
  if (header === undefined) {
    return bad('ERR_MESSAGE_HEADER_INVALID');
  }
  const bodyLength = Object.keys(header).includes(bodyLengthKey) ? header[bodyLengthKey] : 0;
  if (typeof bodyLength !== 'number' || !Number.isSafeInteger(bodyLength) || bodyLength < 0) {
    return bad('ERR_MESSAGE_BODY_LENGTH');
  }
  return { kind: 'head', header, bodyLength: bodyLength + 0, length };
}

function slowHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const words = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const header: unknown = JSON.parse(words, (key: string, value: unknown) => {
      if (key === '__proto__') {
        throw new Error('refused');
      }
      return value;
    });
    if (typeof header !== 'object' || header === null || Array.isArray(header)) {
      return undefined;
    }
    if (hasTwice(words)) {
      return undefined;
    }
    return Object.fromEntries(Object.entries(header));
  } catch {
    return undefined;
  }
}

/** Whether an object in this JSON has a key twice. Goes through the tokens with a list of keys per brace. */
function hasTwice(json: string): boolean {
  const open: string[][] = [];
  const tokens = json.match(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g) ?? [];
  return tokens.some((token) => {
    if (token === '{' || token === '[') {
      open.push([]);
    } else if (token === '}' || token === ']') {
      open.pop();
    }
    if (!token.endsWith(':')) {
      return false;
    }
    const key: unknown = JSON.parse(token.slice(0, -1));
    const seen = open.at(-1) ?? [];
    if (seen.includes(String(key))) {
      return true;
    }
    seen.push(String(key));
    return false;
  });
}

function shown(some: number[]): string {
  return toHex(Uint8Array.from(some));
}

export function slowMessages(
  options: MessageOptions,
  stream: Uint8Array,
  { ended, skips, limit }: SlowTerms & { readonly limit: number },
): SlowMessages {
  const bytes = Array.from(stream);
  const whole: SlowEvent[] = [];
  const parts: SlowEvent[] = [];
  let byteOffset = 0;
  for (let frameIndex = 0; ; frameIndex++) {
    const left = bytes.slice(byteOffset);
    const stop = (code: string | undefined, rest: number[], partsRest = rest): SlowMessages => {
      const error = code === undefined ? undefined : { code, byteOffset, frameIndex };
      return {
        whole: { events: whole, error, rest: shown(rest) },
        parts: { events: parts, error, rest: shown(partsRest) },
      };
    };
    if (left.length === 0) {
      return stop(undefined, []);
    }
    const cut = ended ? 'ERR_FRAME_TRUNCATED' : undefined;
    const head = slowHead(options, left);
    if (head.kind === 'more') {
      return stop(cut, left);
    }
    if (head.kind === 'bad') {
      return stop(head.code, left);
    }
    const { header, bodyLength } = head;
    const length = head.length + bodyLength;
    const body = toHex(Uint8Array.from(left.slice(head.length, length)));
    if (bodyLength > limit) {
      if (!skips) {
        return stop('ERR_BODY_TOO_LARGE', left);
      }
      const skip: SlowEvent = { kind: 'skip', code: 'ERR_BODY_TOO_LARGE', byteOffset, frameIndex };
      whole.push(skip);
      parts.push(skip);
      if (left.length < length) {
        return stop(cut, []);
      }
    } else {
      const piece = (value: object): number => parts.push({ kind: 'value', value });
      piece({ kind: 'head', header, bodyLength });
      if (body !== '') {
        piece({ kind: 'body', bytes: body });
      }
      if (left.length < length) {
        return stop(cut, left, []);
      }
      piece({ kind: 'end' });
      whole.push({ kind: 'value', value: { header, body } });
    }
    byteOffset += length;
  }
}
