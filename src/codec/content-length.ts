// contentLength(): a header block with a Content-Length line, an empty line, then that many bytes: the
// base protocol of LSP and DAP.
//
// Rules:
// - Every byte of a block is looked at once, however it comes: the reader remembers how far it was.
// - The name of a line is judged byte by byte, its value when its end has come: another protocol is
//   noticed at its first byte that cannot be, and nothing wrong is waited on until the block is full.
// - The work is linear in bytes: no expression here may try a line from more than one place.

import type { DecoderOptions, FrameCodec } from './codec.ts';
import { BytesDecoder } from './frame-decoder.ts';
import { frameLayout } from './frame-layout.ts';
import type { LengthField } from './length-field.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { malformed } from './malformed.ts';
import { checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';

export interface ContentLengthOptions {
  /** Largest payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number | undefined;
  /** Longest header block in bytes, the empty line included. Default 4096. */
  readonly maxHeaderLength?: number | undefined;
}

const NAMES = {
  maxPayloadLength: true,
  maxHeaderLength: true,
} satisfies OptionNames<ContentLengthOptions>;

const CR = 13;
const LF = 10;
/** Two lines are usual, Content-Length and Content-Type; 4 KiB is room for dozens. */
const DEFAULT_MAX_HEADER_LENGTH = 4096;
/** The shortest block there is: Content-Length:0 and the empty line. */
const MIN_HEADER_LENGTH = 20;
const COLON = 58;
/** Whether a byte is one of a header name: RFC 9110, 5.6.2. */
const IS_NAME: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+.^_`|~0-9a-z-]/i.test(String.fromCharCode(byte)),
);
/** Blanks and digits exclude each other, so that this fails in linear time. */
const DIGITS = /^[ \t]*([0-9]+)[ \t]*$/;

/**
 * A codec of `Content-Length: N\r\n\r\n` and N bytes. Strict: lines end with CRLF, exactly one
 * Content-Length, decimal digits only; anything else is ERR_PREFIX_MALFORMED. Other header lines are
 * read over.
 */
export function contentLength(options: ContentLengthOptions = {}): FrameCodec {
  checkNames('contentLength', options, NAMES);
  const { maxHeaderLength: most = DEFAULT_MAX_HEADER_LENGTH, ...rest } = options;
  const maxHeaderLength = whole('maxHeaderLength', most, { min: MIN_HEADER_LENGTH });
  const encoder = lengthPrefixed({ ...rest, prefix: new HeaderBlock(maxHeaderLength) });
  return Object.freeze({
    ...encoder,
    decoder: (given?: DecoderOptions) => {
      const layout = frameLayout({ ...rest, prefix: new HeaderBlock(maxHeaderLength) });
      return new BytesDecoder(layout, given);
    },
  });
}

/** What else may be the matter where a line is none: five reports of language servers had this cause. */
const STRAY = 'Something else may print to this stream, such as a log line.';
const LATER = `Or the length of the message before is wrong: it counts bytes, not characters.`;

/**
 * The header block as one long length field. One for each decoder: it remembers where it was. Each line
 * is Start (CR: the end of the block, else a name), Name up to its colon, Value up to its end.
 */
class HeaderBlock implements LengthField {
  readonly maxWidth: number;
  /** Of the current block: bytes looked at. */
  #seen = 0;
  /** Of the current line: where it starts, and where its colon is, once that has come. */
  #lineStart = 0;
  #colon: number | undefined;
  #length: number | undefined;

  constructor(maxWidth: number) {
    this.maxWidth = maxWidth;
  }

  read(bytes: Uint8Array, at: number): { length: number; width: number } | undefined {
    for (;;) {
      if (this.#colon === undefined) {
        const end = this.#readName(bytes, at);
        if (end !== undefined) {
          return end;
        }
      }
      if (this.#colon === undefined) {
        return this.#wait(bytes, at);
      }
      const lineEnd = bytes.indexOf(LF, at + this.#seen);
      if (lineEnd < 0) {
        return this.#wait(bytes, at);
      }
      this.#seen = lineEnd + 1 - at;
      if (bytes[lineEnd - 1] !== CR) {
        this.#refuseBareLf();
      }
      this.#readLine(bytes.subarray(at + this.#lineStart, lineEnd - 1));
      this.#lineStart = this.#seen;
      this.#colon = undefined;
    }
  }

  write(length: number): Uint8Array {
    return new TextEncoder().encode(`Content-Length: ${length}\r\n\r\n`);
  }

  /** Reads on in the name of a line; what it returns is the end of the block. */
  #readName(bytes: Uint8Array, at: number): { length: number; width: number } | undefined {
    const start = at + this.#lineStart;
    for (let i = at + this.#seen; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      this.#seen = i + 1 - at;
      if (i === start + 1 && bytes[start] === CR) {
        if (byte === LF) {
          return this.#endOfBlock();
        }
        this.#refuseLine();
      }
      if (byte === COLON && i > start) {
        this.#colon = this.#seen - 1;
        return undefined;
      }
      if (byte === LF) {
        this.#refuseBareLf();
      }
      if (!IS_NAME[byte] && !(byte === CR && i === start)) {
        this.#refuseLine();
      }
    }
    return undefined;
  }

  #wait(bytes: Uint8Array, at: number): undefined {
    this.#seen = bytes.length - at;
    // The decoder shows no more bytes than maxWidth.
    if (this.#seen < this.maxWidth) {
      return undefined;
    }
    return this.#refuse(
      `the header block does not end within ${this.maxWidth} bytes`,
      'Raise maxHeaderLength, where the remote really sends that much.',
    );
  }

  #endOfBlock(): { length: number; width: number } {
    const width = this.#seen;
    const length = this.#length;
    if (length === undefined) {
      this.#refuse(
        'there is no Content-Length header',
        'Each message starts with Content-Length: N, CRLF, CRLF.',
      );
    }
    this.#seen = 0;
    this.#lineStart = 0;
    this.#length = undefined;
    return { length, width };
  }

  #readLine(bytes: Uint8Array): void {
    const line = new TextDecoder('latin1').decode(bytes);
    const colon = (this.#colon ?? 0) - this.#lineStart;
    if (line.slice(0, colon).toLowerCase() !== 'content-length') {
      return;
    }
    if (this.#length !== undefined) {
      this.#refuse('there are two Content-Length headers', 'Which of them holds would be a guess.');
    }
    const digits = DIGITS.exec(line.slice(colon + 1))?.[1];
    if (digits === undefined) {
      this.#refuse(
        'Content-Length is not decimal digits',
        'A sign, a unit or a fraction is not accepted.',
      );
    }
    this.#length = Number(digits);
  }

  #refuseBareLf(): never {
    this.#refuse(
      'a header line does not end with CRLF',
      `A bare LF ends no line here. ${STRAY}`,
      `A bare LF ends no line here. ${STRAY} ${LATER}`,
    );
  }

  #refuseLine(): never {
    this.#refuse('a header line is not "name: value"', STRAY, `${STRAY} ${LATER}`);
  }

  #refuse(facts: string, hint: string, laterHint: string = hint): never {
    throw malformed(facts, hint, { laterHint, seen: this.#seen });
  }
}
