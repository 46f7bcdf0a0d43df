// The chat client as a program, for a terminal or a pipe.
//
//   npx tsx examples/chat/client.ts --port 9000 --nick 小明
//   printf 'hello\nbye\n' | npx tsx examples/chat/client.ts --port 9000 --nick robot

import { once } from 'node:events';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { framed, messages } from '../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../src/entries/main.ts';
import { Complaint, portOf, runProgram } from '../support/program.ts';
import { readEvent, written } from './protocol.ts';
import type { ChatEvent, Command } from './protocol.ts';
import { lineOf, visible } from './terminal/display.ts';
import { inputOf } from './terminal/input.ts';
import { Prompt } from './terminal/prompt.ts';

/** The longest body is a list of all users, which may be a thousand names. */
const MAX_BODY_LENGTH = 1024 * 1024;

type Server = Connection<OutgoingMessage, Message>;

class ChatClient {
  readonly #server: Server;
  readonly #prompt: Prompt;
  readonly #firstRoom: string;
  /** The name that the user asked for, and then the name that the server gave. */
  #nick: string;
  #isIn = false;
  /** The room that typed lines go to, and the room before the user asked for another. */
  #room: string;
  #lastRoom = '';
  #hasSaidBye = false;
  /** Resolves with the server's answer to the hello. */
  #answered: Promise<void> = Promise.resolve();
  #answer: () => void = () => undefined;

  constructor(server: Server, prompt: Prompt, { nick, room }: { nick: string; room: string }) {
    this.#server = server;
    this.#prompt = prompt;
    this.#nick = nick;
    this.#firstRoom = room;
    this.#room = room;
  }

  /** Resolves after the server's last message, which comes after `bye`. */
  async run(): Promise<void> {
    const listening = this.#listen().finally(() => {
      this.#answer();
      this.#prompt.close();
    });
    await this.#hello(this.#nick);
    await Promise.all([listening, this.#type()]);
    if (!this.#isIn) {
      throw new Complaint(`Not let in as ${this.#nick}.`);
    }
  }

  async #listen(): Promise<void> {
    for await (const message of this.#server) {
      const event = readEvent(message);
      if (event === undefined) {
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

  async #react(event: ChatEvent): Promise<void> {
    if (event.type === 'welcome') {
      this.#isIn = true;
      this.#nick = event.nick;
      await this.#send({ type: 'join', room: this.#firstRoom });
    } else if (event.type === 'joined') {
      this.#lastRoom = event.room;
      this.#room = event.room;
      this.#answer();
    } else if (event.type === 'refused') {
      if (event.command === 'join') {
        this.#room = this.#lastRoom;
      }
      if (event.code === 'nick-taken') {
        this.#prompt.print('! Choose another: /nick NAME');
      }
      this.#answer();
    } else {
      return;
    }
    this.#ask();
  }

  /** Carries out typed lines one by one, after the server's answer to the hello. */
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
    const input = inputOf(line, this.#room);
    if (input.kind === 'print') {
      this.#prompt.print(input.text);
    } else if (input.kind === 'nick') {
      await this.#hello(input.nick);
    } else if (input.kind === 'room') {
      this.#room = input.room;
    } else if (input.kind === 'command') {
      if (input.command.type === 'bye') {
        await this.#bye();
      } else if (!this.#isIn) {
        this.#prompt.print('! You are not in yet: /nick NAME first');
      } else {
        if (input.command.type === 'join') {
          this.#room = input.command.room;
        }
        await this.#send(input.command);
      }
    }
  }

  async #hello(nick: string): Promise<void> {
    if (!this.#isIn) {
      this.#nick = nick;
    }
    this.#answered = new Promise((resolve) => {
      this.#answer = resolve;
    });
    await this.#send({ type: 'hello', nick });
  }

  async #bye(): Promise<void> {
    this.#hasSaidBye = true;
    await this.#send({ type: 'bye' });
  }

  /** Waits while the server is behind. Then the program that writes our standard input waits, too. */
  async #send(command: Command): Promise<void> {
    await this.#server.send(written(command));
  }

  #ask(): void {
    if (!this.#hasSaidBye) {
      this.#prompt.ask(this.#isIn ? `[${visible(this.#room)}] ` : '/nick? ');
    }
  }
}

await runProgram(async () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      nick: { type: 'string', default: userInfo().username },
      room: { type: 'string', default: 'lobby' },
    },
  });
  const socket = connect({ port: portOf(values.port), host: values.host });
  await once(socket, 'connect');
  const server = framed(socket, messages({ maxBodyLength: MAX_BODY_LENGTH }));
  const { stdin, stdout } = process;
  const prompt = new Prompt({
    input: stdin,
    output: stdout,
    isTerminal: stdin.isTTY && stdout.isTTY && process.env['TERM'] !== 'dumb',
  });
  try {
    await new ChatClient(server, prompt, values).run();
    await server.close();
  } finally {
    prompt.close();
    server.destroy();
  }
});
