// Makes an existing socket of Node read into memory that the caller owns, as the option `onread` does for a
// new socket. Node has no call for this, so this file finds the private fields that `onread` sets by their
// values. Where it cannot find them (another system, another runtime, a Node that changed), sockets are read
// as usual.

import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';

/** Memory for reads, and the function that gets them. The two members of Node's option `onread`. */
export interface ReadPlace {
  /** Memory of each read, or a function that is called for the memory of the next read. */
  readonly buffer: Buffer | (() => Buffer);
  /** Called with the bytes of a read. If it returns false, Node stops reading until the socket is resumed. */
  readonly callback: (length: number, buffer: Uint8Array) => boolean;
}

/** The property keys under which a socket keeps the members of `onread`. */
interface Keys {
  readonly buffer: symbol;
  readonly generator: symbol;
  readonly callback: symbol;
}

interface ReadableHandle {
  useUserBuffer(buffer: Uint8Array): unknown;
}

/** The keys of this thread, found by the first call. */
let found: { readonly keys: Keys | undefined } | undefined;

/** Whether `readInto` works for this socket. */
export function canReadInto(socket: Socket): boolean {
  return keysOfThread() !== undefined && handleOf(socket) !== undefined;
}

/** Makes a socket read into the given place from its next read on. Does nothing where that is not possible. */
export function readInto(socket: Socket, { buffer, callback }: ReadPlace): void {
  const keys = keysOfThread();
  const handle = handleOf(socket);
  if (keys === undefined || handle === undefined) {
    return;
  }
  // Do to the existing socket what `new Socket({ onread })` does to a new one. A new socket made of the
  // handle would leave the existing socket empty, and listeners of 'connection' and the server's count hold
  // the existing one.
  const first = typeof buffer === 'function' ? buffer() : buffer;
  handle.useUserBuffer(first);
  Reflect.set(socket, keys.buffer, first);
  Reflect.set(socket, keys.callback, callback);
  if (typeof buffer === 'function') {
    Reflect.set(socket, keys.generator, buffer);
  }
}

function keysOfThread(): Keys | undefined {
  if (process.env['UNSTICK_READ_BUFFER'] === 'own') {
    return undefined;
  }
  const { platform, versions } = process;
  // On Windows a read holds its memory until bytes come, so sockets cannot share memory there. Reading into
  // given memory is not tested on other systems than Linux, nor on Bun and Deno.
  const isKnown = platform === 'linux' && !('bun' in versions) && !('deno' in versions);
  found ??= { keys: isKnown && !isClusterWorker() ? findKeys() : undefined };
  return found.keys;
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

/** Gives known values to sockets that are never connected, and looks under which keys they lie. */
function findKeys(): Keys | undefined {
  const plain = Buffer.alloc(1);
  const made = (): Buffer => plain;
  const buffer = keyOf(plain, { buffer: plain, callback: unread });
  const generator = keyOf(made, { buffer: made, callback: unread });
  const callback = keyOf(unread, { buffer: plain, callback: unread });
  return buffer === undefined || generator === undefined || callback === undefined
    ? undefined
    : { buffer, generator, callback };
}

function keyOf(value: unknown, onread: OnReadOpts | ReadPlace): symbol | undefined {
  const options: SocketConstructorOpts & { readonly onread: OnReadOpts | ReadPlace } = { onread };
  const probe = new Socket(options);
  const key = Object.getOwnPropertySymbols(probe).find(
    (each) => Reflect.get(probe, each) === value,
  );
  probe.destroy();
  return key;
}

/** Serves as the callback of a socket that never reads, so it is never called. */
function unread(): boolean {
  return true;
}

/** Returns Node's handle below a socket, if it can read into given memory. */
function handleOf(socket: Socket): ReadableHandle | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return typeof handle === 'object' && handle !== null && takesBuffer(handle) ? handle : undefined;
}

function takesBuffer(handle: object): handle is ReadableHandle {
  return typeof Reflect.get(handle, 'useUserBuffer') === 'function';
}
