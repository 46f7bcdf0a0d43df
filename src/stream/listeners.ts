// The listeners of a connection on its duplex. All connections share the same five functions, which find their
// connection by the duplex that they are called on. Closures of its own for each connection made an idle one an
// eighth larger.

import type { Duplex } from 'node:stream';
import { isProxy } from 'node:util/types';

/** What a connection does when its duplex emits an event. */
export interface Framing {
  readonly connection: object;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onPause(): void;
  onBroken(error: unknown): void;
  onClose(): void;
}

/**
 * The connection of each duplex that is framed now. It also prevents a second connection, which would read the
 * same bytes.
 */
const framings = new WeakMap<Duplex, Framing>();

/** Events of reading, and events of the end. */
export const READING = ['data', 'end', 'pause'] as const;
export const ENDING = ['error', 'close'] as const;

/** A listener is called with the duplex as `this`. */
interface Listeners {
  readonly data: (this: Duplex, chunk: Uint8Array) => void;
  readonly end: (this: Duplex) => void;
  readonly pause: (this: Duplex) => void;
  readonly error: (this: Duplex, error: unknown) => void;
  readonly close: (this: Duplex) => void;
}

/** The listeners of every duplex that calls its listeners on itself. */
const SHARED: Listeners = {
  data(chunk) {
    framings.get(this)?.onData(chunk);
  },
  end() {
    framings.get(this)?.onEnd();
  },
  pause() {
    framings.get(this)?.onPause();
  },
  error(error) {
    framings.get(this)?.onBroken(error);
  },
  close() {
    framings.get(this)?.onClose();
  },
};

/** Listeners that are bound to a duplex which calls its listeners on another object, such as a proxy. */
const bound = new WeakMap<Duplex, Listeners>();

/** Sets what handles the events of a duplex, before `listen`. */
export function frameWith(duplex: Duplex, framing: Framing): void {
  framings.set(duplex, framing);
}

/** Returns what handles the events of a duplex now, or `undefined` if the duplex is not framed. */
export function framingOf(duplex: Duplex): Framing | undefined {
  return framings.get(duplex);
}

/** Forgets the connection of a duplex. */
export function unframe(duplex: Duplex): void {
  framings.delete(duplex);
}

export function listen(duplex: Duplex, events: readonly (keyof Listeners)[]): void {
  const listeners = listenersOf(duplex);
  for (const event of events) {
    duplex.on(event, listeners[event]);
  }
}

export function unlisten(duplex: Duplex, events: readonly (keyof Listeners)[]): void {
  const listeners = listenersOf(duplex);
  for (const event of events) {
    duplex.off(event, listeners[event]);
  }
}

function listenersOf(duplex: Duplex): Listeners {
  const known = bound.get(duplex);
  if (known !== undefined || callsOnItself(duplex)) {
    return known ?? SHARED;
  }
  const { data, end, pause, error, close } = SHARED;
  const own: Listeners = {
    data: data.bind(duplex),
    end: end.bind(duplex),
    pause: pause.bind(duplex),
    error: error.bind(duplex),
    close: close.bind(duplex),
  };
  bound.set(duplex, own);
  return own;
}

/**
 * Whether a duplex calls its listeners with itself as `this`, as an emitter of Node does. A proxy or an object
 * that inherits from a duplex does not: there `this` is the duplex below.
 */
function callsOnItself(duplex: Duplex): boolean {
  return !isProxy(duplex) && Object.hasOwn(duplex, '_events');
}
