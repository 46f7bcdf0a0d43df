// SIP over TCP: messages like those of HTTP. Content-Length gives the length of the body.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: sip
export interface SipMessage {
  /** `INVITE sip:… SIP/2.0`, or `SIP/2.0 200 OK`. */
  readonly start: string;
  /** The header lines without CRLF, and without Content-Length, which is the length of `body`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*$/i;

/** An empty line between messages is the value `keep-alive` (RFC 5626, 3.5.1). */
export const sip = defineCodec({
  maxLength: 256 * 1024,
  encode(message: SipMessage | 'keep-alive') {
    if (message === 'keep-alive') {
      return new TextEncoder().encode('\r\n');
    }
    const { start, headers, body } = message;
    if ([start, ...headers].some((line) => !/^[^\r\n]+$/.test(line))) {
      throw new RangeError('A line of SIP must not be empty or contain CR or LF');
    }
    const head = [start, ...headers, `Content-Length: ${body.length}`, '', ''].join('\r\n');
    return [new TextEncoder().encode(head), body];
  },
  memory: () => ({ at: 0, lines: [] as string[] }),
  next(queue, memory): SipMessage | 'keep-alive' | undefined {
    for (;;) {
      const end = queue.indexOf(0x0a, memory.at);
      if (end < 0) {
        return undefined;
      }
      const line = new TextDecoder().decode(queue.peek(end + 1 - memory.at, memory.at));
      if (!line.endsWith('\r\n')) {
        return queue.refuse('A line of SIP ends with CRLF');
      }
      if (line !== '\r\n') {
        memory.lines.push(line.slice(0, -2));
        memory.at = end + 1;
        continue;
      }
      const [start, ...headers] = memory.lines;
      if (start === undefined) {
        queue.skip(2);
        return 'keep-alive';
      }
      const found = headers
        .map((each) => CONTENT_LENGTH.exec(each)?.[1])
        .find((each) => each !== undefined);
      const length = Number(
        found ?? queue.refuse('A message of SIP over TCP has a Content-Length'),
      );
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
