// A step that cannot be said with what the remote said before it: a value did not come, or a proof cannot be
// computed of it. Whoever plays a dialogue catches this: it is no mistake of the caller.

/** Used inside prove/ only. Its message is a clause, such as `the value "x" was not captured`. */
export class Unsayable extends Error {
  override readonly name = 'Unsayable';
}
