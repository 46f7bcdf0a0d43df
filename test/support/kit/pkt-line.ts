// git's pkt-lines: the length of a line is four hex digits and counts these too. Three lengths are marks.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: pkt-line
/** The bytes of a line, or one of the marks 0000, 0001, 0002. */
export type PktLine = Uint8Array | 'flush' | 'delimiter' | 'end';

const MARKS = ['flush', 'delimiter', 'end'] as const;

export const pktLine = defineCodec<PktLine>({
  maxLength: 65_520,
  encode(line) {
    if (typeof line === 'string') {
      return new TextEncoder().encode(`000${MARKS.indexOf(line)}`);
    }
    const digits = (line.length + 4).toString(16).padStart(4, '0');
    return [new TextEncoder().encode(digits), line];
  },
  next(queue) {
    if (!queue.has(4)) {
      return undefined;
    }
    const digits = new TextDecoder('latin1').decode(queue.peek(4));
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    const mark = MARKS[length];
    if (mark !== undefined) {
      queue.skip(4);
      return mark;
    }
    if (!(length >= 4)) {
      return queue.refuse('A pkt-line begins with its length in four hex digits');
    }
    if (!queue.hasFrame(length)) {
      return undefined;
    }
    queue.skip(4);
    return queue.take(length - 4);
  },
});
// end
