// One connection from its first frame to its end: its identity, its claim on the device, its commands, and
// its frames. The frames pass through the window, which holds those that were read and are not yet
// acknowledged.
//
//   first frame ──identify──▶ claim ──▶ frames through the window ──▶ drain ──▶ release
//                   │ no id     │ the bus is away: try again    │ a newer connection, or the bus refuses
//                   ▼           ▼                               ▼
//                 reset       reset if the device leaves      reset at once
//                             or the bus refuses

import { isUnstickError } from 'unstick';
import type { Connection } from 'unstick';
import { BusError, toBusError } from './bus.ts';
import type { Claim, Holder, Outcome } from './bus.ts';
import type { Clock } from './clock.ts';
import { Commands } from './commands.ts';
import type { Counters } from './counters.ts';
import { isDeviceId } from './device-id.ts';
import type { Log } from './log.ts';
import type { ResolvedOptions } from './options.ts';
import { Window } from './window.ts';
import type { WindowHost } from './window.ts';

/** Objects that all sessions of a gateway share. */
export interface Shared<In, Out> {
  readonly options: ResolvedOptions<In, Out>;
  readonly counters: Counters;
  readonly log: Log;
  /** Sessions that have identified themselves and hold a claim. */
  readonly sessions: Set<Session<In, Out>>;
  /** Called when a connection is served. */
  left(connection: Connection<In, Out>): void;
  /** Called when the bus did not do what a device needs, and will be asked again. */
  retried(device: string, error: BusError): void;
}

/** The reason for which this side ended a session. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/**
 * Serves one connection. Resolves when the connection may be closed, and rejects if it must be reset. Each async
 * function that waits while a device is idle takes half a KiB, so this one and `run` are the only ones.
 */
export async function attend<In, Out>(
  shared: Shared<In, Out>,
  connection: Connection<In, Out>,
): Promise<void> {
  try {
    shared.options.onConnection(connection);
    const session = await identified(shared, connection);
    await session?.run();
  } catch (error) {
    report(shared, error, connection.remoteAddress);
    throw error;
  } finally {
    shared.left(connection);
  }
}

/**
 * Waits for the first frame and reads from it who the device is. Returns `undefined` if the remote ends before
 * it. It is a function of its own, because the variables of `attend` stay in memory as long as the device.
 */
async function identified<In, Out>(
  shared: Shared<In, Out>,
  connection: Connection<In, Out>,
): Promise<Session<In, Out> | undefined> {
  const { options, counters, log } = shared;
  const first = await connection.receive({ timeout: options.identifyTimeout });
  if (first === undefined) {
    return undefined;
  }
  const device = options.identify(first, connection);
  if (!isDeviceId(device)) {
    const why = device === undefined ? 'The first frame names no device.' : badId(device);
    counters.add('identitiesRefused');
    log('warn', 'identity-refused', { remote: connection.remoteAddress, why });
    throw new Refusal(why);
  }
  return new Session(shared, connection, { device, first });
}

function badId(device: string): string {
  return `${JSON.stringify(device.slice(0, 80))} is no id of a device.`;
}

/**
 * Logs why a connection ended, and counts it if the remote caused it. Does neither for a Refusal, which is
 * logged where it is made, and for a connection that was closed.
 */
function report<In, Out>(
  { counters, log }: Shared<In, Out>,
  error: unknown,
  remote: string | undefined,
): void {
  if (error instanceof Refusal) {
    return;
  }
  if (!isUnstickError(error)) {
    log('error', error instanceof BusError ? 'bus-failed' : 'fault', { remote, why: error });
    return;
  }
  if (error.code === 'ERR_TIMEOUT') {
    counters.add('connectionsUnidentified');
    log('warn', 'unidentified', { remote, why: 'No frame came in time.' });
    return;
  }
  if (error.code !== 'ERR_CONNECTION_CLOSED') {
    counters.add('connectionsBroken');
    log('warn', 'connection-broken', { remote, why: error });
  }
}

export class Session<In, Out> implements Holder, WindowHost {
  readonly #shared: Shared<In, Out>;
  readonly #connection: Connection<In, Out>;
  readonly #device: string;
  /** The frame that comes next. It is no variable of a function, which would hold it until the next one comes. */
  #next: Out | undefined;
  /** Made with the first command, because most devices are idle, and an idle one should cost little. */
  #commands: Commands<In, Out> | undefined;
  #window: Window | undefined;
  #claim: Claim | undefined;
  #frames = 0;
  /** Reason why the session must end although its connection works. */
  #refusal: Error | undefined;
  #isOver = false;

  constructor(
    shared: Shared<In, Out>,
    connection: Connection<In, Out>,
    { device, first }: { readonly device: string; readonly first: Out },
  ) {
    this.#shared = shared;
    this.#connection = connection;
    this.#device = device;
    this.#next = first;
  }

  /** Number of frames that were read and not yet acknowledged. */
  get inFlight(): number {
    return this.#window?.length ?? 0;
  }

  command(bytes: Uint8Array, within: number): Promise<Outcome> {
    this.#commands ??= this.#openCommands();
    return this.#commands.run(bytes, within);
  }

