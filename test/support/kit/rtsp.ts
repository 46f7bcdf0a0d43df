// RTSP over TCP: messages like those of HTTP, and between them frames of media, which begin with a dollar
// sign.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: rtsp
export interface RtspMessage {
  readonly start: string;
  /** The header lines without CRLF, and without Content-Length, which is the length of `body`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

export interface RtspMedia {
  readonly channel: number;
  readonly payload: Uint8Array;
}

const CONTENT_LENGTH = /^content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*$/i;
const DOLLAR = 0x24;

export const rtsp = defineCodec({
  maxLength: 256 * 1024,
  encode(value: RtspMessage | RtspMedia) {
    if ('channel' in value) {
      const { channel, payload } = value;
      if (payload.length > 0xffff) {
        throw new RangeError('The length of a frame of media has 16 bits');
      }
      return [Uint8Array.of(DOLLAR, channel, payload.length >> 8, payload.length & 0xff), payload];
    }
    const { start, headers, body } = value;
    if ([start, ...headers].some((line) => !/^[^\r\n]+$/.test(line))) {
      throw new RangeError('A line of RTSP must not be empty or contain CR or LF');
    }
    const length = body.length > 0 ? [`Content-Length: ${body.length}`] : [];
    const head = [start, ...headers, ...length, '', ''].join('\r\n');
    return [new TextEncoder().encode(head), body];
  },
  memory: () => ({ at: 0, lines: [] as string[] }),
  next(queue, memory): RtspMessage | RtspMedia | undefined {
    if (queue.byteAt(0) === DOLLAR) {
      if (!queue.has(4)) {
        return undefined;
      }
      const [channel = 0, high = 0, low = 0] = queue.peek(3, 1);
      const length = high * 256 + low;
      if (!queue.hasFrame(4 + length)) {
        return undefined;
      }
      queue.skip(4);
      return { channel, payload: queue.take(length) };
    }
    for (;;) {
      const end = queue.indexOf(0x0a, memory.at);
      if (end < 0) {
        return undefined;
      }
      const line = new TextDecoder().decode(queue.peek(end + 1 - memory.at, memory.at));
      if (!line.endsWith('\r\n')) {
        return queue.refuse('A line of RTSP ends with CRLF');
      }
      if (line !== '\r\n') {
        memory.lines.push(line.slice(0, -2));
        memory.at = end + 1;
        continue;
      }
      const [start = queue.refuse('A message of RTSP begins with a line of text'), ...headers] =
        memory.lines;
      const found = headers
        .map((each) => CONTENT_LENGTH.exec(each)?.[1])
        .find((each) => each !== undefined);
      const length = Number(found ?? 0);
      if (!queue.hasFrame(end + 1 + length)) {
        return undefined;
      }
      const others = headers.filter((each) => !CONTENT_LENGTH.test(each));
      const body = queue.peek(length, end + 1);
      queue.skip(end + 1 + length);
      return { start, headers: others, body };
    }
  },
});
// end
