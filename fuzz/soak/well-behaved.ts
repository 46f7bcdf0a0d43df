// The well-behaved client. It asks again and again, leaves in order now and then, and connects again. It
// compares every answer with the right one.

import { connect as connectSocket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { framed, lengthPrefixed, messages } from '../../src/entries/main.ts';
import { connect as connectPeer } from '../../src/entries/peer.ts';
import { random } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';
import { randomBytes } from '../targets/target.ts';
import type { ServerName } from './wire.ts';

export interface WellBehavedReport {
  readonly answers: number;
  /** Number of answers that were wrong, late or missing, and what was wrong with the first few. */
  readonly wrong: number;
  readonly firstWrong: readonly string[];
  /** Time until an answer in ms: median, 99th percentile, maximum. */
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

interface Client {
  /** Whether the answer is right. */
  ask(bytes: Uint8Array): Promise<boolean>;
  leave(): Promise<void>;
}

/** Time in ms after which an answer counts as missing. */
const PATIENCE_MS = 30_000;
/**
 * Time in ms that a new connection may take. Node accepts one connection in each turn of its event loop. If
 * the backlog is full, the kernel tries again after 1, 3, 7, 15 and 31 s.
 */
const CONNECT_PATIENCE_MS = 60_000;
/** Number of answers after which a client leaves and the next one connects. */
const ASKS_EACH = 25;
/** Pause in ms between an answer and the next question. */
const REST_MS = 10;
const SHOWN = 3;

const isSame = (one: Uint8Array | undefined, other: Uint8Array): boolean =>
  one !== undefined && Buffer.compare(one, other) === 0;

function frames(port: number): Client {
  const connection = framed(connectSocket({ port, host: '127.0.0.1' }), lengthPrefixed());
  return {
    ask: async (bytes) => {
      await connection.send(bytes);
      return isSame(await connection.receive({ timeout: PATIENCE_MS }), bytes);
    },
    leave: () => connection.close({ within: PATIENCE_MS }),
  };
}

function messagesClient(port: number): Client {
  const connection = framed(connectSocket({ port, host: '127.0.0.1' }), messages());
  let id = 0;
  return {
    ask: async (body) => {
      await connection.send({ header: { id: ++id }, body });
      const answer = await connection.receive({ timeout: PATIENCE_MS });
      return answer?.header['id'] === id && isSame(answer.body, body);
    },
    leave: () => connection.close({ within: PATIENCE_MS }),
  };
}

async function peers(port: number): Promise<Client> {
  const limits = { helloTimeout: CONNECT_PATIENCE_MS, timeout: CONNECT_PATIENCE_MS };
  const peer = await connectPeer({ port, host: '127.0.0.1' }, limits);
  let id = 0;
  const throughChannel = async (bytes: Uint8Array): Promise<boolean> => {
    const channel = peer.open('echo');
    channel.end(bytes);
    const got: Buffer[] = [];
    for await (const piece of channel) {
      got.push(piece);
    }
    return isSame(Buffer.concat(got), bytes);
  };
  return {
    ask: async (body) => {
      if (++id % 4 === 0) {
        return throughChannel(body);
      }
      const answer = await peer.request('echo', id, { body, timeout: PATIENCE_MS });
      return answer.result === id && isSame(answer.body, body);
    },
    leave: async () => {
      await peer.close();
      if (peer.failure !== undefined) {
        throw peer.failure;
      }
    },
  };
}

const clients: Readonly<Record<ServerName, (port: number) => Client | Promise<Client>>> = {
  frames,
  messages: messagesClient,
  peers,
};

/** Asks until `signal` aborts. */
export class WellBehaved {
  readonly #latencies: number[] = [];
  readonly #source: Random;
  readonly #connect: () => Client | Promise<Client>;
  readonly #firstWrong: string[] = [];
  #wrong = 0;

  constructor(language: ServerName, port: number, seed: number) {
    this.#source = random(seed);
    this.#connect = () => clients[language](port);
  }

  async run(signal: AbortSignal): Promise<WellBehavedReport> {
    while (!signal.aborted) {
      try {
        await this.#visit(signal);
      } catch (error) {
        this.#blame(error instanceof Error ? error.message : String(error));
        await pause(REST_MS);
      }
    }
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
    return {
      answers: sorted.length,
      wrong: this.#wrong,
      firstWrong: this.#firstWrong,
      median: at(0.5),
      p99: at(0.99),
      worst: at(1),
    };
  }

  /** Runs one client from its connection to its orderly end. */
  async #visit(signal: AbortSignal): Promise<void> {
    const client = await this.#connect();
    for (let asked = 0; asked < ASKS_EACH && !signal.aborted; asked++) {
      const length = this.#source.pick([1, 100, 5000, this.#source.between(1, 100_000)]);
      const begun = performance.now();
      const isRight = await client.ask(randomBytes(this.#source, length));
      this.#latencies.push(performance.now() - begun);
      if (!isRight) {
        this.#blame(`the answer to ${length} bytes was wrong`);
      }
      await pause(REST_MS);
    }
    await client.leave();
  }

  #blame(what: string): void {
    this.#wrong++;
    if (this.#firstWrong.length < SHOWN) {
      this.#firstWrong.push(what);
    }
  }
}
