// Broken decoders as people write them, each with another mistake from real life. Each must be found BROKEN
// from samples alone, and for the reason that the table names.

/* oxlint-disable max-lines -- one table, and the decoders that it names */

import { EventEmitter } from 'node:events';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { brokenFrames } from './broken-frames.ts';
import type { BrokenStranger } from './wire.ts';
import { PAYLOADS, WORDS, der, head, httpChunk, line, samplesOf, u16le, u32be } from './wire.ts';

/** Takes one event for one message. */
function oneEventOneMessage(): (chunk: Buffer) => Buffer[] {
  return (chunk) => (chunk.length === 0 ? [] : [chunk.subarray(4)]);
}

/** Reads a prefix from the start of each chunk, as if a chunk never had less than four bytes. */
function prefixOfChunk(): (chunk: Buffer) => Buffer[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const frames: Buffer[] = [];
    while (rest.length > 0) {
      const end = 4 + rest.readUInt32BE(0);
      if (rest.length < end) {
        break;
      }
      frames.push(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    return frames;
  };
}

/** Makes a text of each chunk by itself. */
class TextPerChunk extends EventEmitter {
  #rest = '';

  write(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString()).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const each of lines) {
      this.emit('line', each);
    }
  }
}

/** Looks for only one frame in each chunk: it has `if` where `while` is needed. */
class OneFrameAChunk extends Transform {
  #rest = Buffer.alloc(0);

  constructor() {
    super({ readableObjectMode: true });
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#rest.length >= 2 && this.#rest.length >= 2 + this.#rest.readUInt16LE(0)) {
      const end = 2 + this.#rest.readUInt16LE(0);
      this.push(this.#rest.subarray(2, end));
      this.#rest = this.#rest.subarray(end);
    }
    done();
  }
}

/** Pushes frames into a stream of bytes, where a slow reader gets several frames merged. */
class FramesAsBytes extends Transform {
  #rest = Buffer.alloc(0);

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 2 && this.#rest.length >= 2 + this.#rest.readUInt16LE(0)) {
      const end = 2 + this.#rest.readUInt16LE(0);
      this.push(this.#rest.subarray(2, end));
      this.#rest = this.#rest.subarray(end);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    done(this.#rest.length === 0 ? null : new Error('The last frame is cut short'));
  }
}

/** Reports no error for a last frame that is cut short. */
async function* silentEnd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      yield rest.subarray(4, end);
      rest = rest.subarray(end);
    }
  }
}

/** Strips the CR of a line only if both ends of the line came in one chunk. */
function carriageReturnPerChunk(): (chunk: Buffer) => string[] {
  let rest = '';
  return (chunk) => {
    const lines = chunk.toString('latin1').replaceAll('\r\n', '\n').split('\n');
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    return lines;
  };
}

/** Searches each chunk by itself for the end of a head, which may lie across two chunks. */
function searchPerChunk(): TransformStream<Uint8Array, string> {
  let rest = '';
  return new TransformStream({
    transform(chunk, controller) {
      let text = Buffer.from(chunk).toString('latin1');
      for (let at = text.indexOf('\r\n\r\n'); at !== -1; at = text.indexOf('\r\n\r\n')) {
        controller.enqueue(rest + text.slice(0, at));
        [rest, text] = ['', text.slice(at + 4)];
      }
      rest += text;
    },
    flush(controller) {
      if (rest !== '') {
        controller.error(new Error('The last head is cut short'));
      }
    },
  });
}

/** Reads a length of several bytes as soon as its first byte has come, and keeps that length. */
function shortDerLength(): (chunk: Buffer) => Buffer[] {
  let rest = Buffer.alloc(0);
  let end: number | undefined;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const elements: Buffer[] = [];
    while (rest.length >= 2) {
      const [, first = 0, high = 0, low = 0] = rest;
      const from = first === 0x82 ? 4 : 2;
      end ??= from + (from === 4 ? high * 256 + low : first);
      if (rest.length < end) {
        break;
      }
      elements.push(rest.subarray(from, end));
      rest = rest.subarray(end);
      end = undefined;
    }
    return elements;
  };
}

