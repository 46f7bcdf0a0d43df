// One connection through the proxy: the socket of the client, the socket to the server, and a flow in each
// direction.
//
//   client ── inlet → flow → sender ──→ server        to-server
//   client ←── sender ← flow ← inlet ── server        to-client
//
// Rules:
// - Each side sees the other side end in the way in which it ended, unless a fault or schedule asks for
//   another end: a FIN for a FIN, only in that direction, and a RST for a RST.
// - No action of a remote makes this code throw.

import net from 'node:net';
import type { Socket } from 'node:net';
import { asError } from '../errors.ts';
import { deriveSeed } from '../schedule/random.ts';
import type { Direction } from '../schedule/schedule.ts';
import { isConnectedToItself } from '../self-connection.ts';
import { formatAddress } from '../deliver/address.ts';
import type { ResolvedChopOptions } from './chop-options.ts';
import { Corrupter } from './faults/corrupt.ts';
import { effectOf } from './faults/faults.ts';
import type { Fault } from './faults/faults.ts';
import { Flow } from './flow.ts';
import type { FlowEnd } from './flow.ts';
import { openGate } from '../deliver/gate.ts';
import { Inlet } from './inlet.ts';
import type { LaneSettings } from './lanes.ts';
import type { KernelTables } from '../deliver/kernel-tables.ts';
import { Planner } from './plan/planner.ts';
import type { Recorder } from './plan/recorder.ts';
import { reset } from '../deliver/reset.ts';
import { Sender } from '../deliver/sender.ts';
import type {
  ConnectionReport,
  ConnectionStart,
  ConnectionState,
  DirectionReport,
} from './connection-report.ts';

/** Objects that all connections of a proxy share. */
export interface ConnectionContext {
  readonly options: ResolvedChopOptions;
  readonly tables: KernelTables | undefined;
  readonly recorder: Recorder | undefined;
}

/**
 * Time in ms after which the proxy destroys a connection, counted from the FIN that it sent to both sides.
 */
const LINGER_TIME = 1000;
const ignore = (): void => undefined;
const NOTHING: DirectionReport = {
  bytes: 0,
  pieces: 0,
  boundaries: { exact: 0, delayed: 0, lost: 0 },
};

interface Lane {
  readonly inlet: Inlet;
  readonly flow: Flow;
  readonly planner: Planner;
  readonly sender: Sender;
  readonly target: Socket;
  readonly hurry: AbortController;
  /** Seed of this direction. */
  readonly seed: number;
  settings: LaneSettings | undefined;
  /** Whether the direction is over, so that no change can have an effect on it. */
  done: boolean;
}

export class ProxiedConnection {
  readonly start: ConnectionStart;
  /** Resolves when both sockets are closed. Never rejects. */
  readonly closed: Promise<ConnectionReport>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #context: ConnectionContext;
  readonly #over = new AbortController();
  #end: ConnectionReport['end'] = 'closed';
  #cause: string | undefined;
  #lanes: Partial<Record<Direction, Lane>> = {};

  constructor(client: Socket, connection: number, context: ConnectionContext) {
    const { to, seed } = context.options;
    const { remoteAddress: host = '?', remotePort: port = 0 } = client;
    this.#context = context;
    this.start = {
      connection,
      seed: deriveSeed(seed, connection),
      from: formatAddress({ host, port }),
    };
    this.#client = client;
    this.#server = net.connect({ ...to, allowHalfOpen: true, noDelay: true });
    client.on('error', (error) => this.#broken(error, 'to-server'));
    this.#server.on('error', (error) => this.#broken(error, 'to-client'));
    this.#server.once('connect', () => {
      if (isConnectedToItself(this.#server)) {
        this.#server.destroy(Object.assign(new Error('nobody listens'), { code: 'ECONNREFUSED' }));
        return;
      }
      this.#run().catch((error: unknown) => this.#stopFor(error));
    });
    this.closed = this.#untilClosed();
  }

