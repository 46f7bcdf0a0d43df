// The commands of one connection. Joins requests with their channels, limits how many commands run at once,
// and passes signals on.

import type { Readable, Writable } from 'node:stream';
import type { Channel, Json, Peer } from '../../../src/entries/peer.ts';
import { RemoteError } from '../../../src/entries/peer.ts';
import type { Audit } from './audit.ts';
import { checkFolder, startChild } from './child.ts';
import type { Child } from './child.ts';
import type { Launch } from './program.ts';
import { toFolder, toLaunch } from './policy.ts';
import type { Policy } from './policy.ts';
import { readFolderQuestion, readId, readOrder, readResize } from '../both/protocol.ts';
import { readSignal, refuse } from '../both/protocol.ts';
import type { Order } from '../both/protocol.ts';
import { startOnTerminal } from './terminal.ts';
import { runCommand } from './run-command.ts';
import type { Outcome } from './run-command.ts';

export interface House {
  readonly policy: Policy;
  readonly audit: Audit;
  /** The environment of the server. Commands get only a few variables of it. */
  readonly env: NodeJS.ProcessEnv;
}

/** The channels of a command that have arrived before its request. */
interface Waiting {
  readonly stdio?: Channel;
  readonly stderr?: Channel;
}

export class Commands {
  readonly #house: House;
  readonly #client: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #running = new Map<number, Child | undefined>();
  /** Signals that came while their command was being started. */
  readonly #early = new Map<number, NodeJS.Signals>();
  readonly #over = new Set<Promise<unknown>>();

  constructor(peer: Peer, house: House) {
    this.#house = house;
    this.#client = peer.remoteAddress ?? 'unknown';
    peer.handleChannel('stdio', (channel, params) => this.#keep(params, channel, 'stdio'));
    peer.handleChannel('stderr', (channel, params) => this.#keep(params, channel, 'stderr'));
    peer.handle('exec', (params, { signal }) => this.#exec(params, signal));
    peer.handle('folder', (params) => {
      const folder = toFolder(readFolderQuestion(params), house.policy);
      checkFolder(folder);
      return { folder };
    });
    peer.handleEvent('signal', (params) => this.#signal(readId(params), readSignal(params)));
    peer.handleEvent('resize', (params) => {
      this.#running.get(readId(params))?.resize(readResize(params));
    });
  }

  get running(): number {
    return this.#running.size;
  }

  /** Resolves when the commands that run now have ended. Await it after the end of the connection. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#over);
  }

  #signal(id: number, signal: NodeJS.Signals): void {
    const child = this.#running.get(id);
    if (child !== undefined) {
      child.group.signal(signal);
    } else if (this.#running.has(id)) {
      this.#early.set(id, signal);
    }
  }

  #keep(params: Json, channel: Channel, part: 'stdio' | 'stderr'): void {
    const id = readId(params);
    // Reads and writes report a broken channel. A channel that nobody uses must not end the server.
    channel.on('error', () => undefined);
    this.#waiting.set(id, { ...this.#waiting.get(id), [part]: channel });
    channel.once('close', () => this.#waiting.delete(id));
  }

  async #exec(params: Json, signal: AbortSignal): Promise<Json> {
    const order = readOrder(params);
    const { stdio, stderr } = this.#waiting.get(order.id) ?? {};
    this.#waiting.delete(order.id);
    if (stdio === undefined || stderr === undefined || this.#running.has(order.id)) {
      this.#checkBusy(); // A client that starts far too many commands also has too few channels: say "busy".
      throw refuse(
        'E_ORDER',
        'Open the channels stdio and stderr of this id first, with a new id.',
      );
    }
    const over = this.#attempt(order, { stdin: stdio, stdout: stdio, stderr }, signal);
    this.#over.add(over);
    try {
      const { code, signal: endedBy, limit } = await over;
      return limit === undefined ? { code, signal: endedBy } : { code, signal: endedBy, limit };
    } catch (error) {
      stdio.reset('not run');
      stderr.reset('not run');
      throw error;
    } finally {
      this.#over.delete(over);
    }
  }

  #checkBusy(): void {
    const { maxCommands } = this.#house.policy;
    if (this.#running.size >= maxCommands) {
      throw refuse(
        'E_BUSY',
        `One connection may run ${maxCommands} commands at once; wait for one to end.`,
      );
    }
  }

  async #attempt(
    order: Order,
    streams: { stdin: Readable; stdout: Writable; stderr: Writable },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { audit, policy } = this.#house;
    const startedAt = performance.now();
    const facts = { client: this.#client, id: order.id, argv: order.argv };
    const child = await this.#start(order, facts);
    try {
      const outcome = await runCommand(child, streams, { ...policy, signal });
      const { code, signal: endedBy, limit, stdoutLength, stderrLength } = outcome;
      const ms = Math.round(performance.now() - startedAt);
      const gone = signal.aborted ? true : undefined;
      const ended = { code, signal: endedBy, limit, gone, stdoutLength, stderrLength, ms };
      void audit('exit', { client: this.#client, id: order.id, ...ended });
      return outcome;
    } finally {
      this.#running.delete(order.id);
    }
  }

  async #start(order: Order, facts: Parameters<Audit>[1]): Promise<Child> {
    const { audit, policy, env } = this.#house;
    try {
      this.#checkBusy();
      const launch = toLaunch(order, policy, env);
      // Count the command now, so that two requests that come together count as two.
      this.#running.set(order.id, undefined);
      const { shell, cwd } = { shell: order.shell === true ? true : undefined, cwd: launch.cwd };
      const isNoted = await audit('exec', {
        ...facts,
        shell,
        cwd,
        terminal: order.terminal !== undefined,
      });
      if (!isNoted) {
        throw refuse(
          'E_NOT_STARTED',
          'The audit log cannot be written, so the command was not run.',
        );
      }
      const child = await start(launch, order);
      this.#running.set(order.id, child);
      const early = this.#early.get(order.id);
      if (early !== undefined) {
        child.group.signal(early);
      }
      return child;
    } catch (error) {
      this.#running.delete(order.id);
      const reason = error instanceof RemoteError ? error.remoteCode : 'E_NOT_STARTED';
      void audit('deny', { ...facts, reason });
      throw error;
    } finally {
      this.#early.delete(order.id);
    }
  }
}

async function start(launch: Launch, { terminal }: Order): Promise<Child> {
  return terminal === undefined ? startChild(launch) : startOnTerminal(launch, terminal);
}
