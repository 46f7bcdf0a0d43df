// Handles Ctrl-C, SIGTERM and a terminal that is closed. The first signal asks the command to clean up and
// end. The second signal ends the process at once.

import { EXITS } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Returns a signal that aborts at the first interruption, and a function that stops watching. */
export function watchInterrupts(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      process.exit(EXITS.interrupted.code);
    }
    controller.abort();
  };
  for (const signal of SIGNALS) {
    process.on(signal, interrupt);
  }
  const stop = (): void => {
    for (const signal of SIGNALS) {
      process.off(signal, interrupt);
    }
  };
  return { signal: controller.signal, stop };
}

/** Does work that ends early when its signal aborts, which is at the first interruption. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, stop } = watchInterrupts();
  try {
    return await work(signal);
  } finally {
    stop();
  }
}
