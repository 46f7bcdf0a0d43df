// Divides long work into short spells, so that the page goes on answering during the work.

/** Time in ms that the work may take before the page handles other events. */
const SPELL = 12;

/**
 * Returns a function to call between two steps of long work. Its promise resolves when the work may go on.
 */
export function breather(): () => Promise<void> {
  let start = performance.now();
  return async () => {
    if (performance.now() - start >= SPELL) {
      await new Promise((resolve) => setTimeout(resolve));
      start = performance.now();
    }
  };
}
