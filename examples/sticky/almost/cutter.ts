// A proxy between client and server, which stands for a network with delays. It delivers each answer in two
// pieces. It sends the second piece only after the client has reported that it received the first. So it is
// certain what one recv() of the client returns, whatever the time that anything takes.

import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { listeningPort } from '../stage/serve-each.ts';

export class Cutter {
  readonly #server = createServer({ noDelay: true }, (client) => this.#attend(client));
  readonly #serverPort: number;
  readonly #answerLength: number;
  readonly #cuts: readonly number[];
  readonly #news = new EventEmitter();
  readonly #seen = new Map<number, number>();
  #connections = 0;

  /** Every answer has `answerLength` bytes. The answer of connection i is cut after `cuts[i]` bytes. */
  constructor(serverPort: number, answerLength: number, cuts: readonly number[]) {
    this.#serverPort = serverPort;
    this.#answerLength = answerLength;
    this.#cuts = cuts;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return listeningPort(this.#server);
  }

  /** Call it when the client has received this many bytes on its connection. */
  seen(connection: number, bytes: number): void {
    this.#seen.set(connection, bytes);
    this.#news.emit('seen');
  }

  close(): void {
    this.#server.close();
  }

  #attend(client: Socket): void {
    const connection = this.#connections++;
    const server = connect({ port: this.#serverPort, host: '127.0.0.1' });
    const leave = (): void => {
      client.destroy();
      server.destroy();
      this.#news.emit('seen');
    };
    client.on('error', leave).on('close', leave).pipe(server).on('error', leave);
    const chunks: Buffer[] = [];
    let length = 0;
    server.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length === this.#answerLength) {
        void this.#deliver(client, connection, chunks);
      }
    });
  }

  async #deliver(client: Socket, connection: number, chunks: Buffer[]): Promise<void> {
    const answer = Buffer.concat(chunks);
    const cut = this.#cuts[connection] ?? 0;
    client.write(answer.subarray(0, cut));
    while ((this.#seen.get(connection) ?? 0) < cut && !client.destroyed) {
      await once(this.#news, 'seen');
    }
    if (!client.destroyed) {
      client.write(answer.subarray(cut));
    }
  }
}
