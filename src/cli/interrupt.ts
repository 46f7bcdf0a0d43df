// Ctrl-C and SIGTERM: the first asks the work to end and clean up, the second ends it.

/** An exit code that tells "ended by a signal", as shells do. */
const interrupted = 130;

/** A signal that aborts when the user interrupts, and how to stop watching. */
export function watchInterrupts(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const stop = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  };
  return { signal: controller.signal, stop };
}
