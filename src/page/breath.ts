// Long work in short spells, so that the page goes on answering while it works.

/** Time in ms that the page works before it lets others work. */
const SPELL = 12;

/** Returns a function to call between two steps of long work: it resolves when the work may go on. */
export function breather(): () => Promise<void> {
  let start = performance.now();
  return async () => {
    if (performance.now() - start >= SPELL) {
      await new Promise((resolve) => setTimeout(resolve));
      start = performance.now();
    }
  };
}
