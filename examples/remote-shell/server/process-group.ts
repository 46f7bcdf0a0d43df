// A process group of a command: the command and everything that it started and that did not leave the
// group. It is what signals go to, and what is ended when the connection is gone.
//
// Rules:
// - Asked first (SIGTERM, and SIGCONT for those that are stopped), made to after a grace (SIGKILL).
// - Groups that live when this process exits are killed: a server that ends leaves no process behind.

import { setTimeout as sleep } from 'node:timers/promises';

/** How long a group may take to end when asked, in ms. */
export const GRACE_MS = 2000;
/** How long the kernel may take to end a group that was killed, in ms. */
const KILL_MS = 1000;
/** There is no event for "the group is empty": it is looked at so often, in ms. */
const LOOK_MS = 10;

const living = new Set<ProcessGroup>();

process.on('exit', () => {
  for (const group of living) {
    group.signal('SIGKILL');
  }
});

export class ProcessGroup {
  /** The process id of its leader, which is the id of the group. */
  readonly id: number;
  readonly #grace: number;
  #ending: Promise<void> | undefined;

  constructor(leader: number, grace: number = GRACE_MS) {
    this.id = leader;
    this.#grace = grace;
    living.add(this);
  }

  /** Whether there was still a process to signal. */
  signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.id, signal);
    } catch {
      return false; // Gone already.
    }
  }

  /** Ends the remaining processes. Resolves when none is left. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    if (this.signal('SIGTERM')) {
      this.signal('SIGCONT');
      if (!(await this.#emptyWithin(this.#grace))) {
        this.signal('SIGKILL');
        await this.#emptyWithin(KILL_MS);
      }
    }
    living.delete(this);
  }

  async #emptyWithin(limit: number): Promise<boolean> {
    const deadline = performance.now() + limit;
    while (this.signal(0)) {
      if (performance.now() > deadline) {
        return false;
      }
      await sleep(LOOK_MS);
    }
    return true;
  }
}
