// Each signal gets one 'abort' listener, however many callers wait for the signal. A program gives one signal
// to all its connections and calls, and Node 20 warns of a leak at the eleventh listener.

type Callback = () => void;

const waiting = new WeakMap<AbortSignal, { readonly callbacks: Set<Callback>; stop(): void }>();

/**
 * Calls `callback` once when `signal` aborts, or immediately if the signal has aborted already. If a callback
 * is given twice for the same signal, it is called once.
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

/** Stops `callback` from being called. When no callback is left, the listener is removed from the signal. */
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
 * Calls all callbacks, as an EventTarget does. If a callback throws, the other callbacks are still called,
 * and the thrown value becomes an uncaught exception.
 */
function callAll(callbacks: Set<Callback>): void {
  const all = [...callbacks];
  for (const callback of all) {
    // An earlier callback may have called unwatchAbort for this callback.
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
