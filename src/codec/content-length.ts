// contentLength(): a header block with a Content-Length line, an empty line, then that many bytes: the
// base protocol of LSP and DAP. The block is read as one long length field, with a memory of how far
// it was looked through, so that a block which comes byte by byte is looked through once.

import type { DecoderOptions, FrameCodec } from './codec.ts';
import { BytesDecoder } from './frame-decoder.ts';
import { frameLayout } from './frame-layout.ts';
import type { LengthField } from './length-field.ts';
import { lengthPrefixed } from './length-prefixed.ts';

export interface ContentLengthOptions {
  /** The largest payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number;
  /** The longest header block in bytes, the empty line included. Default 4096. */
  readonly maxHeaderLength?: number;
}

const CR = 13;
const LF = 10;
/** Two lines are usual, Content-Length and Content-Type; 4 KiB is room for dozens. */
const DEFAULT_MAX_HEADER_LENGTH = 4096;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*(.*?)[ \t]*$/i;
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/**
 * A codec of `Content-Length: N\r\n\r\n` and N bytes. Strict: lines end with CRLF, exactly one
 * Content-Length, decimal digits only; anything else is ERR_PREFIX_MALFORMED. Other header lines are
 * read over.
 */
export function contentLength(options: ContentLengthOptions = {}): FrameCodec {
  const { maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH, ...rest } = options;
  const encoder = lengthPrefixed({ ...rest, prefix: headerBlock(maxHeaderLength) });
  return Object.freeze({
    ...encoder,
    decoder: (given: DecoderOptions = {}) => {
      const layout = frameLayout({ ...rest, prefix: headerBlock(maxHeaderLength) });
      return new BytesDecoder(layout, given);
    },
  });
}

/** One for each decoder: it remembers how much of the current block was looked through. */
function headerBlock(maxWidth: number): LengthField {
  let seen = 0;
  return {
    maxWidth,
    read(bytes, at) {
      const end = endOfBlock(bytes, at, at + seen);
      if (end === undefined) {
        seen = bytes.length - at;
        return undefined;
      }
      seen = 0;
      return { length: lengthIn(latin1(bytes.subarray(at, end - 4))), width: end - at };
    },
    write: (length) => new TextEncoder().encode(`Content-Length: ${length}\r\n\r\n`),
  };
}

/** Behind the first CRLF CRLF of the block that starts at `at`; nothing before `from` needs another look. */
function endOfBlock(bytes: Uint8Array, at: number, from: number): number | undefined {
  for (let i = from; i < bytes.length; i++) {
    const isEnd =
      bytes[i] === LF && bytes[i - 1] === CR && bytes[i - 2] === LF && bytes[i - 3] === CR;
    if (isEnd && i - 3 >= at) return i + 1;
  }
  return undefined;
}

function lengthIn(block: string): number {
  let length: number | undefined;
  for (const line of block.split('\r\n')) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) throw new RangeError('a header line is not "name: value"');
    if (name.toLowerCase() !== 'content-length') continue;
    if (length !== undefined) throw new RangeError('there are two Content-Length headers');
    if (!/^[0-9]+$/.test(value)) throw new RangeError('Content-Length is not decimal digits');
    length = Number(value);
  }
  if (length === undefined) throw new RangeError('there is no Content-Length header');
  return length;
}
