// Two ends of one real connection, each of them framed, with what is known about each: the sends that were
// accepted, the values that its reads gave, and the promises that are open. `endings.property.test.ts` drives
// these ends with commands.

import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection, FramedOptions } from '../../src/entries/main.ts';
import { isUnstickError } from '../../src/errors.ts';
import { tcpPair } from '../support/sockets.ts';
import { until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;

/** A read. Reads are listed in the order of the calls, which is also the order of the values. */
interface Read {
  value?: Uint8Array;
  /** Whether the read said that the stream has ended, although nothing on this side had ended it. */
  sawEnd?: boolean;
}

/** Codes with which a promise may reject, whatever was done. Any other error is a bug. */
const KNOWN_CODES = new Set([
  'ERR_ABORTED',
  'ERR_CONCURRENT_READ',
  'ERR_CONNECTION_CLOSED',
  'ERR_CONNECTION_LOST',
  'ERR_FRAME_STALLED',
  'ERR_FRAME_TRUNCATED',
  'ERR_IDLE',
  'ERR_QUEUE_FULL',
  'ERR_SEND_STALLED',
  'ERR_TIMEOUT',
]);

const READS = new Set(['receive', 'next', 'return']);

/**
 * Makes the value with a number. The number stands at its front, and its other bytes show whether the value
 * is whole.
 */
export function valueOf(index: number, length: number): Buffer {
  const value = Buffer.alloc(length + 4, index);
  value.writeUInt32BE(index);
  return value;
}

export class End {
  readonly socket: Socket;
  readonly options: FramedOptions;
  connection: Frames;
  /** Lengths of the values whose send was accepted. */
  readonly accepted: number[] = [];
  readonly reads: Read[] = [];
  /** Open promises, with the method that made each. */
  readonly pending = new Map<object, string>();
  iterator: AsyncIterator<Uint8Array, undefined> | undefined;
  /** Aborts the calls that were given a signal. */
  calls = new AbortController();
  /** Whether this side has said that it sends no more. */
  hasEnded = false;
  isClosing = false;
  /**
   * Whether the connection failed, or was destroyed, before everything was handed over and FIN was on its
   * way.
   */
  wasCut = false;
  /** The value that `closed` resolved with last. */
  endedWith: Error | undefined;

  constructor(socket: Socket, options: FramedOptions) {
    this.socket = socket;
    this.options = options;
    this.connection = framed(socket, lengthPrefixed(), options);
    socket.once('close', () => {
      // A clock or a lost connection also counts as a cut, if FIN was not yet out.
      this.wasCut ||= !this.#hasHandedOver;
    });
    void this.watch('closed', this.connection.closed).then((error) => (this.endedWith = error));
  }

  /** Watches a promise: it must settle, and if it rejects, the error must be a known one. */
  watch<T>(verb: string, promise: Promise<T>): Promise<T | undefined> {
    const key = {};
    this.pending.set(key, verb);
    return promise.then(
      (value) => {
        this.pending.delete(key);
        return value;
      },
      (error: unknown) => {
        this.pending.delete(key);
        this.judge(verb, error);
        return undefined;
      },
    );
  }

  /** Checks an error that a method throws or rejects with. */
  judge(verb: string, error: unknown): void {
    const code = isUnstickError(error) ? error.code : String(error);
    if (!KNOWN_CODES.has(code)) {
      this.surprises.push(`${verb}: ${code}`);
    }
  }

  readonly surprises: string[] = [];

  send(length: number, withSignal: boolean): void {
    const { frames } = this.connection.stats.sent;
    const value = valueOf(this.accepted.length, length);
    const options = withSignal ? { signal: this.calls.signal } : undefined;
    void this.watch('send', this.connection.send(value, options));
    if (this.connection.stats.sent.frames > frames) {
      this.accepted.push(length);
    }
  }

  /** Notes any read: its value, or that there are no more values. */
  read(verb: string, call: () => Promise<Uint8Array | undefined>): Promise<unknown> {
    const read: Read = {};
    this.reads.push(read);
    let failed = false;
    const promise = call();
    promise.catch(() => (failed = true));
    return this.watch(verb, promise).then((value) => {
      if (value !== undefined) {
        read.value = value;
      } else if (!failed && !this.isClosing) {
        read.sawEnd = true;
      }
    });
  }

  receive(options: { timeout?: number; withSignal?: boolean } = {}): Promise<unknown> {
    const { timeout = Infinity, withSignal = false } = options;
    const limits = withSignal ? { timeout, signal: this.calls.signal } : { timeout };
    return this.read('receive', () => this.connection.receive(limits));
  }

  next(): void {
    this.iterator ??= this.connection[Symbol.asyncIterator]();
    const { iterator } = this;
    const read: Read = {};
    this.reads.push(read);
    void this.watch('next', iterator.next()).then((result) => {
      if (result?.done === false) {
        read.value = result.value;
      }
    });
  }

  leave(): void {
    const { iterator } = this;
    this.iterator = undefined;
    if (iterator?.return !== undefined) {
      void this.watch('return', iterator.return());
    }
  }

  destroy(): void {
    this.wasCut ||= !this.#hasHandedOver;
    this.connection.destroy();
  }

  /** Releases the duplex, and frames it again. */
  reframe(): void {
    try {
      const duplex = this.connection.release();
      // After the end of the remote, release gives another duplex. Reading it would need another model.
      if (duplex !== this.socket) {
        this.wasCut ||= !this.#hasHandedOver;
        duplex.destroy();
        return;
      }
      this.iterator = undefined;
      this.connection = framed(this.socket, lengthPrefixed(), this.options);
      void this.watch('closed', this.connection.closed).then((error) => (this.endedWith = error));
    } catch (error) {
      this.judge('release', error);
    }
  }

  /** Whether the kernel has everything, and FIN is out or on its way. */
  get #hasHandedOver(): boolean {
    return this.socket.writableEnded && this.socket.writableLength === 0;
  }

  get values(): Uint8Array[] {
    return this.reads.flatMap(({ value }) => (value === undefined ? [] : [value]));
  }
}

