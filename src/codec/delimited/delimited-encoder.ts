// The encoder of delimited(), lines() and cobs() for values that are payloads. All checks come first, so no byte of a refused value is
// written. Encode refuses a value that decode would not give back: a value that holds the end marker, a value
// whose last bytes together with the end marker look like an earlier end, and an empty value that decode
// would drop.

import type { Codec } from '../codec.ts';
import { checkBytes, checkRoom } from '../part-checks.ts';
import { unencodable } from '../frame-errors.ts';
import type { DelimitedLayout } from './layout.ts';

/**
 * Maximum length of a payload that is copied between its markers, so that a frame is one small write instead
 * of two or three.
 */
const JOIN_LENGTH = 1024;

export type FrameEncoder = Required<
  Pick<Codec<Uint8Array>, 'encode' | 'encodedLength' | 'encodeInto'>
>;

/** Makes the encoder for `strip: true`, where a value is a payload. */
export function payloadEncoder(layout: DelimitedLayout): FrameEncoder {
  const { start, written } = layout;
  const around = start.length + written.length;
  const lengthOf = (content: Uint8Array): number => around + layout.stuffing.encodedLength(content);
  const write = (content: Uint8Array, target: Uint8Array, offset: number): number => {
    target.set(start, offset);
    const end = layout.stuffing.encodeInto(content, target, offset + start.length);
    target.set(written, end);
    return end + written.length;
  };
  return {
    encode(payload) {
      const content = contentOf(layout, payload);
      const length = lengthOf(content);
      const isPlain = content === payload && length === around + payload.length;
      if (isPlain && payload.length > JOIN_LENGTH) {
        // Copy the markers: a caller that overwrites a piece must not change the codec.
        const pieces = [start.slice(), payload, written.slice()];
        return pieces.filter((piece) => piece.length > 0);
      }
      const whole = new Uint8Array(length);
      write(content, whole, 0);
      return [whole];
    },
    encodedLength: (payload) => lengthOf(contentOf(layout, payload)),
    encodeInto(payload, target, offset) {
      const content = contentOf(layout, payload);
      checkRoom(target, offset, lengthOf(content));
      return write(content, target, offset);
    },
  };
}

/**
 * Returns the payload with its checksum. Throws ERR_FRAME_UNENCODABLE if decode would not give back the
 * payload.
 */
function contentOf(layout: DelimitedLayout, payload: Uint8Array): Uint8Array {
  const { checksum, maxLength } = layout;
  checkBytes('value', payload);
  if (payload.length > maxLength) {
    throw unencodable(`A value of ${payload.length} bytes exceeds maxLength ${maxLength}.`, {
      length: payload.length,
      limit: maxLength,
    });
  }
  const content = checksum === undefined ? payload : withSum(checksum, payload);
  checkContent(layout, content);
  return content;
}

function withSum(
  checksum: NonNullable<DelimitedLayout['checksum']>,
  payload: Uint8Array,
): Uint8Array {
  const content = new Uint8Array(payload.length + checksum.length);
  content.set(payload);
  content.set(checksum.compute(content.subarray(0, payload.length)), payload.length);
  return content;
}

/** Throws for a content that decode would drop as empty, or in which decode would see an end too early. */
function checkContent(layout: DelimitedLayout, content: Uint8Array): void {
  const { stuffing, skipEmpty, written, optional } = layout;
  if (skipEmpty && content.length === 0 && stuffing.encodedLength(content) === 0) {
    throw unencodable('The value is empty, but decode drops empty frames.', { length: 0 });
  }
  if (stuffing.isSafe) {
    return;
  }
  const length = stuffing.encodedLength(content);
  let bytes = content;
  if (length > content.length) {
    bytes = new Uint8Array(length);
    stuffing.encodeInto(content, bytes, 0);
  }
  const reader = stuffing.reader();
  reader.read({ bytes, at: 0, end: length });
  const isIn = reader.found;
  if (!isIn) {
    const count = reader.read({ bytes: written, at: 0, end: written.length });
    if (reader.found && count === written.length && reader.length === content.length) {
      return;
    }
  }
  throw unencodable(isIn ? 'The value holds the end marker.' : TAIL_FACTS, {
    length: content.length,
    hint: optional === -1 ? ESCAPE_HINT : LINE_HINT,
  });
}

const TAIL_FACTS =
  'The last bytes of the value and the end marker behind them look like another end.';
const ESCAPE_HINT = 'To send payloads of any bytes, set escape, or use lengthPrefixed().';
const LINE_HINT =
  "A line holds no line feed, and no carriage return at its end if newline is 'lf'. Or use lengthPrefixed().";
