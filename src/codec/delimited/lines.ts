// lines() makes a codec for text protocols with one value a line.

import { checkNames, oneOf, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { NO_BYTES } from '../bytes.ts';
import type { FrameCodec } from '../codec.ts';
import { codecOf } from './delimited.ts';
import { payloadEncoder } from './delimited-encoder.ts';
import { DEFAULT_MAX_LENGTH } from './layout.ts';
import { plainStuffing } from './plain-content.ts';

/** Options of `lines`. */
export interface LinesOptions {
  /**
   * Maximum length of a line in bytes, without its line end. Decode refuses a longer line with
   * ERR_FRAME_TOO_LARGE, and encode refuses it with ERR_FRAME_UNENCODABLE. Default 64 KiB.
   */
  readonly maxLength?: number | undefined;
  /** Line end that encode writes: 'lf' or 'crlf'. Decode accepts both. Default 'lf'. */
  readonly newline?: 'lf' | 'crlf' | undefined;
}

const NAMES = { maxLength: true, newline: true } satisfies OptionNames<LinesOptions>;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Makes a codec of lines. A value is the bytes of a line without its end, which is LF or CRLF. An empty line
 * is an empty value. A carriage return elsewhere belongs to the line. Encode refuses a value that holds a
 * line feed. With `newline: 'lf'` encode also refuses a value that ends with a carriage return, because
 * decode would take the carriage return for a part of the line end.
 *
 * If the input ends behind a last line without a line end, decode fails with ERR_FRAME_TRUNCATED, because it
 * cannot tell whether that line is whole. A server sets no `frameTimeout` for this codec by default, because
 * people type slowly. Throws UsageError ERR_OPTION for a wrong option.
 */
export function lines(options: LinesOptions = {}): FrameCodec {
  checkNames('lines', options, NAMES);
  const newline = oneOf('newline', options.newline ?? 'lf', ['lf', 'crlf']);
  const end = Uint8Array.of(LF);
  const layout = Object.freeze({
    start: NO_BYTES,
    end,
    isShared: false,
    stuffing: plainStuffing(end, CR),
    checksum: undefined,
    maxLength: whole('maxLength', options.maxLength ?? DEFAULT_MAX_LENGTH),
    strip: true,
    skipEmpty: false,
    written: newline === 'lf' ? end : Uint8Array.of(CR, LF),
    optional: CR,
    isDirect: true,
    resync: undefined,
  });
  return codecOf(layout, { encoder: payloadEncoder(layout), isPatient: true });
}
