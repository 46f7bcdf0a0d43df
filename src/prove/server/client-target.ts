// A client under test. A shell command starts it, and it connects to a port that the prover opens and gets
// the answers of a recorded server. Its answer is the bytes that it sends, then its output, then how it
// exits.
//
// A dialogue is the script of one connection. If the client opens another connection, the prover resets that
// connection and notes it in the answer: a client that tries again after a cut has not understood the cut
// bytes. If the client opens another connection although all answers came whole, it cannot be judged.

import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { openGate } from '../../deliver/gate.ts';
import { KernelTables } from '../../deliver/kernel-tables.ts';
import { ProcessGroup } from './process-group.ts';
import type { Target, Wire } from './target.ts';
import { withPort } from './where.ts';

/** Time in ms that a client may take to connect. */
const CONNECT_TIME = 10_000;
/**
 * Maximum number of bytes of standard output, and likewise of standard error, that are compared. A client
 * that prints for ever must not fill the memory.
 */
const OUTPUT_KEPT = 1024 * 1024;
const SEVERAL =
  'the client opens more than one connection, but a dialogue is the script of one; let the client use one (no retry, no pool, no second channel such as that of FTP for files), or record and prove each connection with its own client';

export class ClientTarget implements Target {
  readonly name: string;
  readonly #command: string;
  readonly #tables = KernelTables.open();
  readonly #groups = new Set<ProcessGroup>();
  #problem: string | undefined;
  #doubt: string | undefined;

  constructor(command: string) {
    this.#command = command;
    this.name = `client: ${command}`;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get doubt(): string | undefined {
    return this.#doubt;
  }

  /** Always resolves to false: only the prover listens, and the client connects to it. */
  isListening(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async open(): Promise<Wire | undefined> {
    const server = net.createServer({ noDelay: true, allowHalfOpen: true });
    server.on('error', () => undefined);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo; // A TCP server that listens has one.
    const group = new ProcessGroup(withPort(this.#command, port), ['ignore', 'pipe', 'pipe']);
    this.#groups.add(group);
    const printed = collect(group);
    const socket = await this.#connected(server, group);
    if (socket === undefined) {
      server.close();
      this.#groups.delete(group);
      await group.stop();
      return undefined;
    }
    return this.#wire({ server, socket, group }, printed);
  }

  close(): void {
    this.#tables?.close();
    for (const group of this.#groups) {
      void group.stop();
    }
  }

  /**
   * Resolves with the connection of the client, or with `undefined` if the client cannot be started, ends
   * without a connection, or takes too long to connect.
   */
  #connected(server: net.Server, group: ProcessGroup): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const give = (problem: string) => (): void => {
        this.#problem = problem;
        settle(undefined);
      };
      const timer = setTimeout(give('it did not connect'), CONNECT_TIME);
      const settle = (socket: Socket | undefined): void => {
        clearTimeout(timer);
        resolve(socket);
      };
      server.once('connection', settle);
      group.child.once('error', give('it cannot be started'));
      group.child.once('exit', () => give(`it ${group.ending} before it connected`)());
    });
  }

  #wire({ server, socket, group }: Connected, printed: () => Buffer): Wire {
    const input = new PassThrough();
    let again = '';
    // A reset needs no handling here, because it shows as the end of what the client sends.
    socket.on('error', () => undefined);
    socket.pipe(input, { end: false });
    const finish = (ending: string): void => {
      if (!input.destroyed && !input.writableEnded) {
        input.end(Buffer.concat([printed(), Buffer.from(`\n${again}[${ending}]\n`)]));
      }
    };
    server.on('connection', (other: Socket) => {
      other.on('error', () => undefined);
      other.resetAndDestroy();
      this.#doubt = SEVERAL;
      again = '[connected again]\n';
      if (socket.readableEnded || socket.destroyed) {
        // Do not wait for the client any longer: it may try for ever.
        finish('was not waited for');
      }
    });
    const exited = (): void => finish(group.ending);
    if (group.alive) {
      // 'close' of the child comes after its exit, when its output has been read to the end.
      group.child.once('close', () => (socket.readableEnded ? exited() : drained(socket, exited)));
    } else {
      exited();
    }
    input.once('close', () => {
      server.close();
      socket.destroy();
      this.#groups.delete(group);
      void group.stop();
    });
    return { output: socket, input, gate: openGate(this.#tables, socket) };
  }
}

/** A client, its first connection, and the server to which it would make further connections. */
interface Connected {
  readonly server: net.Server;
  readonly socket: Socket;
  readonly group: ProcessGroup;
}

/**
 * Calls `finish` when the socket was read to its end, and when it is closed. So `finish` may be called twice.
 */
function drained(socket: Socket, finish: () => void): void {
  socket.once('end', finish).once('close', finish);
}

/**
 * Returns a function that gives what a client has printed so far: standard output, then standard error, at most
 * OUTPUT_KEPT bytes of each.
 */
function collect({ child }: ProcessGroup): () => Buffer {
  const outputs = [child.stdout, child.stderr].map((stream) => keep(stream));
  return () => Buffer.concat(outputs.flatMap((chunks) => chunks()));
}

function keep(stream: Readable | null): () => readonly Buffer[] {
  const chunks: Buffer[] = [];
  let length = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (length < OUTPUT_KEPT) {
      chunks.push(chunk.subarray(0, OUTPUT_KEPT - length));
      length += chunk.length;
    }
  });
  return () => chunks;
}