export interface World {
  readonly ends: readonly [End, End];
  /** Whether nothing was cut off so far: there was no destroy, and no clock ran out. */
  isOrderly: boolean;
}

export async function makeWorld(options: FramedOptions): Promise<World> {
  const { near, far } = await tcpPair();
  return { ends: [new End(near, options), new End(far, options)], isOrderly: true };
}

/**
 * Reads to the end. A read that was begun before, and that leaving a loop or a signal could not end, comes
 * first.
 */
async function readOut(end: End): Promise<void> {
  end.leave();
  end.calls.abort();
  const isReading = (): boolean => [...end.pending.values()].some((verb) => READS.has(verb));
  while (!end.isClosing) {
    await until(() => !isReading(), 'the reads before are over');
    void end.receive();
    await until(() => !isReading(), 'a read to the end');
    if (end.reads.at(-1)?.value === undefined) {
      return;
    }
  }
}

/** Ends both sides in order, if they have not ended yet, and reads all values that are left. */
export async function finishInOrder({ ends }: World): Promise<void> {
  for (const end of ends) {
    end.hasEnded = true;
    void end.watch('end', end.connection.end());
  }
  await Promise.all(ends.map((end) => readOut(end)));
}

export function expectSaneReads({ ends }: World): void {
  for (const [index, reader] of ends.entries()) {
    const sender = ends[1 - index];
    if (sender === undefined) {
      throw new Error('two ends');
    }
    const { values } = reader;
    // The values must come in order and whole. None may come twice, and none may be missing.
    for (const [at, value] of values.entries()) {
      const length: number | undefined = sender.accepted[at];
      if (length === undefined || !valueOf(at, length).equals(value)) {
        expect.fail(`value ${at} of ${sender.accepted.length} is wrong: ${value.length} bytes`);
      }
    }
    if (!reader.reads.some(({ sawEnd }) => sawEnd)) {
      continue;
    }
    // After this side has ended, a reset may look like an end, as docs/connection.md says.
    if (sender.wasCut && reader.hasEnded) {
      continue;
    }
    expect(values.length, 'values before a clean end').toBe(sender.accepted.length);
    expect(sender.wasCut, 'a clean end of a side that was cut').toBe(false);
  }
}
