// Limits how many transfers run at once on the whole server. The others wait in line. The user with the
// fewest running transfers is next, so that one user with a hundred files does not keep all others out.

export interface Place {
  /** Passes the place on to the next in line. Only the first call counts. */
  leave(): void;
}

interface Waiting {
  readonly user: string;
  readonly start: (place: Place) => void;
}

export class Workers {
  readonly #limit: number;
  readonly #running = new Map<string, number>();
  #count = 0;
  readonly #line: Waiting[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when this user may start. Before a wait, `onWait` gets the number of transfers in the line. */
  async enter(user: string, signal: AbortSignal, onWait: (ahead: number) => void): Promise<Place> {
    signal.throwIfAborted();
    if (this.#count < this.#limit) {
      return this.#start(user);
    }
    onWait(this.#line.length);
    return await new Promise<Place>((resolve, reject) => {
      const waiting: Waiting = {
        user,
        start: (place) => {
          signal.removeEventListener('abort', giveUp);
          resolve(place);
        },
      };
      const giveUp = (): void => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#line.push(waiting);
    });
  }

  #start(user: string): Place {
    this.#count += 1;
    this.#running.set(user, this.#runningOf(user) + 1);
    let isOpen = true;
    return {
      leave: () => {
        if (!isOpen) {
          return;
        }
        isOpen = false;
        this.#leave(user);
      },
    };
  }

  #leave(user: string): void {
    this.#count -= 1;
    const left = this.#runningOf(user) - 1;
    if (left > 0) {
      this.#running.set(user, left);
    } else {
      this.#running.delete(user);
    }
    const next = this.#next();
    next?.start(this.#start(next.user));
  }

  #next(): Waiting | undefined {
    const fewest = Math.min(...this.#line.map(({ user }) => this.#runningOf(user)));
    const index = this.#line.findIndex(({ user }) => this.#runningOf(user) === fewest);
    return index < 0 ? undefined : this.#line.splice(index, 1)[0];
  }

  #runningOf(user: string): number {
    return this.#running.get(user) ?? 0;
  }
}
