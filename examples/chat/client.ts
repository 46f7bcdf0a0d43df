// The chat client as a program, for a terminal or a pipe.
//
//   npx tsx examples/chat/client.ts --port 9000 --nick 小明
//   printf 'hello\nbye\n' | npx tsx examples/chat/client.ts --port 9000 --nick robot

import { once } from 'node:events';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { framed, messages } from '../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../src/entries/main.ts';
import { Complaint, complaintOf, portOf, readArgs, runProgram } from '../support/program.ts';
import { quoted } from '../support/shown.ts';
import { readEvent, written } from './protocol.ts';
import type { ChatEvent, Command } from './protocol.ts';
import { lineOf, visible } from './terminal/display.ts';
import { inputOf } from './terminal/input.ts';
import { Places } from './terminal/places.ts';
import { Prompt } from './terminal/prompt.ts';
import { Pulse } from './terminal/pulse.ts';

/** The longest body is a list of all users, which may be a thousand names. */
const MAX_BODY_LENGTH = 1024 * 1024;

/** Time in ms before the client connects again. It doubles with each attempt, up to LAST_WAIT_MS. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 5000;

/**
 * The next typed line waits for the server's answer to these commands. '' stands for a refusal that names no
 * command: it may be the answer to one of them.
 */
const AWAITED: readonly string[] = ['hello', 'join', 'leave', ''];

type Server = Connection<OutgoingMessage, Message>;

/** How a client is started. */
interface Wishes {
  readonly nick: string;
  readonly room: string;
  /** Connects again when the connection is lost. */
  readonly reconnect: boolean;
}

class ChatClient {
  readonly #dial: () => Promise<Server>;
  readonly #prompt: Prompt;
  readonly #reconnect: boolean;
  #server: Server;
  readonly #places: Places;
  /** Set when the connection is lost, until a server answers again. The client keeps trying to connect. */
  #isLost = false;
  /** First the name that the user asked for, then the name that the server gave. */
  #nick: string;
  #isIn = false;
  /** The server has let this user in at least once. */
  #wasIn = false;
  #hasSaidBye = false;
  /** Resolves when the server answers a command that is AWAITED. */
  #answered: Promise<void> = Promise.resolve();
  #answer: () => void = () => undefined;

