// A shell command that runs in its own process group, so that everything it starts can be stopped, continued
// and ended together with it. The group is ended when this process exits, also after an error. It is not
// ended when a signal kills this process. Windows has no process groups, so there only the shell is ended.

import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time in ms that the shell has to end after SIGTERM. After it, the group is killed. */
const GRACE_TIME = 1000;
/** Time in ms that the rest of the group has to end when the shell is gone. After it, the rest is killed. */
const GROUP_GRACE_TIME = 100;
const HAS_GROUPS = process.platform !== 'win32';

/**
 * Groups that run. One listener ends all of them, because Node warns of more than ten listeners on one event.
 */
const running = new Set<ProcessGroup>();

function endAll(): void {
  for (const group of running) {
    group.signal('SIGKILL');
  }
}

function watch(group: ProcessGroup): void {
  if (running.size === 0) {
    process.once('exit', endAll);
  }
  running.add(group);
}

function unwatch(group: ProcessGroup): void {
  running.delete(group);
  if (running.size === 0) {
    process.off('exit', endAll);
  }
}

export class ProcessGroup {
  readonly child: ChildProcess;

  /** Starts the command. If the shell cannot be started, the child emits 'error'. */
  constructor(command: string, stdio: StdioOptions) {
    this.child = spawn(command, { shell: true, detached: HAS_GROUPS, stdio });
    watch(this);
  }

  /** Whether the shell still runs. */
  get alive(): boolean {
    const { exitCode, signalCode, pid } = this.child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Words for how the shell ended. */
  get ending(): string {
    const { exitCode, signalCode } = this.child;
    return signalCode === null ? `exited with code ${exitCode ?? '?'}` : `ended by ${signalCode}`;
  }

  /** Sends a signal to the group. Returns whether a process was still in the group. */
  signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.child;
    if (pid === undefined) {
      return false;
    }
    try {
      return HAS_GROUPS ? process.kill(-pid, signal) : this.child.kill(signal);
    } catch {
      // No process is left in the group.
      return false;
    }
  }

  /**
   * Stops the group in the middle of its work, until `thaw`. Bytes that are sent meanwhile wait in the
   * group's queues. Returns whether the group was stopped.
   */
  freeze(): boolean {
    return HAS_GROUPS && this.signal('SIGSTOP');
  }

  thaw(): void {
    if (HAS_GROUPS) {
      this.signal('SIGCONT');
    }
  }

  /**
   * Ends the group with SIGTERM, and after GRACE_TIME with SIGKILL. Resolves when the shell has ended, and
   * the rest of the group has ended or was killed.
   */
  async stop(): Promise<void> {
    const exited = this.alive ? once(this.child, 'exit') : Promise.resolve();
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), GRACE_TIME);
    await exited;
    clearTimeout(timer);
    // The shell may end before the processes that it started. The group holds no other processes, so wait
    // until it is empty.
    for (let wait = 0; wait < GROUP_GRACE_TIME && this.signal(0); wait += 10) {
      await sleep(10);
    }
    this.signal('SIGKILL');
    unwatch(this);
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }
}
