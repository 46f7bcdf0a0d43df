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
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { Duplex } from 'node:stream';
import { oneOf } from '../options.ts';
import { handleOf } from './transport.ts';

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

/** The property keys under which a socket of Node keeps the two members of its option `onread`. */
interface OnReadKeys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** What a socket needs in order to lend: the shared buffer, and the keys under which Node looks for it. */
interface Means {
  readonly buffer: Buffer;
  readonly keys: OnReadKeys;
}

interface ReadableHandle {
  useUserBuffer(buffer: Uint8Array): unknown;
}

declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
};

/** The means of this thread, found by the first call of `meansOf`. It is `undefined` before that call. */
let found: { readonly means: Means | undefined } | undefined;

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
  const means = meansOf();
  const handle = handleOf(duplex);
  if (means === undefined || handle === undefined || !takesBuffer(handle)) {
    return undefined;
  }
  const { buffer, keys } = means;
  const lender = new Lender(duplex);
  // Do to the existing socket what `new Socket({ onread })` does to a new one. A new socket made of the
  // handle would leave the existing socket empty, and listeners of 'connection' and the server's count hold
  // the existing one.
  handle.useUserBuffer(buffer);
  Reflect.set(duplex, keys.buffer, buffer);
  Reflect.set(duplex, keys.callback, lender.onRead);
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

/** Returns the means of this thread, or `undefined` where sockets are read without the buffer. */
function meansOf(): Means | undefined {
  if (process.env['UNSTICK_READ_BUFFER'] === 'own') {
    return undefined;
  }
  found ??= { means: findMeans() };
  return found.means;
}

function findMeans(): Means | undefined {
  const { platform, versions } = process;
  // On Windows a read holds its memory until bytes come, so sockets cannot share memory there. The buffer
  // is not tested on other systems than Linux, nor on Bun and Deno.
  const isKnown = platform === 'linux' && !('bun' in versions) && !('deno' in versions);
  const buffer = isKnown && !isClusterWorker() ? newBuffer() : undefined;
  const keys = buffer && onReadKeys(buffer);
  return buffer === undefined || keys === undefined ? undefined : { buffer, keys };
}

/**
 * Whether this process is a worker of node:cluster. A process without a channel to a parent is no worker, so
 * node:cluster is not loaded there.
 */
function isClusterWorker(): boolean {
  return (
    process.connected && Reflect.get(process.getBuiltinModule('node:cluster'), 'isWorker') === true
  );
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

/**
 * Finds the keys of `onread`. It gives known values to a socket that is never connected, and looks under
 * which keys they lie.
 */
function onReadKeys(buffer: Buffer): OnReadKeys | undefined {
  const callback = unread;
  const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
    onread: { buffer, callback },
  };
  const probe = new Socket(options);
  const keyOf = (value: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find((key) => Reflect.get(probe, key) === value);
  const keys = { buffer: keyOf(buffer), callback: keyOf(callback) };
  probe.destroy();
  return keys.buffer === undefined || keys.callback === undefined
    ? undefined
    : { buffer: keys.buffer, callback: keys.callback };
}

/** Serves as the callback of a socket that never reads, so it is never called. */
function unread(): boolean {
  return true;
}

function takesBuffer(handle: object): handle is ReadableHandle {
  return typeof Reflect.get(handle, 'useUserBuffer') === 'function';
}
