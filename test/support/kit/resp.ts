// RESP2, the protocol of Redis: lines that begin with a type, bulk strings with a length, arrays of all
// these.

import { defineCodec } from '../../../src/codec/define-codec.ts';

// kit: resp
/** A line of text, an error, an integer, a bulk string, null, or an array of these. */
export type Resp =
  { simple: string } | { error: string } | bigint | Uint8Array | null | readonly Resp[];

interface OpenArray {
  readonly items: Resp[];
  missing: number;
}

const MAX_DEPTH = 32;
const CRLF = new TextEncoder().encode('\r\n');
const line = (text: string): Uint8Array => new TextEncoder().encode(`${text}\r\n`);

function write(value: Resp, depth = 0): Uint8Array[] {
  if (depth > MAX_DEPTH) {
    throw new RangeError(`Arrays lie more than ${MAX_DEPTH} deep`);
  }
  if (value === null) {
    return [line('$-1')];
  }
  if (typeof value === 'bigint') {
    return [line(`:${value}`)];
  }
  if (value instanceof Uint8Array) {
    return [line(`$${value.length}`), value, CRLF];
  }
  if ('simple' in value || 'error' in value) {
    const text = 'simple' in value ? value.simple : value.error;
    if (/[\r\n]/.test(text)) {
      throw new RangeError('A line has no CR or LF in it');
    }
    return [line(`${'simple' in value ? '+' : '-'}${text}`)];
  }
  return [line(`*${value.length}`), ...value.flatMap((item) => write(item, depth + 1))];
}

export const resp = defineCodec({
  maxLength: 64 * 1024 * 1024,
  encode: (value: Resp) => write(value),
  // Keeps how far the value is read, and its arrays that lack items, so that no byte is parsed twice.
  memory: () => ({ at: 0, open: [] as OpenArray[] }),
  next(queue, memory): Resp | undefined {
    for (;;) {
      const end = queue.indexOf(0x0a, memory.at);
      if (end < 0) {
        return undefined;
      }
      const text = new TextDecoder().decode(queue.peek(end + 1 - memory.at, memory.at));
      const [, type = '', words = ''] =
        /^([+\-:$*])([^\r\n]*)\r\n$/.exec(text) ?? queue.refuse('A RESP line is +, -, :, $ or *');
      const count = Number(words);
      if (
        '$*'.includes(type) &&
        !(/^(?:-1|\d{1,10})$/.test(words) && Number.isSafeInteger(count))
      ) {
        return queue.refuse('A length of RESP is decimal digits, or -1');
      }
      let value: Resp;
      let next = end + 1;
      if (type === '$' && count >= 0) {
        next += count + 2;
        if (!queue.has(next)) {
          return undefined;
        }
        if (queue.byteAt(next - 2) !== 0x0d || queue.byteAt(next - 1) !== 0x0a) {
          return queue.refuse('A bulk string ends with CRLF');
        }
        value = queue.peek(count, end + 1);
      } else if (type === '*' && count > 0) {
        if (memory.open.length === MAX_DEPTH) {
          return queue.refuse(`Arrays lie more than ${MAX_DEPTH} deep`);
        }
        memory.open.push({ items: [], missing: count });
        memory.at = next;
        continue;
      } else if (type === ':') {
        if (!/^[+-]?\d{1,20}$/.test(words)) {
          return queue.refuse('An integer of RESP is decimal digits');
        }
        value = BigInt(words);
      } else if ('$*'.includes(type)) {
        value = count === 0 ? [] : null;
      } else {
        value = type === '+' ? { simple: words } : { error: words };
      }
      memory.at = next;
      for (let top = memory.open.at(-1); ; top = memory.open.at(-1)) {
        if (top === undefined) {
          queue.skip(memory.at);
          return value;
        }
        top.items.push(value);
        top.missing--;
        if (top.missing > 0) {
          break;
        }
        value = top.items;
        memory.open.pop();
      }
    }
  },
});
// end