  constructor(
    link: { readonly server: Server; readonly dial: () => Promise<Server> },
    prompt: Prompt,
    { nick, room, reconnect }: Wishes,
  ) {
    this.#server = link.server;
    this.#dial = link.dial;
    this.#prompt = prompt;
    this.#reconnect = reconnect;
    this.#nick = nick;
    this.#places = new Places(room);
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  destroy(): void {
    this.#server.destroy();
  }

  /** Resolves after the server's last message, the answer to `bye`. Throws if the user was not let in. */
  async run(): Promise<void> {
    const listening = this.#listen().finally(() => {
      this.#answer();
      this.#prompt.close();
    });
    await this.#hello(this.#nick);
    await Promise.all([listening, this.#type()]);
    if (!this.#isIn) {
      throw new Complaint(`Not let in as ${quoted(this.#nick)}.`);
    }
  }

  /** Listens until the server's last message. Connects again whenever the connection is lost. */
  async #listen(): Promise<void> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LAST_WAIT_MS)) {
      try {
        await this.#hear();
        return;
      } catch (error) {
        this.#server.destroy();
        if (!this.#isLost) {
          if (!this.#reconnect || !this.#wasIn || this.#hasSaidBye) {
            throw error;
          }
          this.#prompt.print(`! ${complaintOf(error)} Trying again; what you type is not sent.`);
          this.#isLost = true;
          this.#answer();
          wait = FIRST_WAIT_MS;
        }
      }
      await sleep(wait);
      if (this.#hasSaidBye) {
        return;
      }
    }
  }

  async #hear(): Promise<void> {
    if (this.#isLost) {
      this.#server = await this.#dial();
      await this.#server.send(written({ type: 'hello', nick: this.#nick }));
    }
    const pulse = new Pulse(this.#server);
    try {
      await this.#hearAll(pulse);
    } catch (error) {
      throw pulse.isSilent ? new Complaint('The server does not answer any more.') : error;
    } finally {
      pulse.stop();
    }
  }

  async #hearAll(pulse: Pulse): Promise<void> {
    for await (const message of this.#server) {
      pulse.beat();
      if (this.#isLost) {
        this.#find();
      }
      const event = readEvent(message);
      if (event === undefined || event.type === 'pong') {
        continue;
      } // A newer server may say more than this client knows.
      if (event.type === 'bye' && event.why === 'lost') {
        break;
      } // The server refused what we sent, and has said why.
      this.#prompt.print(lineOf(event, this.#nick));
      await this.#react(event);
      if (event.type === 'bye') {
        return;
      }
    }
    throw new Complaint('The server ended the connection.');
  }

  /**
   * Notes that the server has answered again. An open connection does not prove that, because the kernel
   * still accepts connections for a server that is being killed.
   */
  #find(): void {
    this.#isLost = false;
    this.#isIn = false;
    this.#expectAnswer();
    this.#prompt.print('* connected again');
  }

  async #react(event: ChatEvent): Promise<void> {
    if (event.type === 'welcome') {
      this.#isIn = true;
      this.#wasIn = true;
      this.#nick = event.nick;
      const rooms = this.#places.begin();
      for (const room of rooms) {
        await this.#send({ type: 'join', room });
      }
      if (rooms.length === 0) {
        this.#answer();
      }
    } else if (event.type === 'left' && event.nick === this.#nick) {
      this.#places.leave(event.room);
      this.#answer();
    } else if (event.type === 'joined') {
      this.#places.enter(event.room);
      this.#answer();
    } else if (event.type === 'refused') {
      if (event.command === 'join') {
        this.#places.refuse();
      }
      if (event.code === 'nick-taken') {
        this.#prompt.print('! Choose another: /nick NAME');
      }
      if (AWAITED.includes(event.command)) {
        this.#answer();
      }
    } else {
      return;
    }
    this.#ask();
  }

  /**
   * Carries out typed lines one by one. After an AWAITED command the next line waits for the server's answer,
   * because it may depend on that. This holds for lines from a pipe, too.
   */
  async #type(): Promise<void> {
    for await (const line of this.#prompt.lines) {
      await this.#answered;
      await this.#do(line);
      this.#ask();
      if (this.#hasSaidBye) {
        return;
      }
    }
    await this.#answered;
    if (!this.#hasSaidBye) {
      await this.#bye();
    } // Ctrl-D, or the end of the pipe.
  }

  async #do(line: string): Promise<void> {
    const input = inputOf(line, this.#places.current);
    if (input.kind === 'print') {
      this.#prompt.print(input.text);
    } else if (input.kind === 'nick') {
      await this.#hello(input.nick);
    } else if (input.kind === 'room') {
      this.#go(input.room);
    } else if (input.kind === 'command') {
      if (input.command.type === 'bye') {
        await this.#bye();
      } else if (!this.#isIn) {
        this.#prompt.print('! You are not in yet: /nick NAME first');
      } else {
        await this.#command(input.command);
      }
    }
  }

  async #command(command: Command): Promise<void> {
    if (AWAITED.includes(command.type) && !this.#isLost) {
      this.#expectAnswer();
    }
    if (command.type === 'join' && !this.#isLost) {
      this.#places.ask(command.room);
    }
    await this.#send(command);
  }

  #go(room: string): void {
    if (!this.#places.go(room)) {
      this.#prompt.print(visible(`! You are not in ${room}; /join ${room} enters it.`));
    }
  }

  async #hello(nick: string): Promise<void> {
    if (!this.#isIn) {
      this.#nick = nick;
    }
    if (!this.#isLost) {
      this.#expectAnswer();
    }
    await this.#send({ type: 'hello', nick });
  }

  #expectAnswer(): void {
    this.#answered = new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  async #bye(): Promise<void> {
    this.#hasSaidBye = true;
    await this.#send({ type: 'bye' });
  }

  /**
   * Sends a command, or says that there is no connection. Waits while the server reads slowly, so that a
   * program that writes our standard input waits, too.
   */
  async #send(command: Command): Promise<void> {
    if (!this.#isLost) {
      try {
        return await this.#server.send(written(command));
      } catch (error) {
        if (!this.#reconnect || !this.#wasIn) {
          throw error;
        } // The connection is breaking, as #listen is about to say.
      }
    }
    if (command.type !== 'bye') {
      this.#prompt.print('! Not sent: there is no connection.');
    }
  }

  #ask(): void {
    if (!this.#hasSaidBye) {
      this.#prompt.ask(this.#isIn ? `[${visible(this.#places.current)}] ` : '/nick? ');
    }
  }
}

await runProgram(async () => {
  const { values } = readArgs(
    'A chat client. /help at its prompt lists the commands; exit, quit, bye and Ctrl-D leave.',
    {
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        nick: { type: 'string', default: userInfo().username },
        room: { type: 'string', default: 'lobby' },
        reconnect: { type: 'boolean' },
      },
    },
  );
  const where = { port: portOf(values.port), host: values.host };
  const dial = async (): Promise<Server> => {
    const socket = connect(where);
    await once(socket, 'connect');
    return framed(socket, messages({ maxBodyLength: MAX_BODY_LENGTH }));
  };
  const server = await dial();
  const { stdin, stdout } = process;
  const prompt = new Prompt({
    input: stdin,
    output: stdout,
    isTerminal: stdin.isTTY && stdout.isTTY && process.env['TERM'] !== 'dumb',
  });
  const reconnect = values.reconnect ?? prompt.isTerminal;
  const client = new ChatClient({ server, dial }, prompt, { ...values, reconnect });
  try {
    await client.run();
    await client.close();
  } finally {
    prompt.close();
    client.destroy();
  }
});
