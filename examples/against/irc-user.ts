// A user of IRC for the comparison: a raw connection that answers PING.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A user of IRC, in one channel. */
export class IrcUser {
  readonly socket: Socket;
  readonly #waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').on('error', () => undefined);
    createInterface({ input: this.socket }).on('line', (line) => {
      if (line.startsWith('PING')) {
        this.send(line.replace('PING', 'PONG'));
      }
      const at = this.#waiting.findIndex(({ pattern }) => pattern.test(line));
      if (at >= 0) {
        this.#waiting.splice(at, 1)[0]?.resolve(line);
      }
    });
  }

  /** A user who is in the channel #lobby. */
  static async in(port: number, nick: string): Promise<IrcUser> {
    const user = new IrcUser(port);
    const joined = user.hears(/ 366 /);
    user.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`, 'JOIN #lobby');
    await joined;
    return user;
  }

  send(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Resolves with the next line that matches. */
  hears(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
  }
}
