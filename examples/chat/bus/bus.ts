// How chat servers reach each other: what a server needs of a bus, and the one that is always there.
//
// A bus takes notes from a server to every *other* server, those of one server in their order. It may
// lose some (NATS gives each note at most once), and it promises no common order for the notes of two.

import type { Answer, Note, Outcome } from './notes.ts';

/** The server, as a bus sees it. */
export interface Ear {
  /** A note to everyone. */
  hear(note: Note): void;
  /** A note to this server. */
  answer(note: Note): Answer;
  /** The other servers are out of reach, or within it again. */
  outage(isOut: boolean): void;
}

export interface Bus {
  /** Takes the server in. Throws when the bus cannot be reached, or has a server of that name. */
  attend(server: string, ear: Ear): Promise<void>;
  /** To every other server. */
  publish(note: Note): void;
  /** To one server. Never rejects. */
  ask(server: string, note: Note): Promise<Outcome>;
  close(): Promise<void>;
}

/** Servers of one process; with a single server, what a chat without a bus has. */
export class LocalHub {
  readonly #ears = new Map<string, Ear>();

  /** A bus for one server. */
  bus(): Bus {
    const ears = this.#ears;
    let name = '';
    return {
      attend: (server, ear) => {
        if (ears.has(server)) {
          return Promise.reject(new NameInUse(server));
        }
        name = server;
        ears.set(server, ear);
        return Promise.resolve();
      },
      publish: (note) => {
        for (const [server, ear] of ears) {
          if (server !== name) {
            ear.hear(note);
          }
        }
      },
      ask: (server, note) => Promise.resolve(ears.get(server)?.answer(note) ?? 'no-such-server'),
      close: () => {
        ears.delete(name);
        return Promise.resolve();
      },
    };
  }
}

export class NameInUse extends Error {
  override readonly name = 'NameInUse';

  constructor(server: string) {
    super(`A chat server called "${server}" is on this bus already; choose another --name.`);
  }
}
