// The read buffer of the thread. Sockets whose reader only looks at bytes (scan, body.visit) are read into
// the same memory each time. New memory for each read would cost page faults and cache misses.
//
//   kernel ──▶ read buffer ──┬─ a borrower reads the socket ──▶ borrower, which sees the buffer itself
//                            └─ otherwise ────────────────────▶ a copy, pushed into the socket as usual
//
// Rules:
// - A socket lends only from the moment on at which it has a reader that only looks. A reader that keeps
//   bytes would have to copy each chunk of 64 KiB, which takes 6 µs, while new memory for the read takes 1 µs
//   (Node 24: 14 µs and 5 µs).
// - The buffer is filled again as soon as the borrower returns. So bytes that are needed later must be copied
//   first.
// - Other code sees no difference: 'data', pipe, iteration, `unshift`, pausing and ending work as on any
//   socket.
// - The memory is that of WebAssembly, because such memory cannot be transferred. If a visitor transferred
//   other memory that it is shown, the kernel would write to memory that V8 has freed.
// - Where lending is not possible (TLS, another system, a Node that changed), sockets are read without the
//   buffer.

import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { oneOf } from '../options.ts';
import { canReadInto, readInto } from '../read-into.ts';

/** Value of the option `readBuffer` of a server or a client. The docs of that option explain both values. */
export type ReadBuffer = 'reused' | 'own';

/** Checks the option `readBuffer` and fills in its default. Throws UsageError ERR_OPTION. */
export function resolveReadBuffer(given: ReadBuffer | undefined): ReadBuffer {
  return oneOf('readBuffer', given ?? 'reused', ['reused', 'own']);
}

/** A reader that is shown the bytes of each read. The bytes are valid only during the call. */
export interface Borrower {
  onLent(bytes: Uint8Array): void;
}

/**
 * Length of the buffer in bytes. It is one page of WebAssembly, and the largest number of bytes that Node
 * reads at once from a socket without a buffer.
 */
const BUFFER_LENGTH = 64 * 1024;
/**
 * Byte with which the buffer is filled after each read if UNSTICK_POISON is 1. Tests use it to find code that
 * keeps bytes.
 */
const POISON = 0xdb;

declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
};

/** The buffer of this thread, made by the first call of `bufferOfThread`. */
let made: { readonly buffer: Buffer | undefined } | undefined;

const lenders = new WeakMap<Duplex, Lender>();
/** The sockets that may lend, because this package made them with `readBuffer` 'reused'. */
const ours = new WeakSet<Duplex>();

/** Lends the bytes of one socket to its borrower. */
export class Lender {
  readonly #socket: Socket;
  readonly #poisons = process.env['UNSTICK_POISON'] === '1';
  #borrower: Borrower | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    lenders.set(socket, this);
  }

  /**
   * Sets the borrower that sees the bytes. `undefined` removes the borrower. A borrower must also listen to
   * 'data'.
   */
  lendTo(borrower: Borrower | undefined): void {
    this.#borrower = borrower;
  }

  /**
   * Function that Node calls as `onread.callback` with the bytes of a read. If it returns false, Node stops
   * reading until the socket is resumed.
   */
  readonly onRead = (length: number, buffer: Uint8Array): boolean => {
    const bytes = buffer.subarray(0, length);
    const borrower = this.#borrower;
    let goesOn = true;
    if (borrower !== undefined && this.#isDirect) {
      borrower.onLent(bytes);
    } else {
      goesOn = this.#socket.push(copyOf(bytes));
    }
    if (this.#poisons) {
      bytes.fill(POISON);
    }
    return goesOn;
  };

  /**
   * Whether `push` would hand the bytes to the borrower's 'data' listener at once, and to no other listener.
   * If not, the bytes must go through `push`, so that they stay in order and other code gets them, too.
   */
  get #isDirect(): boolean {
    const socket = this.#socket;
    return (
      socket.readableFlowing === true &&
      socket.readableLength === 0 &&
      socket.readableEncoding === null &&
      socket.listenerCount('data') === 1
    );
  }
}

/** Returns the lender of a duplex, or `undefined` if the duplex is not read into the read buffer. */
export function lenderOf(duplex: Duplex): Lender | undefined {
  return lenders.get(duplex);
}

/**
 * Pauses a duplex. For a socket that lends this does not call the socket's `pause`, which would also stop
 * reading from the kernel. Then neither an end nor a reset of the remote would be seen while no reader waits.
 */
export function holdBack(duplex: Duplex): void {
  if (lenders.has(duplex)) {
    Duplex.prototype.pause.call(duplex);
  } else {
    duplex.pause();
  }
}

/**
 * Allows a socket that this package made to lend, if `readBuffer` is 'reused'. Do not call this for the raw
 * socket below TLS, because TLS reads that socket itself.
 */
export function allowLending(socket: Socket, readBuffer: ReadBuffer): void {
  if (readBuffer === 'reused') {
    ours.add(socket);
  }
}

/**
 * If a socket may lend, makes the socket lend from its next read on. Returns its lender, or `undefined` where
 * lending is not possible.
 */
export function lend(duplex: Duplex): Lender | undefined {
  const known = lenders.get(duplex);
  if (known !== undefined || !ours.has(duplex) || !(duplex instanceof Socket)) {
    return known;
  }
  const buffer = canReadInto(duplex) ? bufferOfThread() : undefined;
  if (buffer === undefined) {
    return undefined;
  }
  const lender = new Lender(duplex);
  readInto(duplex, { buffer, callback: lender.onRead });
  return lender;
}

/**
 * Copies the bytes into memory of exactly their length, which is never overwritten. A view of the copy keeps
 * only that memory alive.
 */
export function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

function bufferOfThread(): Buffer | undefined {
  made ??= { buffer: newBuffer() };
  return made.buffer;
}

/**
 * Makes the buffer. Returns `undefined` where WebAssembly is off, or where the address space has no room for
 * its memory.
 */
function newBuffer(): Buffer | undefined {
  try {
    return Buffer.from(new WebAssembly.Memory({ initial: 1, maximum: 1 }).buffer, 0, BUFFER_LENGTH);
  } catch {
    return undefined;
  }
}
