// messageStream(): messages over a duplex, with bodies of any size in constant memory. It is a framed
// connection of message parts, and this file adds their order: one body at a time in each direction. If the
// caller sends a body whose length differs from the length that its head declared, the connection ends, so
// that the remote never reads a body as a head.

import { Duplex } from 'node:stream';
import type { Codec } from '../codec/codec.ts';
import { ConnectionError, UsageError } from '../errors.ts';
import type { StreamPlace, UnstickError } from '../errors.ts';
import { isPlainObject } from '../message/json-header.ts';
import type { JsonObject } from '../message/json-header.ts';
import { DEFAULT_BODY_LENGTH_KEY } from '../message/message-layout.ts';
import { messageParts } from '../message/message-parts.ts';
import type { MessagePart } from '../message/message-parts.ts';
import { DEFAULT_MAX_BODY_LENGTH } from '../message/messages.ts';
import type { OutgoingMessage } from '../message/messages.ts';
import { checkNames, whole } from '../options.ts';
import { IncomingMessage, outOfOrder } from './body.ts';
import type { PartSource } from './body.ts';
import { BodySource } from './body-source.ts';
import { handled, limited, reported } from './call.ts';
import { Connection, internals } from './connection.ts';
import type { ConnectionInternals } from './connection.ts';
import { DISPOSE_MS, resolveSendOptions, resolveWithin } from './framed-options.ts';
import type { CloseOptions, ReceiveOptions, SendOptions } from './framed-options.ts';
import { concurrentRead } from './intake.ts';
import { ownBytes } from './own-bytes.ts';
import { iterate } from './reading.ts';
import { isStreamed, MESSAGE_STREAM_NAMES, notAMessage, outgoing } from './message-wire.ts';
import type { MessageStreamOptions, StreamedMessage } from './message-wire.ts';
import { ReadCall, resolveReadOptions } from './read-call.ts';
import { SendLine } from './send-line.ts';
import type { ConnectionStats } from './stats.ts';
import { sendStreamed } from './streamed-send.ts';
import type { PartSink } from './streamed-send.ts';
import * as transport from './transport.ts';
import { isVisiting } from './visiting.ts';

export type { MessageStreamOptions, StreamedMessage } from './message-wire.ts';

/** The error with which the read of a loop that was left is given up. No caller ever gets this error. */
const LEFT: ConnectionError = transport.closed('closed', undefined);

/**
 * Reads and writes messages on a duplex, in the format of docs/wire-format.md. Throws UsageError ERR_OPTION
 * for wrong options or a value that is no duplex, and ERR_CONCURRENT_READ for a duplex that is already framed
 * or read.
 */
export function messageStream(
  duplex: Duplex,
  options?: MessageStreamOptions & { readonly parseHeader?: never },
): MessageStream<JsonObject>;
export function messageStream<H>(
  duplex: Duplex,
  options: MessageStreamOptions<H>,
): MessageStream<H>;
export function messageStream<H>(
  duplex: Duplex,
  options: MessageStreamOptions<H> = {},
): MessageStream<H> {
  return new MessageStream(duplex, options);
}

/**
 * Makes a message stream on a duplex that leads nowhere. So wrong options throw before a connection is
 * opened.
 */
export function checkMessageStreamOptions<H>(options: MessageStreamOptions<H>): void {
  messageStream(new Duplex({ read: () => undefined }), options).destroy();
}

/**
 * Messages over a duplex: sends headers with bodies of any size, and reads messages one by one.
 * `messageStream`, `dialMessages` and `serveMessages` make message streams.
 */
export class MessageStream<H> implements AsyncIterable<IncomingMessage<H>> {
  readonly #connection: Connection<MessagePart | OutgoingMessage, MessagePart<H>>;
  readonly #internals: ConnectionInternals<MessagePart | OutgoingMessage, MessagePart<H>>;
  readonly #maxBodyLength: number;
  readonly #bodyLengthKey: string;
  readonly #line = new SendLine();
  #current: IncomingMessage<H> | undefined;
  #received = 0;
  /** Number of frames that were sent and are not whole messages: the pieces and ends of streamed bodies. */
  #piecesSent = 0;
  /** The read that is pending. */
  #reading: ReadCall | undefined;
  /** The error of sends that come after `end` or `close`. Set by those two methods. */
  #ended: ConnectionError | undefined;
  #ending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /**
   * The error of a streamed body that did not go out whole. It stays `undefined` if the connection was lost.
   */
  #broken: { readonly error: unknown } | undefined;
  readonly #source: PartSource<H>;

