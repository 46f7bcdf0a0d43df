// ZMTP 3: a greeting of 64 bytes, then frames. A bit of their flags says whether the length has 1 or 8 bytes.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: zmtp
export interface ZmtpFrame {
  /** 01: more frames follow. 04: a command. */
  readonly flags: number;
  readonly payload: Uint8Array;
}

export interface ZmtpGreeting {
  readonly greeting: Uint8Array;
}

const GREETING_LENGTH = 64;
const LONG = 0x02;

export const zmtp = defineCodec<ZmtpGreeting | ZmtpFrame>({
  maxLength: 16 * 1024 * 1024,
  encode(value) {
    if ('greeting' in value) {
      return value.greeting;
    }
    const { flags, payload } = value;
    if (payload.length < 256) {
      return [Uint8Array.of(flags, payload.length), payload];
    }
    const head = new Uint8Array(9);
    head[0] = flags | LONG;
    new DataView(head.buffer).setBigUint64(1, BigInt(payload.length));
    return [head, payload];
  },
  next(queue) {
    // Only the first bytes of the stream are a greeting.
    if (queue.offset === 0) {
      return queue.hasFrame(GREETING_LENGTH)
        ? { greeting: queue.take(GREETING_LENGTH) }
        : undefined;
    }
    const flags = queue.byteAt(0);
    if (flags === undefined) {
      return undefined;
    }
    if ((flags & ~0x07) !== 0) {
      return queue.refuse('The upper bits of ZMTP flags are zero');
    }
    const headLength = (flags & LONG) === 0 ? 2 : 9;
    if (!queue.has(headLength)) {
      return undefined;
    }
    const head = queue.peek(headLength - 1, 1);
    const length = head.reduce((sum, byte) => sum * 256 + byte, 0);
    if (!queue.hasFrame(headLength + length)) {
      return undefined;
    }
    queue.skip(headLength);
    return { flags: flags & ~LONG, payload: queue.take(length) };
  },
});
// end
