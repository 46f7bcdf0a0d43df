// The process group of a command: the command and all processes that it started, unless they left the group.
// Signals go to the group. When the connection is gone, the server ends the group.
//
// Rules:
// - The server asks the group to end (SIGTERM, and SIGCONT for stopped processes), and kills it after a
//   grace time (SIGKILL).
// - When this process exits, it kills all groups: a server that ends leaves no process behind.

import { setTimeout as sleep } from 'node:timers/promises';

/** Time in ms that a group may take to end when asked. */
export const GRACE_MS = 2000;
/** Time in ms that the kernel may take to end a killed group. */
const KILL_MS = 1000;
/** Time in ms between two looks whether the group is empty: there is no event for that. */
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

  /** Sends a signal to the group. Returns whether a process of the group still exists. */
  signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.id, signal);
    } catch {
      return false; // The group has ended.
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
