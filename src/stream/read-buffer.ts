// The read buffer of the thread. Sockets whose reader only looks (scan, body.visit) are read into the same
// memory each time. Memory that is new for each read costs page faults and cache misses.
//
//   kernel ──▶ read buffer ──┬─ a borrower reads the socket ──▶ borrower, which sees the buffer itself
//                            └─ otherwise ────────────────────▶ a copy, pushed into the socket as usual
//
// Rules:
// - A socket lends only once a reader came that only looks. A reader that keeps bytes would have to copy each
//   chunk of 64 KiB, which takes 6 µs, while new memory for the read takes 1 µs (Node 24: 14 µs and 5 µs).
// - The buffer is filled again as soon as the borrower returns. Bytes that are needed later are copied first.
// - Other code sees no difference: 'data', pipe, iteration, `unshift`, pausing and ending work as on any
//   socket.
// - The memory is that of WebAssembly, which cannot be transferred. With other memory, a visitor that
//   transfers what it is shown would leave the kernel writing to memory that V8 has freed.
// - Where lending is not possible (TLS, another system, a Node that changed), sockets are read without the
//   buffer.

import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { Duplex } from 'node:stream';
import { oneOf } from '../options.ts';
import { handleOf } from './transport.ts';

/** Value of the option `readBuffer` of a server or a client. The docs of that option explain both values. */
export type ReadBuffer = 'reused' | 'own';

/** Checks the option and fills in its default. Throws UsageError ERR_OPTION. */
export function resolveReadBuffer(given: ReadBuffer | undefined): ReadBuffer {
  return oneOf('readBuffer', given ?? 'reused', ['reused', 'own']);
}

/** Function that gets the bytes of one read. They are valid during the call. */
export type Borrower = (bytes: Uint8Array) => void;

/**
 * Length in bytes: one page of WebAssembly, and the most that Node reads at once from a socket without a
 * buffer.
 */
const BUFFER_LENGTH = 64 * 1024;
/**
 * Value of the bytes with which the buffer is filled after each read when UNSTICK_POISON is 1. Tests use it to
 * find code that keeps bytes.
 */
const POISON = 0xdb;

/** The properties under which a socket of Node keeps the two members of its option `onread`. */
interface OnReadKeys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** What a socket needs in order to lend: the shared buffer, and where Node looks for it. */
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

/** The means of this thread, which are looked for once. `undefined` until then. */
let found: { readonly means: Means | undefined } | undefined;

const lenders = new WeakMap<Duplex, Lender>();
/** The sockets that may lend: this package made them, with `readBuffer` 'reused'. */
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
   * Sets the borrower that sees the bytes, or removes it with `undefined`. The borrower must listen to 'data'
   * as well.
   */
  lendTo(borrower: Borrower | undefined): void {
    this.#borrower = borrower;
  }

  /**
   * Function that Node calls as `onread.callback` with the bytes of a read. Returns false to stop reading
   * until the socket is resumed.
   */
  readonly onRead = (length: number, buffer: Uint8Array): boolean => {
    const bytes = buffer.subarray(0, length);
    const borrower = this.#borrower;
    let goesOn = true;
    if (borrower !== undefined && this.#isDirect) {
      borrower(bytes);
    } else {
      goesOn = this.#socket.push(copyOf(bytes));
    }
    if (this.#poisons) {
      bytes.fill(POISON);
    }
    return goesOn;
  };

  /**
   * Whether `push` would hand the bytes to the borrower's 'data' listener at once, and to no other. If not, the
   * bytes must go through `push`, so that they stay in order and other code gets them, too.
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

/** The lender of the bytes of a duplex; `undefined` if the duplex is not read into the read buffer. */
export function lenderOf(duplex: Duplex): Lender | undefined {
  return lenders.get(duplex);
}

/**
 * Pauses a duplex. Does not call `pause` of a socket that lends, because that would also stop reading from
 * the kernel. Then neither an end nor a reset of the remote would be seen while no reader waits.
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
 * socket below TLS, which TLS reads itself.
 */
export function allowLending(socket: Socket, readBuffer: ReadBuffer): void {
  if (readBuffer === 'reused') {
    ours.add(socket);
  }
}

/**
 * Makes a socket that may lend do so from its next read on. Returns its lender, or `undefined` where lending
 * is not possible.
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
  // Do what `new Socket({ onread })` does, on the socket that exists. A new socket made of the handle would
  // leave the old socket empty, and listeners of 'connection' and the count of the server hold the old
  // socket.
  handle.useUserBuffer(buffer);
  Reflect.set(duplex, keys.buffer, buffer);
  Reflect.set(duplex, keys.callback, lender.onRead);
  return lender;
}

/**
 * Copies the bytes into memory of exactly their length, which nothing overwrites. A view of the copy keeps
 * only this memory alive.
 */
export function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/** The means of this thread; `undefined` where sockets are read without the buffer. */
function meansOf(): Means | undefined {
  if (process.env['UNSTICK_READ_BUFFER'] === 'own') {
    return undefined;
  }
  found ??= { means: findMeans() };
  return found.means;
}

function findMeans(): Means | undefined {
  const { platform, versions } = process;
  // Not on Windows, where a read holds its memory until bytes come, so that sockets cannot share it. Other
  // systems are not tested.
  const isKnown = platform === 'linux' && !('bun' in versions) && !('deno' in versions);
  const buffer = isKnown && !isClusterWorker() ? newBuffer() : undefined;
  const keys = buffer && onReadKeys(buffer);
  return buffer === undefined || keys === undefined ? undefined : { buffer, keys };
}

/**
 * Whether this process is a worker of node:cluster. A process without a channel to a parent is none, so
 * node:cluster is not loaded to ask there.
 */
function isClusterWorker(): boolean {
  return (
    process.connected && Reflect.get(process.getBuiltinModule('node:cluster'), 'isWorker') === true
  );
}

/** Makes the buffer; `undefined` where WebAssembly is off, or the address space has no room for its memory. */
function newBuffer(): Buffer | undefined {
  try {
    return Buffer.from(new WebAssembly.Memory({ initial: 1, maximum: 1 }).buffer, 0, BUFFER_LENGTH);
  } catch {
    return undefined;
  }
}

/** Finds the properties on a socket that is never connected, by the values that they have there. */
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

/** The callback of a socket that never reads. */
function unread(): boolean {
  return true;
}

function takesBuffer(handle: object): handle is ReadableHandle {
  return typeof Reflect.get(handle, 'useUserBuffer') === 'function';
}
