// The users who have been let in. Each has a name that no other user of this server has.

import type { Limits } from './limits.ts';
import { isRefusal, nameOf } from './names.ts';
import type { Name, Refusal } from './names.ts';
import type { Visitor } from './visitor.ts';
import * as words from './words.ts';

export class Users {
  readonly #limits: Limits;
  readonly #named = new Map<string, Visitor>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#named.size;
  }

  all(): Iterable<Visitor> {
    return this.#named.values();
  }

  find(nick: string): Visitor | undefined {
    const name = nameOf(nick, 'nickname', this.#limits);
    return isRefusal(name) ? undefined : this.#named.get(name.key);
  }

  /** Gives the visitor the name, or returns why not. The visitor may then try another name. */
  letIn(visitor: Visitor, nick: string): Name | Refusal {
    const { maxUsers } = this.#limits;
    const name = nameOf(nick, 'nickname', this.#limits);
    if (visitor.name !== undefined) {
      return words.alreadyWelcome;
    }
    if (isRefusal(name)) {
      return name;
    }
    if (this.#named.has(name.key)) {
      return words.nickTaken(name.shown, this.#freeNick(name.shown));
    }
    if (this.#named.size >= maxUsers) {
      return words.serverFull(maxUsers);
    }
    visitor.name = name;
    this.#named.set(name.key, visitor);
    return name;
  }

  /** Frees the name. */
  letGo(visitor: Visitor): void {
    if (visitor.name !== undefined) {
      this.#named.delete(visitor.name.key);
    }
    visitor.name = undefined;
  }

  /** 小明2, 小明3 …: the first one that is free. */
  #freeNick(nick: string): string | undefined {
    for (let number = 2; number < 100; number++) {
      const name = nameOf(`${nick}${number}`, 'nickname', this.#limits);
      if (isRefusal(name)) {
        return undefined;
      }
      if (!this.#named.has(name.key)) {
        return name.shown;
      }
    }
    return undefined;
  }
}
