// The client: connects, proves that it has the token, and runs any number of commands at once. It knows
// nothing of this process and its terminal; `run-here.ts` joins a command with these.

import type { Readable, Writable } from 'node:stream';
import { connect, RemoteError } from '../../../src/entries/peer.ts';
import type { Json, Peer } from '../../../src/entries/peer.ts';
import { resolveHost } from '../both/address.ts';
import { admitServer } from '../both/handshake.ts';
import { PEER_LIMITS, readEnding, readFolder } from '../both/protocol.ts';
import type { Ending, Order, WindowSize } from '../both/protocol.ts';
import { lossOf, Trouble } from '../both/trouble.ts';
import { reasonOf } from '../../support/shown.ts';

export interface ShellClientOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** The certificate to trust. Without it the connection is not encrypted. */
  readonly ca?: string | Buffer | undefined;
  readonly signal?: AbortSignal;
}

/** A command that runs on the server. */
export interface RemoteCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** How the command ended. It arrives after both outputs, so read both to their end. */
  readonly ended: Promise<Ending>;
  /** Sends a signal to the process group of the command. */
  signal(name: NodeJS.Signals): void;
  resize(window: WindowSize): void;
  /** Gives the command up. The server then ends its process group. */
  abandon(): void;
}

/** Time in ms that the server may take to end the connection. */
const PARTING_MS = 1000;

export async function connectShell(options: ShellClientOptions): Promise<ShellClient> {
  const { port, token, ca, signal } = options;
  const host = await resolveHost(options.host, ca !== undefined);
  const servername = options.host === host ? {} : { servername: options.host };
  const peer = await connect(
    { host, port, ...(ca === undefined ? {} : { tls: { ca, ...servername } }) },
    {
      ...PEER_LIMITS,
      // A client that is stopped (Ctrl-Z) inside a message goes on with the message later, so set no limit.
      frameTimeout: Infinity,
      // A user may also read a page of output for as long as it takes.
      channelTimeout: Infinity,
      admit: (duplex, given) => admitServer(duplex, token, given),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  return new ShellClient(peer);
}

export class ShellClient {
  readonly #peer: Peer;
  #count = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Resolves when the connection has ended, for whatever reason. */
  get closed(): Promise<unknown> {
    return this.#peer.closed;
  }

  /** Why the connection has ended. Valid after `closed` has resolved. */
  get loss(): Trouble {
    const { failure } = this.#peer;
    return lossOf(failure) ?? new Trouble(reasonOf(failure));
  }

  /** The whole path of a folder on the server, relative to `from`. Rejects if it cannot be entered. */
  async folder(path: string, from?: string): Promise<string> {
    const params = from === undefined ? { path } : { path, from };
    return readFolder((await this.#peer.request('folder', params)).result);
  }

  start(order: Omit<Order, 'id'>): RemoteCommand {
    const id = ++this.#count;
    const peer = this.#peer;
    const abandoned = new AbortController();
    const stdio = peer.open('stdio', { id });
    const stderr = peer.open('stderr', { id });
    stderr.end();
    const answer = peer.request('exec', toParams(id, order), { signal: abandoned.signal });
    // Reads and `ended` report a broken stream, so these listeners do nothing.
    for (const channel of [stdio, stderr]) {
      channel.on('error', () => undefined);
    }
    // A command that was not run has no outputs.
    answer.catch(() => {
      stdio.destroy();
      stderr.destroy();
    });
    return {
      stdin: stdio,
      stdout: stdio,
      stderr,
      ended: answer.then(({ result }) => readEnding(result)),
      signal: (name) => quietly(peer.notify('signal', { id, signal: name })),
      resize: (window) => quietly(peer.notify('resize', { id, window: { ...window } })),
      abandon() {
        abandoned.abort();
        stdio.destroy();
        stderr.destroy();
      },
    };
  }

  /** Closes the connection in order, so that the server does not log a lost one. Never rejects. */
  async close(): Promise<void> {
    // All answers are here, so ignore a server that is slow to end the connection.
    await this.#peer.close({ within: PARTING_MS }).catch(() => undefined);
  }

  destroy(): void {
    this.#peer.destroy();
  }
}

/** Ignores that an event cannot be sent any more, because its command has ended. */
function quietly(sent: Promise<unknown>): void {
  sent.catch(() => undefined);
}

function toParams(id: number, { argv, shell, cwd, env, terminal }: Omit<Order, 'id'>): Json {
  return {
    id,
    argv: [...argv],
    ...(shell === undefined ? {} : { shell }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(terminal === undefined ? {} : { terminal: { ...terminal } }),
  };
}

/** Why the server did not run a command, if the error says that. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof RemoteError ? error.remoteCode : undefined;
}
