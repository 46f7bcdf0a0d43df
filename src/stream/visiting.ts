// Knows whether a visitor of `scan` or `body.visit` is running now. The bytes that a visitor is shown are
// valid only during the visit, so a `send` from inside a visit copies its value. Visits are synchronous, so
// one counter is enough for all connections.

let depth = 0;

/** Runs a function that shows bytes to a visitor, and counts the visit. */
export function whileVisiting<R>(show: () => R): R {
  depth++;
  try {
    return show();
  } finally {
    depth--;
  }
}

export function isVisiting(): boolean {
  return depth > 0;
}