  lost(): void {
    if (this.#refusal !== undefined) {
      return;
    }
    this.#shared.counters.add('connectionsTakenOver');
    this.#log('info', 'taken-over');
    this.#refuse('The device has a newer connection.');
  }

  /** Passes the frames on until the connection ends. */
  async run(): Promise<void> {
    void this.#connection.closed.then((error) => this.#over(error));
    const claim = await this.#claimDevice();
    const window = new Window(claim, this);
    this.#claim = claim;
    this.#window = window;
    this.#shared.sessions.add(this);
    this.#log('info', 'device-up');
    try {
      while (await this.#put(window)) {
        this.#next = await this.#connection.receive();
      }
      await window.drained();
      if (this.#refusal !== undefined) {
        throw this.#refusal;
      }
    } finally {
      this.#shared.sessions.delete(this);
      this.#endCommands();
      await claim.release();
      this.#log('info', 'device-down');
    }
  }

  get size(): number {
    return this.#shared.options.window;
  }

  get clock(): Clock {
    return this.#shared.options.clock;
  }

  onStored(): void {
    this.#shared.counters.add('framesStored');
  }

  onRetry(error: BusError): void {
    this.#shared.counters.add('busRetries');
    this.#shared.retried(this.#device, error);
  }

  /**
   * Called when the window takes no more frames: the bus has refused for good, the device did not take an
   * acknowledgement, or the connection is over.
   */
  onStopped(error: Error, dropped: number): void {
    this.#shared.counters.add('framesDropped', dropped);
    if (!(error instanceof BusError)) {
      return;
    }
    if (error.code === 'ERR_FENCED') {
      this.lost();
      return;
    }
    if (error.code === 'ERR_MESSAGE_TOO_LARGE') {
      this.#shared.counters.add('framesTooLarge');
      this.#log('error', 'frame-too-large', error);
    } else {
      this.#log('error', 'bus-failed', error);
    }
    this.#refuse(error.message);
  }

  /** Claims the device. If the bus is away, tries again until the bus is back or the connection ends. */
  async #claimDevice(): Promise<Claim> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await this.#shared.options.bus.claim(this.#device, this);
      } catch (error) {
        const problem = toBusError(error);
        if (problem.isFinal) {
          throw problem;
        }
        this.#shared.retried(this.#device, problem);
        await this.#pause(pause);
      }
    }
  }

  async #pause(length: number): Promise<void> {
    let cancel: (() => void) | undefined;
    const over = new Promise<void>((done) => {
      cancel = this.#shared.options.clock.after(length, done);
    });
    const ended = this.#connection.closed.then((error) => {
      throw error ?? new Refusal('The connection was closed.');
    });
    try {
      await Promise.race([over, ended]);
    } finally {
      cancel?.();
    }
  }

  /** Puts the next frame into the window. Resolves to whether another one should be read. */
  #put(window: Window): Promise<boolean> {
    const frame = this.#next;
    this.#next = undefined;
    if (frame === undefined) {
      return Promise.resolve(false);
    }
    this.#checkIdentity(frame);
    this.#shared.counters.add('framesReceived');
    this.#commands?.answer(frame);
    return window.add(this.#held(frame));
  }

  #held(frame: Out): Parameters<Window['add']>[0] {
    const { body, messageId } = this.#shared.options;
    const number = `${this.#claim?.epoch}-${this.#frames}`;
    this.#frames++;
    return {
      id: messageId?.(frame, this.#device) ?? number,
      bytes: body(frame),
      acknowledge: () => this.#acknowledge(frame),
    };
  }

  async #acknowledge(frame: Out): Promise<void> {
    const value = this.#shared.options.acknowledge?.(frame, this.#device);
    if (value !== undefined) {
      await this.#connection.send(value);
      this.#shared.counters.add('framesAcknowledged');
    }
  }

  #checkIdentity(frame: Out): void {
    const named = this.#shared.options.identify(frame, this.#connection);
    if (named === undefined || named === this.#device) {
      return;
    }
    const why = `A frame claims to come from ${JSON.stringify(named.slice(0, 80))}.`;
    this.#shared.counters.add('identitiesRefused');
    this.#log('warn', 'identity-refused', why);
    throw new Refusal(why);
  }

  #openCommands(): Commands<In, Out> {
    const { counters, options } = this.#shared;
    const commands = new Commands(options, this.#connection, { device: this.#device, counters });
    if (this.#isOver) {
      commands.end();
    }
    return commands;
  }

  #endCommands(): void {
    this.#isOver = true;
    this.#commands?.end();
  }

  #over(error: Error | undefined): void {
    this.#endCommands();
    this.#window?.stop(error ?? new Refusal('The connection was closed.'));
  }

  #refuse(why: string): void {
    if (this.#refusal === undefined) {
      this.#refusal = new Refusal(why);
      this.#connection.destroy(this.#refusal);
    }
  }

  #log(level: 'info' | 'warn' | 'error', event: Parameters<Log>[1], why?: unknown): void {
    this.#shared.log(level, event, {
      device: this.#device,
      remote: this.#connection.remoteAddress,
      why,
    });
  }
}
