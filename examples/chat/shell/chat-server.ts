// The thin shell around the chat. It gets connections from serve(), and commands from messages(). The post
// delivers the chat's events, and the bus connects the chat with other servers. The shell decides only when a
// connection ends.

import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  isUnstickError,
  messages,
  ProtocolError,
  rawBytes,
  serve,
} from '../../../src/entries/main.ts';
import type { FramedServer } from '../../../src/entries/main.ts';
import { complaintOf, stackOf } from '../../support/program.ts';
import { printError } from '../../support/shown.ts';
import { WaitingRoom } from '../../support/waiting-room.ts';
import type { Bus } from '../bus/bus.ts';
import { Chat } from '../core/chat.ts';
import type { Reason } from '../core/chat.ts';
import type { Limits } from '../core/limits.ts';
import { readCommand } from '../protocol.ts';
import { Post } from './post.ts';
import type { Line, PostBox } from './post.ts';

export interface ChatServerOptions {
  readonly port: number;
  readonly host: string;
  /** The name of this server, as users of other servers see it behind the @. */
  readonly name: string;
  readonly limits: Limits;
  readonly bus: Bus;
}

/** Limits of a header (one command) and a body (one text). Real headers and bodies are far shorter. */
const reading = messages({ maxHeaderLength: 4096, maxBodyLength: 64 * 1024 });
/** Time in ms that one message may take to arrive, once it has begun. */
const FRAME_MS = 30_000;
/** Time in ms that a client may be connected without a hello. */
const HELLO_MS = 120_000;
/** Time in ms that a leaving client may take to read what still waits for it. */
const LAST_WORDS_MS = 3000;
/** Time in ms of silence until the kernel probes a client: a computer that is switched off sends nothing. */
const KEEP_ALIVE_MS = 30_000;
/**
 * Minimum number of connections that may be without a hello. With more than this many users, it is the number
 * of users, because they may all come at once. A further connection drops the oldest: see waiting-room.ts.
 */
const LEAST_STRANGERS = 100;
/** Number of connections beyond the limits above, for those that are ending. */
const SPARE_CONNECTIONS = 100;

/** Time in ms since 1970. Unlike Date.now() it never goes back. */
function now(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

/** Prints bugs only. Handlers deal with errors of clients, and start() with a server that cannot listen. */
function warnOfBugs(error: unknown, connection: unknown): void {
  if (connection === undefined || isUnstickError(error)) {
    return;
  }
  for (const line of [complaintOf(error), ...stackOf(error)]) {
    printError(line);
  }
}

export class ChatServer {
  readonly #chat: Chat;
  readonly #post: Post;
  readonly #bus: Bus;
  readonly #server: FramedServer;
  readonly #strangers: WaitingRoom;
  #isClosing = false;

  private constructor({ port, host, name, limits, bus }: ChatServerOptions) {
    const strangers = Math.max(limits.maxUsers, LEAST_STRANGERS);
    this.#strangers = new WaitingRoom(strangers);
    this.#bus = bus;
    this.#chat = new Chat({ server: name, limits, bus, now });
    this.#post = new Post(limits, now);
    this.#server = serve({ read: reading, write: rawBytes() }, (line: Line) => this.#attend(line), {
      port,
      host,
      frameTimeout: FRAME_MS,
      maxConnections: limits.maxUsers + strangers + SPARE_CONNECTIONS,
      onError: warnOfBugs,
    });
  }

  /** Rejects when it cannot listen, or the bus is out of reach. */
  static async start(options: ChatServerOptions): Promise<ChatServer> {
    const server = new ChatServer(options);
    try {
      await server.#server.ready;
      await options.bus.attend(options.name, server.#chat);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get port(): number {
    return this.#server.port;
  }

  get users(): number {
    return this.#chat.users;
  }

  /** Sends all users a notice, and the events that still wait for them. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#server.close({ within: LAST_WORDS_MS });
    await this.#bus.close();
  }

  async #attend(line: Line): Promise<void> {
    const { duplex } = line;
    if (duplex instanceof Socket) {
      duplex.setKeepAlive(true, KEEP_ALIVE_MS);
    }
    const box = this.#post.box(line);
    const why = await this.#converse(line, box);
    await box.close({ type: 'bye', why }, LAST_WORDS_MS);
  }

  /** Carries out one command after the other. Returns how the connection ended. */
  async #converse(line: Line, box: PostBox): Promise<Reason> {
    const visitor = this.#chat.arrive(box);
    const beKnown = this.#strangers.enter(line.duplex);
    const tooLate = setTimeout(() => {
      if (visitor.name === undefined) {
        line.destroy();
      }
    }, HELLO_MS);
    let why: Reason = 'lost';
    try {
      for await (const message of line) {
        const command = readCommand(message);
        this.#chat.handle(visitor, command);
        if (visitor.name !== undefined) {
          beKnown();
        }
        if (command?.type === 'bye') {
          break;
        }
        // Stop reading from a user who writes too fast or does not read the answers.
        const wait = this.#chat.pace(visitor);
        if (wait > 0) {
          await delay(wait);
        }
        await box.caughtUp();
      }
      // A client that ends its connection without `bye` has left as well.
      why = this.#isClosing ? 'closing' : 'bye';
    } catch (error) {
      if (!isUnstickError(error)) {
        throw error;
      }
      if (error instanceof ProtocolError) {
        const text = `That was no message of this chat: ${error.message}`;
        box.answer({ type: 'refused', command: '', code: error.code, text });
      }
    } finally {
      beKnown();
      clearTimeout(tooLate);
      this.#chat.depart(visitor, box.isHopeless ? 'not-reading' : why);
    }
    return why;
  }
}
