// Right decoders as people write them, each in another style. Each must be found SAFE from samples alone:
// users would not trust a prover again that accuses one of these.

import { EventEmitter } from 'node:events';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { StringDecoder } from 'node:string_decoder';
import {
  PAYLOADS,
  WORDS,
  der,
  head,
  httpChunk,
  line,
  netstring,
  samplesOf,
  u16le,
  u32be,
  u8,
} from './wire.ts';
import type { Stranger } from './wire.ts';

/** Calls back for each frame of u32be. `end` throws when a frame is cut short. */
function callbackDecoder(onFrame: (frame: Buffer) => void): {
  push: (chunk: Buffer) => void;
  end: () => void;
} {
  let rest = Buffer.alloc(0);
  return {
    push(chunk) {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4) {
        const length = rest.readUInt32BE(0);
        if (length > 1_000_000) {
          throw new RangeError(`A frame of ${length} bytes is too long`);
        }
        if (rest.length < 4 + length) {
          return;
        }
        onFrame(rest.subarray(4, 4 + length));
        rest = rest.subarray(4 + length);
      }
    },
    end() {
      if (rest.length > 0) {
        throw new Error('The last frame is cut short');
      }
    },
  };
}

class LineEmitter extends EventEmitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  write(chunk: Buffer): boolean {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const each of lines) {
      this.emit('line', each);
    }
    return true;
  }

  end(): void {
    if (this.#rest + this.#decoder.end() !== '') {
      this.emit('error', new Error('The last line has no end'));
    }
    this.emit('end');
  }
}

class FrameTransform extends Transform {
  #rest = Buffer.alloc(0);

  constructor() {
    super({ readableObjectMode: true });
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 2) {
      const end = 2 + this.#rest.readUInt16LE(0);
      if (end > 30_000) {
        done(new Error('The frame is too long'));
        return;
      }
      if (this.#rest.length < end) {
        break;
      }
      this.push(this.#rest.subarray(2, end));
      this.#rest = this.#rest.subarray(end);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    done(this.#rest.length === 0 ? null : new Error('The last frame is cut short'));
  }
}

async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      yield JSON.parse(rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) {
    throw new Error('The last line has no end');
  }
}

class ArrayDecoder {
  #bytes: number[] = [];

  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    for (const byte of chunk) {
      this.#bytes.push(byte);
      if (this.#bytes.length === 1 + (this.#bytes[0] ?? 0)) {
        frames.push(Buffer.from(this.#bytes.slice(1)));
        this.#bytes = [];
      }
    }
    return frames;
  }

  end(): void {
    if (this.#bytes.length > 0) {
      throw new Error('The last frame is cut short');
    }
  }
}

function netstringStream(): TransformStream<Uint8Array, Uint8Array> {
  let digits = '';
  let payload: number[] | undefined;
  const take = (byte: number): Uint8Array | undefined => {
    if (payload === undefined) {
      const character = String.fromCharCode(byte);
      if (character === ':' && digits !== '') {
        payload = [];
      } else if (/\d/.test(character) && digits.length < 5) {
        digits += character;
      } else {
        throw new Error('The length is malformed');
      }
      return undefined;
    }
    if (payload.length < Number(digits)) {
      payload.push(byte);
      return undefined;
    }
    if (byte !== 0x2c) {
      throw new Error('The comma is missing');
    }
    const whole = Uint8Array.from(payload);
    [digits, payload] = ['', undefined];
    return whole;
  };
  return new TransformStream({
    transform(chunk, controller) {
      for (const byte of chunk) {
        const value = take(byte);
        if (value !== undefined) {
          controller.enqueue(value);
        }
      }
    },
    flush(controller) {
      if (digits !== '') {
        controller.error(new Error('The last netstring is cut short'));
      }
    },
  });
}

class DerDecoder {
  #rest = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      yield next;
    }
  }

  end(): void {
    if (this.#rest.length > 0) {
      throw new Error('The last element is cut short');
    }
  }

  #next(): Buffer | undefined {
    const rest = this.#rest;
    const [, first = 0] = rest;
    const more = first < 128 ? 0 : first & 127;
    if (more > 3) {
      throw new Error('The length has too many bytes');
    }
    if (rest.length < 2 + more) {
      return undefined;
    }
    const length = more === 0 ? first : rest.readUIntBE(2, more);
    const end = 2 + more + length;
    if (rest.length < end) {
      return undefined;
    }
    this.#rest = rest.subarray(end);
    return rest.subarray(2 + more, end);
  }
}

