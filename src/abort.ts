// One 'abort' listener for each signal, however many wait for it. A program gives one signal to all its
// connections and calls, and Node 20 warns of a leak at the eleventh listener.

type Callback = () => void;

const waiting = new WeakMap<AbortSignal, { readonly callbacks: Set<Callback>; stop(): void }>();

/**
 * Calls `callback` once when `signal` aborts, and at once if it has aborted already. A callback that is given
 * twice is called once.
 */
export function watchAbort(signal: AbortSignal | undefined, callback: Callback): void {
  if (signal === undefined) {
    return;
  }
  if (signal.aborted) {
    callback();
    return;
  }
  const others = waiting.get(signal);
  if (others !== undefined) {
    others.callbacks.add(callback);
    return;
  }
  const callbacks = new Set([callback]);
  const onAbort = (): void => callAll(callbacks);
  signal.addEventListener('abort', onAbort, { once: true });
  waiting.set(signal, { callbacks, stop: () => signal.removeEventListener('abort', onAbort) });
}

/** Takes `callback` back. When it was the last one, the listener on the signal is removed. */
export function unwatchAbort(signal: AbortSignal | undefined, callback: Callback): void {
  const all = signal === undefined ? undefined : waiting.get(signal);
  if (signal === undefined || all === undefined || !all.callbacks.delete(callback)) {
    return;
  }
  if (all.callbacks.size === 0) {
    all.stop();
    waiting.delete(signal);
  }
}

/**
 * Calls all, as an EventTarget does: a callback that throws does not keep the others from their call, and its
 * error is an uncaught exception.
 */
function callAll(callbacks: Set<Callback>): void {
  const all = [...callbacks];
  for (const callback of all) {
    // An earlier callback may have taken this callback back.
    if (callbacks.has(callback)) {
      callSafely(callback);
    }
  }
}

function callSafely(callback: Callback): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
