// Many hostile connections at a time. When a connection ends, the next one starts. Each has a seed that
// follows from its number.

import type { Socket } from 'node:net';
import { deriveSeed, random } from '../../src/schedule/random.ts';
import { attack } from './attack.ts';
import { behavioursFor } from './behaviours.ts';
import { languageOf } from './wire.ts';
import type { ServerName } from './wire.ts';

export interface CrowdOptions {
  readonly port: number;
  readonly language: ServerName;
  readonly connections: number;
  readonly seed: number;
  /** Maximum time in ms that a connection lives. */
  readonly longestLife: number;
}

export interface CrowdReport {
  /** Number of connections that were established. */
  readonly connected: number;
  /** Number of connections that were not established, by the error of the system. */
  readonly refused: Readonly<Record<string, number>>;
  /** Maximum number of connections at one time. */
  readonly most: number;
  /** Number of times that each behaviour was tried. */
  readonly behaviours: Readonly<Record<string, number>>;
}

/**
 * GROUP new connections start every GROUP_INTERVAL_MS, and none while MOST_CONNECTING wait to be connected.
 * Node accepts one connection in a turn of its loop, and a full backlog in the kernel says nothing about the
 * server.
 */
const GROUP = 20;
const GROUP_INTERVAL_MS = 20;
const MOST_CONNECTING = 200;
/** Maximum time in ms until a connection that has ended is replaced. */
const LONGEST_REST = 1000;

export class Crowd {
  readonly #options: CrowdOptions;
  readonly #behaviours: ReturnType<typeof behavioursFor>;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #gathering: NodeJS.Timeout;
  readonly #tried = new Map<string, number>();
  /** Number of connections still to be started. */
  #due: number;
  #connecting = 0;
  #started = 0;
  #connected = 0;
  readonly #refused = new Map<string, number>();
  #most = 0;
  #isOver = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#behaviours = behavioursFor(options.language);
    this.#due = options.connections;
    this.#gathering = setInterval(() => this.#gather(), GROUP_INTERVAL_MS);
  }

  /** Ends all connections. Resolves with the report when all have closed. */
  async stop(): Promise<CrowdReport> {
    this.#isOver = true;
    clearInterval(this.#gathering);
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    const gone = Array.from(this.#sockets, (socket) => {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy();
      return closed;
    });
    await Promise.all(gone);
    return {
      connected: this.#connected,
      refused: Object.fromEntries(this.#refused),
      most: this.#most,
      behaviours: Object.fromEntries(this.#tried),
    };
  }

  #gather(): void {
    for (let i = 0; i < GROUP && this.#due > 0 && this.#connecting < MOST_CONNECTING; i++) {
      this.#due--;
      this.#begin();
    }
  }

  #after(ms: number, callback: () => unknown): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }

  #begin(): void {
    const { port, language, longestLife } = this.#options;
    const seed = deriveSeed(this.#options.seed, this.#started++);
    const source = random(seed);
    const [name, behaviour] = this.#behaviours[source.below(this.#behaviours.length)] ?? [];
    if (name === undefined || behaviour === undefined) {
      throw new Error('There is no behaviour to choose from.');
    }
    this.#tried.set(name, (this.#tried.get(name) ?? 0) + 1);
    const options = { port, language: languageOf(language), behaviour, seed, longestLife };
    let isConnecting = true;
    const connected = (): void => {
      if (isConnecting) {
        this.#connecting--;
      }
      isConnecting = false;
    };
    this.#connecting++;
    const socket = attack(options, (refusal) => {
      connected();
      this.#sockets.delete(socket);
      if (refusal === undefined) {
        this.#connected++;
      } else {
        this.#refused.set(refusal, (this.#refused.get(refusal) ?? 0) + 1);
      }
      if (!this.#isOver) {
        this.#after(source.below(LONGEST_REST), () => this.#due++);
      }
    });
    socket.once('connect', connected);
    this.#sockets.add(socket);
    this.#most = Math.max(this.#most, this.#sockets.size);
  }
}
