// Whether a visitor of `scan` is running. What it is shown is valid during the visit only, so a `send` from
// inside a visit copies its value. Visits are synchronous, so one counter for the process is enough.

let depth = 0;

/** Runs a function that shows bytes to a visitor. */
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