  constructor(duplex: Duplex, options: MessageStreamOptions<H>) {
    checkNames('messageStream', options, MESSAGE_STREAM_NAMES);
    const { prefix, bodyLengthKey, maxHeaderLength, maxBodyLength, parseHeader, ...framing } =
      options;
    const wire = { prefix, bodyLengthKey, maxHeaderLength };
    this.#maxBodyLength = whole('maxBodyLength', maxBodyLength ?? DEFAULT_MAX_BODY_LENGTH);
    this.#bodyLengthKey = bodyLengthKey ?? DEFAULT_BODY_LENGTH_KEY;
    const read: Codec<MessagePart, MessagePart<H>> = messageParts({ ...wire, parseHeader });
    this.#connection = new Connection(duplex, { read, write: outgoing(wire) }, framing);
    this.#internals = internals(this.#connection);
    this.#source = partSource(this.#connection, this.#internals, this.#maxBodyLength);
  }

  /** The duplex below the framing. Code that reads from it or writes to it breaks the framing. */
  get duplex(): Duplex {
    return this.#connection.duplex;
  }

  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  /**
   * Counts what was sent and received, as a framed connection does, except that `frames` counts messages.
   * `largest` counts the parts of a message one by one: a head, or a piece of a body. Only a message that is
   * sent in one go counts whole.
   */
  get stats(): ConnectionStats {
    const { received, sent, ...rest } = this.#connection.stats;
    return {
      ...rest,
      received: { ...received, frames: this.#received },
      sent: { ...sent, frames: sent.frames - this.#piecesSent },
    };
  }

  /**
   * Resolves when the connection is over: with `undefined` after an orderly end, and otherwise with the error
   * that ended the connection. Never rejects.
   */
  get closed(): Promise<UnstickError | undefined> {
    return this.#connection.closed;
  }

  /**
   * Reads the next message. Resolves with `undefined` at the end. The part of the last body that was not read
   * is dropped. `timeout` and `signal` limit the whole call. If a call is given up, no message is lost.
   */
  async receive(options?: ReceiveOptions): Promise<IncomingMessage<H> | undefined> {
    const limits = resolveReadOptions('receive', options);
    const call = new ReadCall(this.#source);
    return call.run(() => this.#read(call), limits);
  }

  /**
   * Iterates over the messages in order, until `receive` would give `undefined`. If the caller leaves the loop,
   * the connection goes on.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<IncomingMessage<H>, undefined> {
    const reader = {
      waiting: () => this.#reading,
      leave: () => this.#reading?.giveUp(LEFT),
    };
    return iterate(reader, async () => {
      const value = await this.#read(new ReadCall(this.#source)).catch((error: unknown) => {
        if (error === LEFT) {
          return undefined;
        }
        throw error;
      });
      return value === undefined ? { done: true, value } : { done: false, value };
    });
  }

  /**
   * Sends one message. A body of text or bytes goes out at once. A streamed body goes out as the stream gives
   * its bytes, and later sends wait until it is out. The stream must not change a piece that it has given. If
   * the stream fails, or gives more or fewer bytes than declared, the connection ends. Then this call fails
   * with ERR_MESSAGE_BODY_MISMATCH, and the remote sees an unfinished message.
   *
   * If `signal` aborts, the call fails with ERR_ABORTED. A message that still waits for its turn is then not
   * sent. A message that was begun is sent to its end.
   */
  send(message: OutgoingMessage | StreamedMessage, options?: SendOptions): Promise<void> {
    let signal: AbortSignal | undefined;
    try {
      signal = options === undefined ? undefined : resolveSendOptions(options).signal;
      if (!isPlainObject(message)) {
        throw notAMessage();
      }
    } catch (error) {
      return Promise.reject(error);
    }
    if (isStreamed(message)) {
      return this.#sendStreamed(message, signal);
    }
    // Take only the header and the body from the caller's object: a field `kind` in it would make the message
    // look like a part.
    const value = { header: message.header, body: message.body };
    if (this.#ended !== undefined) {
      return reported(Promise.reject(this.#ended));
    }
    if (!this.#line.isBusy) {
      return this.#connection.send(value, options);
    }
    // Copy bytes that a visitor was shown: the memory is overwritten before this message has its turn.
    const kept = isVisiting() ? ownBytes(value) : value;
    return this.#inLine(async () => {
      this.#checkTurn(signal);
      await this.#connection.send(kept);
    }, signal);
  }

  /**
   * Ends the sending side after everything that was sent, streamed bodies included. Reading goes on. Resolves
   * when the operating system has everything.
   */
  end(): Promise<void> {
    this.#ended ??= transport.closed('closed', this.remoteAddress);
    this.#ending ??= handled(
      this.#checkWhole(
        this.#line.isBusy
          ? this.#line.through().then(() => this.#connection.end())
          : this.#connection.end(),
      ),
    );
    return this.#ending;
  }

  /**
   * Ends the stream in order, as `close` of a framed connection does. Everything that was sent goes out,
   * streamed bodies included. What the remote still sends is dropped until the remote ends too. `within`
   * counts from the call and is 30 000 ms by default. A later call can only shorten the time.
   */
  close(options: CloseOptions = {}): Promise<void> {
    let within: number;
    try {
      within = resolveWithin(options);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#ended ??= transport.closed('closed', this.remoteAddress);
    const line = this.#line.isBusy ? this.#line.through() : undefined;
    const closed = this.#internals.closeAfter(line, within);
    this.#closing ??= handled(this.#checkWhole(closed));
    return this.#closing;
  }

  /**
   * Ends the connection at once, even in the middle of a streamed body, as `destroy` of a framed connection
   * does.
   */
  destroy(cause?: unknown): void {
    this.#connection.destroy(cause);
  }

  /**
   * Ends the framing and returns the duplex, as `release` of a framed connection does. The unread rest of a
   * body counts as unread bytes. Throws UsageError while a streamed body is being sent.
   */
  release(): Duplex {
    if (this.#line.isBusy) {
      throw new UsageError(
        'ERR_OPTION',
        'A message stream cannot be released while it sends a streamed body.',
        {
          hint: 'Await that send first.',
        },
      );
    }
    return this.#connection.release();
  }

  /** Calls `close({ within: 5000 })`. A scope that fails should call `destroy(error)` first. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close({ within: DISPOSE_MS });
  }

  async #read(call: ReadCall): Promise<IncomingMessage<H> | undefined> {
    if (this.#reading !== undefined) {
      throw concurrentRead();
    }
    this.#reading = call;
    try {
      await this.#current?.discard(call);
      call.check();
      this.#current = undefined;
      const place = this.#place();
      const head = await this.#connection.receive();
      if (head === undefined) {
        return undefined;
      }
      if (head.kind !== 'head') {
        throw outOfOrder();
      }
      this.#received++;
      this.#current = new IncomingMessage(head, place, this.#source);
      return this.#current;
    } finally {
      this.#reading = undefined;
    }
  }

  #place(): StreamPlace {
    const { received, buffered } = this.#connection.stats;
    return { byteOffset: received.bytes - buffered, frameIndex: this.#received };
  }

  #sendStreamed(message: StreamedMessage, signal: AbortSignal | undefined): Promise<void> {
    const source = new BodySource(message.body, this.duplex);
    if (this.#ended !== undefined) {
      source.stop();
      return reported(Promise.reject(this.#ended));
    }
    return this.#inLine(async () => {
      try {
        this.#checkTurn(signal);
        const declared = this.#declaredLength(message);
        await sendStreamed(this.#sink, { header: message.header, declared }, source);
      } finally {
        source.stop();
      }
    }, signal);
  }

  #inLine(send: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const sent = this.#line.enter(send);
    if (signal === undefined) {
      return sent;
    }
    return reported(limited(sent, { timeout: Infinity, signal }, this));
  }

  /**
   * Called when a message has its turn. Throws if the caller has given the message up, so that the message is
   * not sent.
   */
  #checkTurn(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) {
      throw transport.givenUp(signal, this.remoteAddress);
    }
  }

  readonly #sink: PartSink = {
    sendHead: (header, bodyLength) => this.#connection.send({ kind: 'head', header, bodyLength }),
    sendPiece: (part) => {
      this.#piecesSent++;
      return this.#internals.sendOwned(part);
    },
    breakOff: async (error) => {
      if (!(error instanceof ConnectionError)) {
        this.#broken = { error };
      }
      // Where the transport has no reset, the remote sees only an end in the middle of the body. The head may
      // still lie in the slab, so wait one turn of the event loop for the head to go out first.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      this.#connection.destroy(error);
    },
  };

