// The protocol, as tables: every message that a client and a server can exchange, field by field. The
// types come from the tables, and so does the check of what arrives, so neither can be forgotten.
//
// A message is a header { type, … } and a body. The body is UTF-8: what people say, or a list with one entry
// per line. This file is pure: nothing here knows about sockets.

import type { Message, OutgoingMessage } from '../../src/entries/main.ts';

/** The commands of a client. */
const commands = {
  /** Asks to be let in under this name. If it is refused, the client asks again with another. */
  hello: { nick: 'string' },
  join: { room: 'string' },
  leave: { room: 'string' },
  say: { room: 'string', text: 'body' },
  /** A private message to `name`, or to `name@server`. */
  tell: { to: 'string', text: 'body' },
  who: { room: 'string' },
  rooms: {},
  history: { room: 'string' },
  /** Asks for a sign of life. */
  ping: {},
  bye: {},
} as const;

/** The messages of a server: answers, and events. */
const events = {
  welcome: { nick: 'string', server: 'string' },
  /** The server did not carry out a command. The text says why to people, `code` to programs. */
  refused: { command: 'string', code: 'string', text: 'body' },
  /** The client is in the room. `lines` of its history follow, as `said` with `old`. */
  joined: { room: 'string', lines: 'number' },
  /** The answer to `history`. `lines` follow in the same way. */
  past: { room: 'string', lines: 'number' },
  said: { room: 'string', from: 'string', at: 'number', old: 'boolean', text: 'body' },
  told: { from: 'string', to: 'string', at: 'number', text: 'body' },
  entered: { room: 'string', nick: 'string' },
  left: { room: 'string', nick: 'string', why: 'string' },
  /** The users in a room, on one server: one name a line. */
  members: { room: 'string', server: 'string', count: 'number', text: 'body' },
  /** The rooms: `name people`, one a line. */
  rooms: { count: 'number', text: 'body' },
  /** The client reads too slowly: this many lines were left out here. */
  missed: { count: 'number' },
  notice: { code: 'string', text: 'body' },
  /** The answer to `ping`. */
  pong: {},
  /** The server sends nothing after this. */
  bye: { why: 'string' },
} as const;

interface FieldTypes {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly body: string;
}
type Table = Readonly<Record<string, Readonly<Record<string, keyof FieldTypes>>>>;
type OneOf<T extends Table> = {
  [K in keyof T]: { readonly type: K } & { readonly [F in keyof T[K]]: FieldTypes[T[K][F]] };
}[keyof T];

export type Command = OneOf<typeof commands>;
export type ChatEvent = OneOf<typeof events>;
export type EventOf<K extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: K }>;

/** Reads a command. Returns `undefined` for anything else. */
export function readCommand(message: Message): Command | undefined {
  return read(commands, message);
}

export function readEvent(message: Message): ChatEvent | undefined {
  return read(events, message);
}

export function written(value: Command | ChatEvent): OutgoingMessage {
  if (!('text' in value)) {
    return { header: { ...value } };
  }
  const { text, ...header } = value;
  return { header, body: text };
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function read<T extends Table>(table: T, { header, body }: Message): OneOf<T> | undefined {
  const { type } = header;
  if (typeof type !== 'string' || !Object.hasOwn(table, type)) {
    return undefined;
  }
  const value: Record<string, unknown> = { type };
  for (const [name, kind] of Object.entries(table[type] ?? {})) {
    const field = kind === 'body' ? textOf(body) : header[name];
    if (typeof field !== (kind === 'body' ? 'string' : kind)) {
      return undefined;
    }
    value[name] = field;
  }
  // The cast is safe: every field that the table names has the type that the table names.
  return value as OneOf<T>;
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(body);
  } catch {
    return undefined;
  }
}
