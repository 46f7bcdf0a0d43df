// A program that reads requests from its standard input and answers on its standard output, such as a
// language server, a native messaging host or a filter. Each connection is a new process.

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { openGate } from '../../deliver/gate.ts';
import { KernelTables } from '../../deliver/kernel-tables.ts';
import type { Gate } from '../../deliver/looking.ts';
import { ProcessGroup } from './process-group.ts';
import type { Target, Wire } from './target.ts';

/** Time in ms for a program to start and read its first piece. */
const START_TIME = 3000;
/** Time in ms for a program to exit after its output has ended. */
const EXIT_TIME = 500;

/**
 * Returns a gate whose first wait lasts up to START_TIME, so that the second piece waits until the program
 * has read the first. A program that is still starting would read both pieces at once, and see no cut.
 */
function patientAtFirst(gate: Gate | undefined): Gate | undefined {
  if (gate === undefined) {
    return undefined;
  }
  let least = START_TIME;
  return {
    settled: (length, patience) => {
      const limit = Math.max(patience, least);
      least = 0;
      return gate.settled(length, limit);
    },
  };
}

export class StdioTarget implements Target {
  readonly name: string;
  readonly #command: string;
  readonly #tables = KernelTables.open();
  readonly #groups = new Set<ProcessGroup>();
  #last: ProcessGroup | undefined;

  constructor(command: string) {
    this.#command = command;
    this.name = `stdio: ${command}`;
  }

  /** Always resolves to false, because each connection starts its own process. */
  isListening(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async failedWith(): Promise<number | undefined> {
    const child = this.#last?.child;
    if (child === undefined || child.exitCode !== null) {
      return child?.exitCode || undefined;
    }
    // The output of a program ends a moment before the program exits, so wait for its exit.
    await once(child, 'exit', { signal: AbortSignal.timeout(EXIT_TIME) }).catch(() => undefined);
    return child.exitCode ?? undefined;
  }

  open(): Promise<Wire | undefined> {
    const group = new ProcessGroup(this.#command, ['pipe', 'pipe', 'ignore']);
    this.#groups.add(group);
    this.#last = group;
    const { stdin, stdout } = group.child;
    return new Promise((resolve) => {
      group.child.on('error', () => resolve(undefined));
      if (stdin === null || stdout === null) {
        resolve(undefined);
        return;
      }
      group.child.once('spawn', () => resolve(this.#wire(group, stdin, stdout)));
    });
  }

  close(): void {
    this.#tables?.close();
    for (const group of this.#groups) {
      void group.stop();
    }
  }

  #wire(group: ProcessGroup, stdin: Writable, stdout: Readable): Wire {
    // An error of the input needs no handling: when the program has ended, its output ends, too.
    stdin.on('error', () => undefined);
    stdout.once('close', () => {
      this.#groups.delete(group);
      void group.stop();
    });
    const gate = patientAtFirst(openGate(this.#tables, stdin));
    return { output: stdin, input: stdout, gate };
  }
}
