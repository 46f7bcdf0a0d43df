// What the crowd of a soak sends: the languages of our three servers as raw bytes, right and wrong. Nothing
// of the package is used for them.

/** The servers that a soak attacks. */
export const SERVER_NAMES = ['frames', 'messages', 'peers'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** Limits of the servers for frames and messages. The server for peers has the default limits. */
export const MAX_PAYLOAD_LENGTH: number = 256 * 1024;
export const MAX_HEADER_LENGTH: number = 16 * 1024;

export interface Language {
  readonly name: ServerName;
  /** What a connection must send first. */
  readonly greeting: Buffer;
  /** A question. The server answers it with about `size` bytes. */
  ask(id: number, size: number): Buffer;
  /** A complete frame, message or header that is longer than the server accepts. */
  readonly oversized: Buffer;
  /** A message with this header text, which may be wrong: a key twice, nested too deeply. */
  message(header: string): Buffer;
}

function frame(payload: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(payload.length);
  return Buffer.concat([prefix, payload]);
}

type Header = Readonly<Record<string, unknown>>;

const NO_BODY = Buffer.alloc(0);

/** A message. A header that is a text is sent as it is; its `bodyLength` is the caller's. */
export function message(header: Header | string, body: Buffer = NO_BODY): Buffer {
  const text =
    typeof header === 'string' ? header : JSON.stringify({ ...header, bodyLength: body.length });
  return Buffer.concat([frame(Buffer.from(text)), body]);
}

/** The hello of a peer that accepts a lot, so that the server has no reason to wait. */
const HELLO = {
  kind: 'hello',
  version: 1,
  window: 2 ** 30,
  maxChannels: 128,
  maxPendingRequests: 128,
  maxHeaderLength: MAX_HEADER_LENGTH,
  maxBodyLength: 1024 * 1024,
};

export function hello(changes: Header = {}): Buffer {
  return message({ ...HELLO, ...changes });
}

/** An object of JSON whose text is longer than a header may be. */
function longHeader(start: string): string {
  return `{${start}"filler":"${'x'.repeat(MAX_HEADER_LENGTH)}"}`;
}

const languages: Readonly<Record<ServerName, Language>> = {
  frames: {
    name: 'frames',
    greeting: NO_BODY,
    ask: (id, size) => frame(Buffer.alloc(size + 1, id)),
    oversized: frame(Buffer.alloc(MAX_PAYLOAD_LENGTH + 1)),
    message: (header) => frame(Buffer.from(header)),
  },
  messages: {
    name: 'messages',
    greeting: NO_BODY,
    ask: (id, size) => message({ id }, Buffer.alloc(size, id)),
    oversized: message(longHeader('')),
    message,
  },
  peers: {
    name: 'peers',
    greeting: hello(),
    ask: (id, size) => message({ kind: 'request', id, name: 'echo' }, Buffer.alloc(size, id)),
    oversized: message(longHeader('"kind":"event","name":"n",')),
    message,
  },
};

export function languageOf(name: ServerName): Language {
  return languages[name];
}
