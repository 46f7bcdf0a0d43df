// The rooms of one server: their users, and the last lines of each.
//
// An empty room keeps its history until another room needs its place. Then the room that has been empty for
// longest goes. If users are in all rooms, there is no place for another.

import { History } from './history.ts';
import type { Limits } from './limits.ts';
import type { Name } from './names.ts';

/** A line as the room remembers it. */
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
  /** The empty rooms. The one that has been empty for longest comes first. */
  readonly #empty = new Map<string, Room<Member>>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Number of rooms that the server remembers. */
  get size(): number {
    return this.#occupied.size + this.#empty.size;
  }

  /** The rooms that have users. */
  occupied(): Iterable<Room<Member>> {
    return this.#occupied.values();
  }

  find(key: string): Room<Member> | undefined {
    return this.#occupied.get(key) ?? this.#empty.get(key);
  }

  /** The room, opened if need be; `undefined` when there is no place for it. */
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
