// The rooms of one server: who is in them, and what was said there last.
//
// A room that everybody has left keeps its history, until its place is needed for another: then the one
// goes that has been empty for longest. When people are in all of them, there is no place.

import { History } from './history.ts';
import type { Limits } from './limits.ts';
import type { Name } from './names.ts';

/** A line as it is remembered. */
export interface Line {
  readonly from: string;
  readonly at: number;
  readonly text: string;
}

export class Room<Member> {
  readonly name: string;
  readonly key: string;
  readonly members: Set<Member> = new Set<Member>();
  readonly history: History<Line>;

  constructor({ shown, key }: Name, historyLength: number) {
    this.name = shown;
    this.key = key;
    this.history = new History(historyLength);
  }
}

export class Rooms<Member> {
  readonly #limits: Limits;
  /** A Map keeps the order of insertion. */
  readonly #occupied = new Map<string, Room<Member>>();
  /** Those with nobody in them; the one that has been empty for longest comes first. */
  readonly #empty = new Map<string, Room<Member>>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** All that are remembered. */
  get size(): number {
    return this.#occupied.size + this.#empty.size;
  }

  /** Those that people are in. */
  occupied(): Iterable<Room<Member>> {
    return this.#occupied.values();
  }

  find(key: string): Room<Member> | undefined {
    return this.#occupied.get(key) ?? this.#empty.get(key);
  }

  /** The room, opened if need be; undefined when there is no place for it. */
  open(name: Name): Room<Member> | undefined {
    const found = this.find(name.key);
    if (found !== undefined) {
      return found;
    }
    if (this.size >= this.#limits.maxRooms && !this.#forgetOne()) {
      return undefined;
    }
    const room = new Room<Member>(name, this.#limits.historyLength);
    this.#empty.set(room.key, room);
    return room;
  }

  enter(room: Room<Member>, member: Member): void {
    room.members.add(member);
    this.#empty.delete(room.key);
    this.#occupied.set(room.key, room);
  }

  leave(room: Room<Member>, member: Member): void {
    room.members.delete(member);
    if (room.members.size > 0) {
      return;
    }
    this.#occupied.delete(room.key);
    this.#empty.set(room.key, room);
  }

  #forgetOne(): boolean {
    const [oldest] = this.#empty.keys();
    return oldest !== undefined && this.#empty.delete(oldest);
  }
}
