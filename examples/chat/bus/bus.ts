// How chat servers reach each other: what a server needs of a bus, and the bus inside one process.
//
// A bus takes notes from a server to every *other* server, and keeps the order of the notes of one server.
// It may lose notes (NATS delivers each at most once). Two readers may see the notes of two servers in
// different orders.

import type { Answer, Note, Outcome } from './notes.ts';

/** The server, as a bus sees it. */
export interface Ear {
  /** Takes a note that another server sent to all servers. */
  hear(note: Note): void;
  /** Takes a note that another server sent to this one. Returns the answer to it. */
  answer(note: Note): Answer;
  /** Says that the other servers went out of reach, or came back. */
  outage(isOut: boolean): void;
}

export interface Bus {
  /** Connects the server. Throws when the bus cannot be reached, or already has a server of that name. */
  attend(server: string, ear: Ear): Promise<void>;
  /** Sends a note to every other server. */
  publish(note: Note): void;
  /** Sends a note to one server. Resolves with the answer, or with why there is none. Never rejects. */
  ask(server: string, note: Note): Promise<Outcome>;
  close(): Promise<void>;
}

/** A bus between servers of one process. A chat without NATS uses it with a single server. */
export class LocalHub {
  readonly #ears = new Map<string, Ear>();

  /** Makes the bus of one server. */
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