/**
 * Decodes HTTP/1.1 chunks. Each is a value when it is whole. The generator gives the good chunks before its
 * error.
 */
function chunkedDecoder(): { push: (chunk: Buffer) => Generator<Buffer>; end: () => void } {
  let rest = Buffer.alloc(0);
  return {
    *push(chunk) {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const size = rest.toString('latin1', 0, end);
        if (!/^[\da-f]{1,6}$/i.test(size)) {
          throw new Error('The size is malformed');
        }
        const from = end + 2;
        const to = from + Number.parseInt(size, 16);
        if (rest.length < to + 2) {
          return;
        }
        yield rest.subarray(from, to);
        rest = rest.subarray(to + 2);
      }
    },
    end() {
      if (rest.length > 0) {
        throw new Error('The last chunk is cut short');
      }
    },
  };
}

/**
 * Decodes heads like those of HTTP. The search begins three bytes back, because the end of a head may be cut.
 */
function headDecoder(): { push: (chunk: Buffer) => string[]; end: () => void } {
  let rest = Buffer.alloc(0);
  return {
    push(chunk) {
      let from = Math.max(0, rest.length - 3);
      rest = Buffer.concat([rest, chunk]);
      const heads: string[] = [];
      for (let at = rest.indexOf('\r\n\r\n', from); at !== -1; at = rest.indexOf('\r\n\r\n')) {
        heads.push(rest.toString('utf8', 0, at));
        rest = rest.subarray(at + 4);
        from = 0;
      }
      return heads;
    },
    end() {
      if (rest.length > 0) {
        throw new Error('The last head is cut short');
      }
    },
  };
}

const u32beOptions = { samples: samplesOf(PAYLOADS, u32be) };
const lineOptions = { samples: samplesOf(WORDS, line) };
const objects = [{ id: 1 }, {}, { name: '粘包' }];

export const right: readonly Stranger[] = [
  {
    name: 'a callback for each frame',
    target: { push: (emit) => callbackDecoder(emit) },
    options: u32beOptions,
  },
  {
    name: 'an EventEmitter of lines',
    target: {
      push: (emit, fail) => {
        const emitter = new LineEmitter().on('line', emit).on('error', fail);
        return {
          push: (chunk) => void emitter.write(chunk),
          end: () => emitter.end(),
        };
      },
    },
    options: lineOptions,
  },
  {
    name: 'an EventEmitter that emits in a later turn',
    target: {
      push: (emit, fail) => {
        const emitter = new LineEmitter()
          .on('line', (text) => setImmediate(emit, text))
          .on('error', (error) => setImmediate(fail, error));
        return { push: (chunk) => void emitter.write(chunk), end: () => emitter.end() };
      },
    },
    options: lineOptions,
  },
  {
    name: 'a Transform in object mode',
    target: { transform: () => new FrameTransform() },
    options: { samples: samplesOf(PAYLOADS, u16le) },
  },
  {
    name: 'an async generator of JSON lines',
    target: { iterable: jsonLines },
    options: { samples: samplesOf<unknown>(objects, (o) => Buffer.from(`${JSON.stringify(o)}\n`)) },
  },
  {
    name: 'a class whose push returns arrays',
    target: { push: () => new ArrayDecoder() },
    options: { samples: samplesOf(PAYLOADS, u8) },
  },
  {
    name: 'a push that returns a promise',
    target: {
      push: () => {
        const decoder = new ArrayDecoder();
        return { push: async (chunk) => decoder.push(chunk), end: () => decoder.end() };
      },
    },
    options: { samples: samplesOf(PAYLOADS, u8) },
  },
  {
    name: 'a web TransformStream of netstrings',
    target: { web: netstringStream },
    options: { samples: samplesOf(PAYLOADS, netstring) },
  },
  {
    name: 'a generator of DER elements',
    target: { push: () => new DerDecoder() },
    options: { samples: samplesOf([...PAYLOADS, Buffer.alloc(300, 'd')], der) },
  },
  {
    name: 'HTTP chunks',
    target: { push: chunkedDecoder },
    options: { samples: samplesOf(PAYLOADS, httpChunk) },
  },
  {
    name: 'heads that end with an empty line',
    target: { push: headDecoder },
    options: { samples: samplesOf(['GET / HTTP/1.1\r\nHost: a', 'naïve', 'x: 粘包'], head) },
  },
];
