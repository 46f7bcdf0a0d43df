// What proveDecoder found in packages of others, confirmed by hand in a few lines each. Every function
// takes the package as it is imported, and gives what should not be. test/interop runs them where
// the packages are installed (fuzz/others).

import type { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

interface Smpp {
  PDU: new (command: string, options: object) => { toBuffer(): Buffer };
  Session: new (options: { socket: Duplex }) => EventEmitter;
}

/** The text of a pdu whose last byte never came: `hell` of `hello`. */
export async function truncatedPdu({ PDU, Session }: Smpp): Promise<unknown> {
  const pdu = new PDU('deliver_sm', { short_message: 'hello' }).toBuffer();
  const socket = new PassThrough();
  let text: unknown;
  new Session({ socket }).on('pdu', ({ short_message: { message } }) => (text = message));
  socket.end(pdu.subarray(0, -1));
  for (let turns = 0; turns < 10; turns++) {
    await turn();
  }
  return text;
}

interface Opcua {
  PacketAssembler: new (options: object) => EventEmitter & { feed(chunk: Buffer): void };
}

const readChunkFunc = (bytes: Buffer): object => ({ length: bytes.readUInt32LE(4) });

/** The error that a read of 64 KiB causes when it is full of chunks of 8 bytes, which are valid. */
export function stackOverflow({ PacketAssembler }: Opcua): unknown {
  const assembler = new PacketAssembler({ readChunkFunc, minimumSizeInBytes: 8 });
  const read = Buffer.concat(Array.from({ length: 8192 }, () => Buffer.from('MSGF\x08\0\0\0')));
  try {
    assembler.feed(read);
    return undefined;
  } catch (error) {
    return error;
  }
}

interface Ltx {
  Parser: new () => EventEmitter & { write(chunk: Buffer): void; end(): void };
}

/** An element whose text came in two chunks, cut inside a character. */
export function garbledText({ Parser }: Ltx): string {
  const parser = new Parser();
  let tree: unknown;
  parser.on('tree', (element) => (tree = element));
  const bytes = Buffer.from('<m>粘包</m>');
  parser.write(bytes.subarray(0, 4));
  parser.write(bytes.subarray(4));
  parser.end();
  return String(tree);
}

type PacketReader = new () => {
  readonly chunk: Buffer;
  addChunk(chunk: Buffer): void;
  read(): Buffer | false;
};

/** The bytes still held of a million that were delivered, when no chunk ends where a frame ends. */
export function bytesKept(Reader: PacketReader): number {
  const reader = new Reader();
  const frame = Buffer.concat([Buffer.from('000003fc', 'hex'), Buffer.alloc(1020)]);
  const stream = Buffer.concat(Array.from({ length: 1000 }, () => frame));
  for (let at = 0; at < stream.length; at += 1001) {
    reader.addChunk(stream.subarray(at, at + 1001));
    while (reader.read() !== false) {
      // Delivered, and let go.
    }
  }
  return reader.chunk.length;
}
