// contentLength(): a header block with a Content-Length line, an empty line, then that many bytes: the
// base protocol of LSP and DAP.
//
// Rules:
// - Every byte of a block is looked at once, however it comes: the reader remembers how far it was.
// - A line is judged when its end has come, so a wrong one is not waited on until the block is full.
// - The work is linear in bytes: no expression here may try a line from more than one place.

import type { DecoderOptions, FrameCodec } from './codec.ts';
import { BytesDecoder } from './frame-decoder.ts';
import { frameLayout } from './frame-layout.ts';
import type { LengthField } from './length-field.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { malformed } from './malformed.ts';
import { checkOptionNames, UsageError } from '../errors.ts';

export interface ContentLengthOptions {
  /** The largest payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number | undefined;
  /** The longest header block in bytes, the empty line included. Default 4096. */
  readonly maxHeaderLength?: number | undefined;
}

const CR = 13;
const LF = 10;
/** Two lines are usual, Content-Length and Content-Type; 4 KiB is room for dozens. */
const DEFAULT_MAX_HEADER_LENGTH = 4096;
/** The shortest block there is: Content-Length:0 and the empty line. */
const MIN_HEADER_LENGTH = 20;
/** The characters of a header name: RFC 9110, 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Blanks and digits exclude each other, so that this fails in linear time. */
const DIGITS = /^[ \t]*([0-9]+)[ \t]*$/;

/**
 * A codec of `Content-Length: N\r\n\r\n` and N bytes. Strict: lines end with CRLF, exactly one
 * Content-Length, decimal digits only; anything else is ERR_PREFIX_MALFORMED. Other header lines are
 * read over.
 */
export function contentLength(options: ContentLengthOptions = {}): FrameCodec {
  checkOptionNames('contentLength', options, ['maxPayloadLength', 'maxHeaderLength']);
  const { maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH, ...rest } = options;
  if (!Number.isSafeInteger(maxHeaderLength) || maxHeaderLength < MIN_HEADER_LENGTH) {
    throw new UsageError(
      'ERR_OPTION',
      `maxHeaderLength must be at least ${MIN_HEADER_LENGTH} bytes, not ${String(maxHeaderLength)}.`,
    );
  }
  const encoder = lengthPrefixed({ ...rest, prefix: new HeaderBlock(maxHeaderLength) });
  return Object.freeze({
    ...encoder,
    decoder: (given: DecoderOptions = {}) => {
      const layout = frameLayout({ ...rest, prefix: new HeaderBlock(maxHeaderLength) });
      return new BytesDecoder(layout, given);
    },
  });
}

/** The header block as one long length field. One for each decoder: it remembers where it was. */
class HeaderBlock implements LengthField {
  readonly maxWidth: number;
  /** Of the current block: bytes looked at, where the current line starts, the length if it was there. */
  #seen = 0;
  #lineStart = 0;
  #length: number | undefined;

  constructor(maxWidth: number) {
    this.maxWidth = maxWidth;
  }

  read(bytes: Uint8Array, at: number): { length: number; width: number } | undefined {
    for (;;) {
      const lineEnd = bytes.indexOf(LF, at + this.#seen);
      if (lineEnd < 0) {
        this.#seen = bytes.length - at;
        // The decoder shows no more bytes than maxWidth.
        if (this.#seen < this.maxWidth) return undefined;
        throw malformed(
          `the header block does not end within ${this.maxWidth} bytes`,
          'Raise maxHeaderLength, where the remote really sends that much.',
        );
      }
      const line = bytes.subarray(at + this.#lineStart, lineEnd + 1);
      this.#seen = lineEnd + 1 - at;
      this.#lineStart = this.#seen;
      if (line[line.length - 2] !== CR) {
        throw malformed('a header line does not end with CRLF', 'A bare LF ends no line here.');
      }
      if (line.length === 2) return this.#endOfBlock();
      this.#readLine(new TextDecoder('latin1').decode(line.subarray(0, -2)));
    }
  }

  write(length: number): Uint8Array {
    return new TextEncoder().encode(`Content-Length: ${length}\r\n\r\n`);
  }

  #endOfBlock(): { length: number; width: number } {
    const width = this.#seen;
    const length = this.#length;
    if (length === undefined) {
      throw malformed(
        'there is no Content-Length header',
        'Each message starts with Content-Length: N, CRLF, CRLF.',
      );
    }
    this.#seen = 0;
    this.#lineStart = 0;
    this.#length = undefined;
    return { length, width };
  }

  #readLine(line: string): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!HEADER_NAME.test(name)) {
      throw malformed(
        'a header line is not "name: value"',
        'The length of the message before may be wrong: it counts bytes, not characters.',
      );
    }
    if (name.toLowerCase() !== 'content-length') return;
    if (this.#length !== undefined) {
      throw malformed(
        'there are two Content-Length headers',
        'Which of them holds would be a guess.',
      );
    }
    const digits = DIGITS.exec(line.slice(colon + 1))?.[1];
    if (digits === undefined) {
      throw malformed(
        'Content-Length is not decimal digits',
        'A sign, a unit or a fraction is not accepted.',
      );
    }
    this.#length = Number(digits);
  }
}