  /** Waits for `ended`. Rejects if a streamed body did not go out whole. */
  async #checkWhole(ended: Promise<void>): Promise<void> {
    await ended;
    if (this.#broken !== undefined) {
      throw this.#broken.error;
    }
  }

  #declaredLength({ header, bodyLength }: StreamedMessage): number {
    const declared =
      bodyLength ?? (isPlainObject(header) ? header[this.#bodyLengthKey] : undefined);
    if (typeof declared === 'number') {
      return declared;
    }
    throw new UsageError(
      'ERR_FRAME_UNENCODABLE',
      'The length of a streamed body must be known before it is sent.',
      { hint: `Give bodyLength, or ${this.#bodyLengthKey} in the header.` },
    );
  }
}

/** Makes the source from which the bodies of a connection read their parts. */
function partSource<H, Out>(
  connection: Connection<Out, MessagePart<H>>,
  within: ConnectionInternals<Out, MessagePart<H>>,
  maxBodyLength: number,
): PartSource<H> {
  let cutOff: UnstickError | undefined;
  return {
    get remoteAddress() {
      return connection.remoteAddress;
    },
    maxBodyLength,
    next: () => connection.receive(),
    show: (see) => within.show(see),
    giveUpRead: (error) => within.giveUpRead(error),
    cutOff: () => (cutOff ??= transport.closed('closed', connection.remoteAddress)),
  };
}
