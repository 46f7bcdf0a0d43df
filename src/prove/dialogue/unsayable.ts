// Error of a step that cannot be said, because of what the remote said before: a value did not come, or no
// proof can be computed from the value. The code that plays a dialogue catches this error. It is no mistake
// of the caller.

/** Used only inside prove/. The message is a clause, such as `the value "x" was not captured`. */
export class Unsayable extends Error {
  override readonly name = 'Unsayable';
}
