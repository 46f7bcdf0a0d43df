// The rooms that the user is in, and the one that typed lines go to. This file is pure: the client tells it
// what the user asked for and what the server answered.

import { keyOf } from '../core/names.ts';

export class Places {
  /** The rooms as the server spells them, by the key of their names. */
  readonly #rooms = new Map<string, string>();
  #current: string;
  /** The room that the user asked to enter, until the server has answered. */
  #asked: string | undefined;

  constructor(first: string) {
    this.#current = first;
    this.#asked = first;
  }

  /** The room that typed lines go to. */
  get current(): string {
    return this.#current;
  }

  /** The user asks to enter a room, and to talk there. */
  ask(room: string): void {
    this.#asked = room;
  }

  /** The server let the user in. */
  enter(room: string): void {
    const key = keyOf(room);
    this.#rooms.set(key, room);
    if (this.#asked !== undefined && keyOf(this.#asked) === key) {
      this.#current = room;
      this.#asked = undefined;
    }
  }

  /** The server refused the room. If that is because the user is in it already, the user talks there now. */
  refuse(): void {
    if (this.#asked !== undefined) {
      this.go(this.#asked);
    }
    this.#asked = undefined;
  }

  leave(room: string): void {
    const key = keyOf(room);
    this.#rooms.delete(key);
    if (keyOf(this.#current) === key) {
      this.#current = [...this.#rooms.values()].at(-1) ?? this.#current;
    }
  }

  /** Talks in another room from now on. Returns false if the user is not in it. */
  go(room: string): boolean {
    const there = this.#rooms.get(keyOf(room));
    this.#current = there ?? this.#current;
    return there !== undefined;
  }

  /** Starts a new connection, which is in no room yet. Returns the rooms to enter; `current` stays. */
  begin(): string[] {
    const rooms = [...this.#rooms.values()];
    this.#rooms.clear();
    return this.#asked === undefined ? rooms : [...rooms, this.#asked];
  }
}
