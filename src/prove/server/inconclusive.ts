// Why there is no verdict on a server: thrown wherever that shows, caught where the report is made.

/** Used inside prove/ only; the report carries its message. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}
