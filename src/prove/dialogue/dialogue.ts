// A dialogue is the script of one connection: what the client says and what the server says, in order. It is
// a value, and a JSON file. `unstick record` writes such a file. `unstick prove --dialogue` plays one side of
// the dialogue and waits for the other side.
//
// Rules:
// - A dialogue can be played in both roles, so no step says which side is under test.
// - A part that changes from connection to connection is captured from one step and used in a later step.
// - Finding the ends of steps takes time linear in the bytes heard, whatever the remote sends and however the
//   bytes are cut. Therefore a file holds no regular expressions.

/** The side that speaks. */
export type Speaker = 'client' | 'server';

/** Bytes that the file holds as they are. `text` is sent as UTF-8. */
export type Literal =
  { readonly text: string } | { readonly hex: string } | { readonly base64: string };

/**
 * A part of what a side says: bytes, a captured value, or a proof. A proof is computed from texts and parts.
 */
export type Part =
  | Literal
  | { readonly value: string }
  | { readonly proof: string; readonly with: Readonly<Record<string, string | readonly Part[]>> };

/** Rule by which a listener knows that the speaker has said all of a step. */
export type StepEnd =
  /** The step ends after this many bytes. */
  | { readonly length: number }
  /** The step ends after this many line feeds. */
  | { readonly lines: number }
  /** The step ends behind the first place where these bytes stand. The bytes belong to the step. */
  | { readonly marker: Literal };

/** Place of bytes in a step that a later step needs, or that differ from connection to connection. */
export type Capture =
  /** The bytes between the end of the first `after` and the beginning of the next `before`. */
  | { readonly after: Literal; readonly before: Literal }
  /** The bytes at an offset from the start of the step. */
  | { readonly at: number; readonly length: number };

/** One step: a speaker says something, or ends its side (FIN). */
export type Step =
  | {
      readonly from: Speaker;
      readonly say: readonly Part[];
      /**
       * Rule for where the step ends. Default: the step ends after as many bytes as `say` has on this
       * connection.
       */
      readonly until?: StepEnd;
      readonly capture?: Readonly<Record<string, Capture>>;
    }
  | { readonly from: Speaker; readonly fin: true };

/** A script of one connection: what each side sends and expects, step by step. */
export interface Dialogue {
  readonly version: 1;
  readonly steps: readonly Step[];
}

/** A step that says something. */
export type SpokenStep = Extract<Step, { say: unknown }>;

/** The values that were captured so far, by name. */
export type Values = ReadonlyMap<string, Uint8Array>;

export function isSpoken(step: Step): step is SpokenStep {
  return 'say' in step;
}

/** Returns the bytes of a literal. */
export function literalBytes(literal: Literal): Uint8Array {
  if ('text' in literal) {
    return Buffer.from(literal.text, 'utf8');
  }
  return 'hex' in literal
    ? Buffer.from(literal.hex.replaceAll(/[\s_]/g, ''), 'hex')
    : Buffer.from(literal.base64, 'base64');
}
