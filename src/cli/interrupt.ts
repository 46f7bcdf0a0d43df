// Ctrl-C, SIGTERM and a terminal that is closed: the first asks the work to end and clean up, the second ends it.

/** An exit code that tells "ended by a signal", as shells do. */
const INTERRUPTED = 130;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that aborts when the user interrupts, and how to stop watching. */
export function watchInterrupts(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      process.exit(INTERRUPTED);
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
