// The notes that chat servers send each other, and the check of a note that arrives. A note names its
// server. Nicknames in it are those of that server, without `@server`.

const notes = {
  said: { server: 'string', room: 'string', from: 'string', at: 'number', text: 'string' },
  entered: { server: 'string', room: 'string', nick: 'string' },
  left: { server: 'string', room: 'string', nick: 'string', why: 'string' },
  /** `nick` wants to know who is in a room: each server answers with `members`. */
  who: { server: 'string', room: 'string', nick: 'string' },
  members: { server: 'string', nick: 'string', room: 'string', count: 'number', text: 'string' },
  /** A private message. The answer says whether it was delivered. */
  tell: { server: 'string', from: 'string', to: 'string', at: 'number', text: 'string' },
  /** Asks whether there is a server of this name. Any answer means yes. */
  ping: { server: 'string' },
} as const;

interface FieldTypes {
  readonly string: string;
  readonly number: number;
}
type Notes = typeof notes;
export type Note = {
  [K in keyof Notes]: { readonly type: K } & {
    readonly [F in keyof Notes[K]]: FieldTypes[Notes[K][F] & keyof FieldTypes];
  };
}[keyof Notes];

/** Outcome of a note that was sent to one server. */
export const answers = ['done', 'no-such-user', 'not-reading', 'not-understood'] as const;
export type Answer = (typeof answers)[number];

/**
 * Result for the asking server: the answer, or that there is no such server, or that nothing was sent because
 * the bus is out of reach. `undefined` if no answer came in time.
 */
export type Outcome = Answer | 'no-such-server' | 'not-sent' | undefined;

/** Reads a note. Returns `undefined` for any other text, which a server of another version may send. */
export function readNote(text: string): Note | undefined {
  const given = objectOf(text);
  const type = given?.['type'];
  if (given === undefined || typeof type !== 'string' || !isType(type)) {
    return undefined;
  }
  for (const [name, kind] of Object.entries(notes[type])) {
    if (typeof given[name] !== kind) {
      return undefined;
    }
  }
  // The cast is safe: every field that the table names has the type that the table names.
  return given as Note;
}

export function readAnswer(text: string): Answer | undefined {
  return answers.find((answer) => answer === text);
}

function isType(type: string): type is keyof Notes {
  return Object.hasOwn(notes, type);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
