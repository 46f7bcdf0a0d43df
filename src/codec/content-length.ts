// contentLength(): frames of a header block with a Content-Length line, then an empty line, then as many
// bytes as the Content-Length says. LSP and DAP have these frames.
//
// Rules:
// - The reader looks at every byte of a block once: it remembers how far it has read.
// - The reader judges the name of a line byte by byte, and its value when the end of the line has come. So it
//   reports most other protocols at the first wrong byte of a name or at the end of a line. It waits for
//   maxHeaderLength bytes only if neither comes.
// - The work is linear in bytes: no regular expression here may try a line from more than one place.

import type { DecoderOptions, FrameCodec } from './codec.ts';
import { BytesDecoder } from './frame-decoder.ts';
import { frameLayout } from './frame-layout.ts';
import type { LengthField } from './length-field.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { malformed } from './malformed.ts';
import { checkNames, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { decodeLatin1, encodeUtf8 } from '../utf8.ts';
import { quantity } from '../text.ts';

/** Options of `contentLength`. */
export interface ContentLengthOptions {
  /**
   * Maximum length of a payload in bytes. Decode refuses a longer payload with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. Default 8 MiB.
   */
  readonly maxPayloadLength?: number | undefined;
  /**
   * Maximum length of a header block in bytes, the empty line included. Decode refuses a longer block with
   * ERR_PREFIX_MALFORMED. Default 4 KiB.
   */
  readonly maxHeaderLength?: number | undefined;
}

const NAMES = {
  maxPayloadLength: true,
  maxHeaderLength: true,
} satisfies OptionNames<ContentLengthOptions>;

const CR = 13;
const LF = 10;
/**
 * Default of `maxHeaderLength`. Remotes usually send two lines, Content-Length and Content-Type, and 4 KiB
 * has room for dozens.
 */
const DEFAULT_MAX_HEADER_LENGTH = 4096;
/** Length of the shortest block, which is `Content-Length:0` and the empty line. */
const MIN_HEADER_LENGTH = 20;
const COLON = 58;
/** For each byte, whether it may stand in a header name (RFC 9110, 5.6.2). */
const IS_NAME: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+.^_`|~0-9a-z-]/i.test(String.fromCharCode(byte)),
);
/** Finds the digits of a value. No blank is a digit, so this expression finds a mismatch in linear time. */
const DIGITS = /^[ \t]*([0-9]+)[ \t]*$/;

/**
 * Makes a codec of `Content-Length: N\r\n\r\n` and N bytes. Every line must end with CRLF, and exactly one
 * line must be a Content-Length with decimal digits. Decode ignores header lines with other names, and
 * refuses anything else with ERR_PREFIX_MALFORMED. Throws UsageError ERR_OPTION for a wrong option.
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

/**
 * Hint with the likely cause of a wrong line. Five bug reports of language servers turned out to have this
 * cause.
 */
const STRAY = 'Something else may print to this stream, such as a log line.';
const LATER = `Or the length of the previous message is wrong: a length counts bytes, not characters.`;

/**
 * The header block as one long length field. The field remembers how far it has read, so each decoder has its
 * own field. A line is a name, a colon and a value. A line that starts with CR ends the block.
 */
class HeaderBlock implements LengthField {
  readonly maxWidth: number;
  /** Number of bytes of the current block that were read so far. */
  #seen = 0;
  /** Index in the block at which the current line starts. */
  #lineStart = 0;
  /** Index in the block of the colon of the current line, when the colon has come. */
  #colon: number | undefined;
  /** Number in the Content-Length line, when that line has come. */
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
    return encodeUtf8(`Content-Length: ${length}\r\n\r\n`);
  }

  /** Reads on in the name of a line, up to its colon. If the block ends instead, returns the length. */
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

  /**
   * Returns `undefined`, so that the decoder waits for more bytes. Refuses a block that has reached the limit
   * without its end.
   */
  #wait(bytes: Uint8Array, at: number): undefined {
    this.#seen = bytes.length - at;
    // The decoder never passes more than maxWidth bytes of a block to `read`, so `#seen` is at most maxWidth.
    if (this.#seen < this.maxWidth) {
      return undefined;
    }
    return this.#refuse(
      `the header block does not end within ${quantity(this.maxWidth, 'byte')}`,
      'Raise maxHeaderLength if the remote really sends that much.',
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

  /** Reads a whole line. Keeps the number if the line is Content-Length, and ignores other lines. */
  #readLine(bytes: Uint8Array): void {
    const line = decodeLatin1(bytes);
    const colon = (this.#colon ?? 0) - this.#lineStart;
    if (line.slice(0, colon).toLowerCase() !== 'content-length') {
      return;
    }
    if (this.#length !== undefined) {
      this.#refuse('there are two Content-Length headers', 'A message must have exactly one.');
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
      `Each line must end with CRLF, not with a bare LF. ${STRAY}`,
      `Each line must end with CRLF, not with a bare LF. ${STRAY} ${LATER}`,
    );
  }

  #refuseLine(): never {
    this.#refuse('a header line is not "name: value"', STRAY, `${STRAY} ${LATER}`);
  }

  #refuse(facts: string, hint: string, laterHint: string = hint): never {
    throw malformed(facts, hint, { laterHint, seen: this.#seen });
  }
}