  /** The connection, with the numbers of what has passed so far. */
  get state(): ConnectionState {
    const toServer = reportOf(this.#lanes['to-server']);
    const toClient = reportOf(this.#lanes['to-client']);
    return { ...this.start, toServer, toClient };
  }

  /** Ends both sides at once, because the proxy closes or a custom function threw. */
  stop(): void {
    if (!this.#over.signal.aborted) {
      this.#end = 'stopped';
    }
    this.#abort();
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Ends this connection because a custom plan, finder or onPass threw. The report names the error. */
  #stopFor(error: unknown): void {
    this.#cause ??= asError(error).message;
    this.stop();
  }

  async #untilClosed(): Promise<ConnectionReport> {
    await Promise.all([this.#client, this.#server].map(untilClosed));
    this.#abort();
    return { ...this.state, end: this.#end, cause: this.#cause };
  }

  /** Called when the sender of a direction has broken the connection. */
  #broken(error: NodeJS.ErrnoException, direction: Direction): void {
    const lane = this.#lanes[direction];
    if (!this.#over.signal.aborted) {
      this.#end = lane === undefined && direction === 'to-client' ? 'refused' : 'reset';
      this.#cause ??= error.code;
    }
    lane?.hurry.abort();
    if (lane === undefined || lane.done) {
      this.#reset();
    }
  }

  #abort(): void {
    this.#over.abort();
    for (const lane of Object.values(this.#lanes)) {
      lane.hurry.abort();
    }
  }

  #reset(): void {
    this.#abort();
    reset(this.#client);
    reset(this.#server);
  }

  async #run(): Promise<void> {
    const toServer = this.#lane('to-server', this.#client, this.#server);
    const toClient = this.#lane('to-client', this.#server, this.#client);
    this.#lanes = { 'to-server': toServer, 'to-client': toClient };
    const ends = await Promise.all([this.#pass(toServer), this.#pass(toClient)]);
    // Leave a stalled connection open, even if neither side will send any more.
    if (!this.#over.signal.aborted && !ends.includes('stall')) {
      this.#finish();
    }
  }

  #lane(direction: Direction, source: Socket, target: Socket): Lane {
    const { options, tables, recorder } = this.#context;
    const { connection, seed } = this.start;
    const { quietTime, pause, patience } = options;
    const settings = options.lanes.settings(direction, connection);
    const own = deriveSeed(seed, direction === 'to-server' ? 0 : 1);
    const isPlanned = (): boolean => this.#lanes[direction]?.settings !== undefined;
    const note = recorder?.begin({ seed, direction, connection }, isPlanned) ?? ignore;
    const { ops, slicer, faults = [] } = settings ?? {};
    const gate = openGate(tables, target);
    const sender = new Sender(target, { gate, pause, patience });
    // A finder of frames and `onPass` may keep the bytes that they are shown.
    const isShown = slicer?.fromStart === true || options.onPass !== undefined;
    const inlet = new Inlet(source, { reuses: !isShown });
    const hurry = new AbortController();
    const planner = new Planner({ ops, slicing: slicer?.(own), faults, seed: deriveSeed(own, 1) });
    const flow = new Flow({
      inlet,
      sender,
      planner,
      corrupter: corrupterFor(faults, own, 0),
      note,
      pass: (bytes) => options.onPass?.({ connection, direction, bytes }),
      quietTime,
      over: this.#over.signal,
      hurry: hurry.signal,
    });
    return { inlet, flow, planner, sender, target, hurry, seed: own, settings, done: false };
  }

  /** Applies the current settings of a direction. */
  change(direction: Direction): void {
    const lane = this.#lanes[direction];
    const { connection } = this.start;
    const settings = this.#context.options.lanes.settings(direction, connection);
    if (lane === undefined || settings === undefined || lane.done) {
      return;
    }
    const { slicer, faults } = settings;
    const { planner, seed, inlet } = lane;
    // A plan by frames must see the stream from its first byte. If bytes have already come, this connection
    // gets no such plan, and its bytes pass as they come.
    const isLate = slicer?.fromStart === true && planner.offset + inlet.available > 0;
    const isSame = slicer === lane.settings?.slicer && settings.ops === lane.settings?.ops;
    lane.flow.change({
      slicing: isSame ? 'same' : isLate ? undefined : slicer?.(seed),
      faults,
      corrupter: corrupterFor(faults, seed, planner.offset),
    });
    lane.settings = settings;
  }

  /** Passes the bytes of one direction on. When the direction is over, resolves to how it ended. */
  async #pass(lane: Lane): Promise<FlowEnd> {
    const { inlet, flow, sender, target } = lane;
    const end = await flow.run();
    if (end === 'rst' && !this.#over.signal.aborted) {
      this.#end = 'reset';
    }
    if (end === 'fin') {
      this.#finish();
    }
    if (end !== 'rst' && !inlet.reset) {
      if (end === 'end' || end === 'half-close') {
        target.end();
      }
      if (end !== 'end') {
        await flow.drain();
      }
    }
    lane.done = true;
    if (end !== 'rst' && !inlet.reset) {
      return end;
    }
    // A RST overtakes bytes that still wait. So wait until the receiver has read all bytes.
    if (flow.pieces > 0) {
      await sender.settle();
    }
    this.#reset();
    return end;
  }

  /** Sends a FIN to both sides. After LINGER_TIME, destroys the sockets that are still open. */
  #finish(): void {
    const sockets = [this.#client, this.#server];
    for (const socket of sockets) {
      if (socket.writable) {
        socket.end();
      }
    }
    const timer = setTimeout(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
    }, LINGER_TIME);
    this.closed.then(() => clearTimeout(timer), ignore);
  }
}

function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) {
      resolve();
    } else {
      socket.once('close', () => resolve());
    }
  });
}

/** Makes the corrupter, if a fault asks for one. `from` is the offset of the next byte. */
function corrupterFor(faults: readonly Fault[], seed: number, from: number): Corrupter | undefined {
  const change = faults.map(effectOf).find((effect) => effect.kind === 'change');
  return change && new Corrupter(change.oneIn, deriveSeed(seed, 2), from);
}

function reportOf(lane: Lane | undefined): DirectionReport {
  if (lane === undefined) {
    return NOTHING;
  }
  const { flow, sender } = lane;
  return { bytes: flow.bytes, pieces: flow.pieces, boundaries: { ...sender.boundaries } };
}
