// Finds the name that a misspelt word probably means.

/** Returns the number of letters to add, drop, change or swap with a neighbour, so that `a` becomes `b`. */
function distance(a: string, b: string): number {
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const steps = [
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + same,
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (above[j - 2] ?? 0) + 1 : Infinity,
      ];
      next.push(Math.min(...steps));
    }
    above = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * Maximum length of a word that is compared with names. A longer word is no misspelt name, and the comparison
 * would take long.
 */
const MAX_LENGTH = 40;

/**
 * Returns the nearest name, if the name differs from the word in at most a third of the letters. In a word of
 * up to five letters, one letter may differ. Otherwise returns `undefined`.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) {
    return undefined;
  }
  const said = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const far = distance(said, name.toLowerCase());
    if (far < least) {
      least = far;
      best = name;
    }
  }
  return best;
}

/**
 * Returns words such as `Did you mean kafka? ` for the beginning of a hint. Returns an empty string if no
 * name is near.
 */
export function suggestion(word: unknown, names: readonly string[]): string {
  const name = typeof word === 'string' ? nearest(word, names) : undefined;
  return name === undefined ? '' : `Did you mean ${name}? `;
}
