// STOMP 1.2: a command, headers, an empty line, and a body that ends after content-length bytes or at a NUL.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: stomp
export interface StompFrame {
  readonly command: string;
  /** In the order of the wire. If a name occurs twice, its first value counts. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\r': '\\r',
  '\n': '\\n',
  ':': '\\c',
};
const PLAIN: Readonly<Record<string, string>> = {
  '\\\\': '\\',
  '\\r': '\r',
  '\\n': '\n',
  '\\c': ':',
};
/** Whether a frame is the first one of its side. It has no escapes then, so that old peers can read it. */
const isFirst = (command: string): boolean => command === 'CONNECT' || command === 'CONNECTED';

function write({ command, headers, body }: StompFrame): Uint8Array[] {
  const escape = (text: string): string =>
    isFirst(command) ? text : text.replaceAll(/[\\\r\n:]/g, (one) => ESCAPES[one] ?? one);
  const lines = [command, ...headers.map(([name, value]) => `${escape(name)}:${escape(value)}`)];
  if (lines.some((line) => !/^[^\r\n:][^\r\n]*$/.test(line))) {
    throw new RangeError('A command or the name of a header must not be empty or contain CR or LF');
  }
  return [new TextEncoder().encode(`${lines.join('\n')}\n\n`), body, Uint8Array.of(0)];
}

/** A line end between frames is the value `heart-beat`: the other side is alive. */
export const stomp = defineCodec({
  maxLength: 1024 * 1024,
  encode: (value: StompFrame | 'heart-beat') =>
    value === 'heart-beat' ? Uint8Array.of(0x0a) : write(value),
  memory: () => ({ at: 0, lines: [] as string[], bodyAt: 0, bodyLength: -1 }),
  next(queue, memory): StompFrame | 'heart-beat' | undefined {
    while (memory.bodyAt === 0) {
      const end = queue.indexOf(0x0a, memory.at);
      if (end < 0) {
        return undefined;
      }
      const text = new TextDecoder()
        .decode(queue.peek(end - memory.at, memory.at))
        .replace(/\r$/, '');
      memory.at = end + 1;
      if (text.includes('\r')) {
        return queue.refuse('A line of STOMP must have a CR only at its end');
      }
      if (text !== '') {
        memory.lines.push(text);
        continue;
      }
      if (memory.lines.length === 0) {
        queue.skip(end + 1);
        return 'heart-beat';
      }
      memory.bodyAt = end + 1;
      const digits = memory.lines.find((line) => line.startsWith('content-length:'))?.slice(15);
      if (digits !== undefined) {
        memory.bodyLength = /^\d{1,9}$/.test(digits)
          ? Number(digits)
          : queue.refuse('content-length must be at most nine decimal digits');
      }
    }
    const { lines, bodyAt, bodyLength } = memory;
    const end = bodyLength < 0 ? queue.indexOf(0, bodyAt) : bodyAt + bodyLength;
    if (end < 0 || !queue.hasFrame(end + 1)) {
      return undefined;
    }
    if (queue.byteAt(end) !== 0) {
      return queue.refuse('A STOMP frame ends with a NUL', { frameLength: end + 1 });
    }
    const [command = '', ...rest] = lines;
    const headers = rest.map((line): [string, string] => {
      const [, name = '', value = ''] =
        /^([^:]+):(.*)$/s.exec(line) ?? queue.refuse('A header has no colon');
      const read = (text: string): string =>
        text.replaceAll(
          /\\./g,
          (one) => PLAIN[one] ?? queue.refuse('An escape of STOMP is \\r, \\n, \\c or \\\\'),
        );
      return isFirst(command) ? [name, value] : [read(name), read(value)];
    });
    const body = queue.peek(end - bodyAt, bodyAt);
    queue.skip(end + 1);
    return { command, headers, body };
  },
});
// end