/** Takes the hex digits that have come so far for all digits. */
function digitsSoFar(): (chunk: Buffer) => string[] {
  let size: number | undefined;
  let body = '';
  return (chunk) => {
    const bodies: string[] = [];
    let text = chunk.toString('latin1');
    while (text !== '') {
      if (size === undefined) {
        const digits = /^[\da-f]*/.exec(text)?.[0] ?? '';
        size = Number.parseInt(digits || '0', 16) + 2;
        text = text.slice(digits.length + 2);
      }
      const part = text.slice(0, size - body.length);
      text = text.slice(part.length);
      body += part;
      if (body.length === size) {
        bodies.push(body.slice(0, -2));
        [size, body] = [undefined, ''];
      } else if (text !== '') {
        break;
      }
    }
    return bodies;
  };
}

/**
 * Reads through a regular expression of the module. The expression remembers a position from call to call.
 */
const netstring = /(\d+):/g;

function sharedState(): (chunk: Buffer) => string[] {
  let text = '';
  return (chunk) => {
    text += chunk.toString('latin1');
    const values: string[] = [];
    for (let found = netstring.exec(text); found !== null; found = netstring.exec(text)) {
      const end = netstring.lastIndex + Number(found[1]);
      if (text.length <= end) {
        return values;
      }
      values.push(text.slice(netstring.lastIndex, end));
      text = text.slice(end + 1);
      netstring.lastIndex = 0;
    }
    return values;
  };
}

const u32beOptions = { samples: samplesOf(PAYLOADS, u32be) };
const u16leOptions = { samples: samplesOf(PAYLOADS, u16le) };
const ascii = ['one', 'two three', 'four'];

export const broken: readonly BrokenStranger[] = [
  {
    name: 'takes one event for one message',
    foundBy: 'cut-invariance',
    target: { push: oneEventOneMessage },
    options: u32beOptions,
  },
  {
    name: 'reads a prefix of which one byte has come',
    foundBy: 'cut-invariance',
    target: { push: prefixOfChunk },
    options: u32beOptions,
  },
  {
    name: 'makes a text of each chunk',
    foundBy: 'cut-invariance',
    target: {
      push: (emit) => {
        const emitter = new TextPerChunk().on('line', emit);
        return (chunk) => emitter.write(chunk);
      },
    },
    options: { samples: samplesOf(WORDS, line) },
  },
  {
    name: 'looks for one frame a chunk',
    foundBy: 'conservation',
    target: { transform: () => new OneFrameAChunk() },
    options: u16leOptions,
  },
  {
    name: 'pushes frames into a stream of bytes',
    foundBy: 'conservation',
    target: { transform: () => new FramesAsBytes() },
    options: u16leOptions,
  },
  {
    name: 'is silent about a last frame that is cut short',
    foundBy: 'truncation',
    target: { iterable: silentEnd },
    options: u32beOptions,
  },
  {
    name: 'strips CR and LF only where they come together',
    foundBy: 'cut-invariance',
    target: { push: carriageReturnPerChunk },
    options: { samples: samplesOf(ascii, line) },
  },
  {
    name: 'searches each chunk for a delimiter of four bytes',
    foundBy: 'cut-invariance',
    target: { web: searchPerChunk },
    options: { samples: samplesOf(ascii, head) },
  },
  {
    name: 'reads a long DER length too soon',
    foundBy: 'cut-invariance',
    target: { push: shortDerLength },
    options: { samples: samplesOf([...PAYLOADS, Buffer.alloc(300, 'd')], der) },
  },
  {
    name: 'takes the digits of a size that have come for all of them',
    foundBy: 'cut-invariance',
    target: { push: digitsSoFar },
    options: {
      samples: samplesOf(['a', 'twenty bytes of text', 'b'], (text) =>
        httpChunk(Buffer.from(text)),
      ),
    },
  },
  {
    name: 'remembers a lost connection in a regular expression',
    foundBy: 'isolation',
    target: { push: sharedState },
    options: { samples: samplesOf(ascii, (text) => Buffer.from(`${text.length}:${text},`)) },
  },
  ...brokenFrames,
];
