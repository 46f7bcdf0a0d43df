// Two ends of one real connection, each framed, and what is known about each: what its sends were accepted
// for, what its reads gave, which promises are open. `endings.property.test.ts` drives it with commands.

import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection, FramedOptions } from '../../src/entries/main.ts';
import { isUnstickError } from '../../src/errors.ts';
import { tcpPair } from '../support/sockets.ts';
import { until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;

/** A read, in the order of the calls: that is the order of the values as well. */
interface Read {
  value?: Uint8Array;
  /** It said that the stream has ended, and nothing on this side was the reason. */
  sawEnd?: boolean;
}

/** What a promise may be rejected with, whatever was done. All else is a bug. */
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

/** The value with a number: which one it is can be seen at its front, and that it is whole by its bytes. */
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
  /** Promises by the verb that made them. */
  readonly pending = new Map<object, string>();
  iterator: AsyncIterator<Uint8Array, undefined> | undefined;
  /** Aborts the calls that were given a signal. */
  calls = new AbortController();
  /** This side has said that it sends no more. */
  hasEnded = false;
  isClosing = false;
  /** It failed, or was destroyed, before everything was handed over and FIN was on its way. */
  wasCut = false;
  /** What `closed` said last. */
  endedWith: Error | undefined;

  constructor(socket: Socket, options: FramedOptions) {
    this.socket = socket;
    this.options = options;
    this.connection = framed(socket, lengthPrefixed(), options);
    socket.once('close', () => {
      // Cut by a clock or a lost connection as well: whatever ended it before its FIN was out.
      this.wasCut ||= !this.#hasHandedOver;
    });
    void this.watch('closed', this.connection.closed).then((error) => (this.endedWith = error));
  }

  /** Keeps an eye on a promise: it has to settle, and what it rejects with has to be known. */
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

  /** For what a verb throws or rejects with. */
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

  /** Any read: its value, or that there are no more. */
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

  /** Hands the duplex back, and frames it again. */
  reframe(): void {
    try {
      const duplex = this.connection.release();
      // After the end of the remote it is another duplex: reading it would need another model.
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

  /** The kernel has everything, and FIN is out or on its way. */
  get #hasHandedOver(): boolean {
    return this.socket.writableEnded && this.socket.writableLength === 0;
  }

  get values(): Uint8Array[] {
    return this.reads.flatMap(({ value }) => (value === undefined ? [] : [value]));
  }
}

export interface World {
  readonly ends: readonly [End, End];
  /** Nothing was cut off so far: no destroy, no clock that ran out. */
  isOrderly: boolean;
}

export async function makeWorld(options: FramedOptions): Promise<World> {
  const { near, far } = await tcpPair();
  return { ends: [new End(near, options), new End(far, options)], isOrderly: true };
}

/** Reads to the end; a read that was begun before, which a break or a signal could not end, goes first. */
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

/** Ends both sides in order, as far as they are not ended, and reads what is still to be read. */
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
    // In order, whole, none twice and none left out.
    for (const [at, value] of values.entries()) {
      const length: number | undefined = sender.accepted[at];
      if (length === undefined || !valueOf(at, length).equals(value)) {
        expect.fail(`value ${at} of ${sender.accepted.length} is wrong: ${value.length} bytes`);
      }
    }
    if (!reader.reads.some(({ sawEnd }) => sawEnd)) {
      continue;
    }
    // After an own end a reset may look like an end: docs/connection.md says so.
    if (sender.wasCut && reader.hasEnded) {
      continue;
    }
    expect(values.length, 'values before a clean end').toBe(sender.accepted.length);
    expect(sender.wasCut, 'a clean end of a side that was cut').toBe(false);
  }
}
