// chop() starts a TCP proxy that cuts, joins, delays and ends streams as a seed or a schedule says, so that
// any client can be tried against any server. The proxy knows no wire format, and changes no byte unless a
// fault asks for it.

import { once } from 'node:events';
import net from 'node:net';
import type { Server } from 'node:net';
import { unwatchAbort, watchAbort } from '../abort.ts';
import { asError, ConnectionError } from '../errors.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { formatAddress } from '../deliver/address.ts';
import { resolveChopOptions } from './chop-options.ts';
import type { ChopOptions } from './chop-options.ts';
import type { ConnectionState } from './connection-report.ts';
import { KernelTables } from '../deliver/kernel-tables.ts';
import type { ChopChanges, ChopState } from './lanes.ts';
import { ProxiedConnection } from './proxied-connection.ts';
import type { ConnectionContext } from './proxied-connection.ts';
import { Recorder } from './plan/recorder.ts';

/** A proxy that listens. */
export interface ChopProxy {
  readonly host: string;
  readonly port: number;
  /** Returns the connections that are open now. */
  connections(): readonly ConnectionState[];
  /** Returns the plan and the faults of each direction, as they are now. */
  state(): ChopState;
  /**
   * Changes plans and faults from now on, on open connections as well. On an open connection the offset of a
   * new fault counts from the next byte, so `rst@0` resets the connection at once. A fault object that
   * `state()` gave keeps its place in the stream. A plan by frames takes effect only on new connections.
   * Throws UsageError ERR_OPTION, and then nothing is changed.
   */
  change(changes: ChopChanges): void;
  /**
   * Returns the record so far, as schedules that do the same again. The list is empty without the option
   * `record`.
   */
  recording(): readonly Schedule[];
  /** Whether the record is incomplete, because a schedule file cannot hold more. */
  readonly recordingFull: boolean;
  /** Stops listening, ends all connections, and resolves when they are closed. */
  close(): Promise<void>;
}

class Proxy implements ChopProxy {
  readonly #server: Server;
  readonly #context: ConnectionContext;
  readonly #connections = new Set<ProxiedConnection>();
  #count = 0;
  #port = 0;
  #closing: Promise<void> | undefined;

  constructor(given: ChopOptions) {
    const options = resolveChopOptions(given);
    this.#context = {
      options,
      tables: KernelTables.open(),
      recorder: options.record ? new Recorder() : undefined,
    };
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      void this.#accept(client);
    });
  }

  get host(): string {
    return this.#context.options.listen.host;
  }

  get port(): number {
    return this.#port;
  }

  get recordingFull(): boolean {
    return this.#context.recorder?.full ?? false;
  }

  recording(): readonly Schedule[] {
    return this.#context.recorder?.schedules() ?? [];
  }

  connections(): readonly ConnectionState[] {
    return [...this.#connections].map((connection) => connection.state);
  }

  state(): ChopState {
    return this.#context.options.lanes.state();
  }

  change(changes: ChopChanges): void {
    const directions = this.#context.options.lanes.change(changes);
    for (const connection of this.#connections) {
      for (const one of directions) {
        connection.change(one);
      }
    }
  }

  /** Resolves when the proxy listens. Rejects with ConnectionError ERR_LISTEN. */
  async open(): Promise<void> {
    const { listen } = this.#context.options;
    try {
      this.#server.listen(listen);
      await once(this.#server, 'listening');
      const address = this.#server.address();
      if (typeof address === 'object' && address !== null) {
        this.#port = address.port;
      }
    } catch (cause) {
      this.#context.tables?.close();
      const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
      throw new ConnectionError(
        'ERR_LISTEN',
        `Cannot listen on ${formatAddress(listen)}: ${reason}`,
        {
          reason,
          cause,
          hint: reason === 'EADDRINUSE' ? 'Another process has the port.' : undefined,
        },
      );
    }
    // From now on an 'error' is about accepting a connection, for example with too many open files. The
    // refused client sees a lost connection, and other connections go on. So ignore the error.
    this.#server.on('error', () => undefined);
    watchAbort(this.#context.options.signal, this.#onAbort);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #onAbort = (): void => void this.close();

  async #close(): Promise<void> {
    unwatchAbort(this.#context.options.signal, this.#onAbort);
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) {
      connection.stop();
    }
    await Promise.all([...this.#connections].map((connection) => connection.closed));
    await closed;
    this.#context.tables?.close();
  }

  async #accept(client: net.Socket): Promise<void> {
    const connection = new ProxiedConnection(client, this.#count, this.#context);
    this.#count++;
    this.#connections.add(connection);
    tell(() => this.#context.options.onOpen(connection.start));
    const report = await connection.closed;
    this.#connections.delete(connection);
    tell(() => this.#context.options.onClose(report));
  }
}

/** Calls a custom listener. If it throws, this emits a warning, and the proxy goes on. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.emitWarning(asError(error));
  }
}

/**
 * Starts a proxy. Rejects with UsageError ERR_OPTION or ERR_SCHEDULE for wrong options, and with
 * ConnectionError ERR_LISTEN when it cannot listen.
 */
export async function chop(options: ChopOptions): Promise<ChopProxy> {
  const proxy = new Proxy(options);
  await proxy.open();
  if (options.signal?.aborted === true) {
    await proxy.close();
  }
  return proxy;
}
