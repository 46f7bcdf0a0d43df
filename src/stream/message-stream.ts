// messageStream(): messages over a duplex, with bodies of any size through constant memory.
// It is a framed connection of message parts; what is added here is the order: one body at a time in
// each direction, and a body that is not what its head declared ends the connection, not the framing.

import type { Duplex } from 'node:stream';
import type { Codec } from '../codec/codec.ts';
import { UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import type { JsonObject } from '../message/json-header.ts';
import type { MessageOptions } from '../message/message-layout.ts';
import { messageParts } from '../message/message-parts.ts';
import type { MessagePart } from '../message/message-parts.ts';
import { messages } from '../message/messages.ts';
import type { OutgoingMessage } from '../message/messages.ts';
import { IncomingMessage } from './body.ts';
import { Connection } from './connection.ts';
import type { ConnectionStats } from './connection.ts';
import type { FramedOptions } from './framed-options.ts';

export interface MessageStreamOptions<H = JsonObject>
  extends MessageOptions<H>, Omit<FramedOptions, 'onSkip'> {
  /** The most that `bytes()`, `text()` and `json()` collect. Streamed bodies are not limited. Default 16 MiB. */
  readonly maxBodyLength?: number;
}

/** Bytes as they come; text is sent as UTF-8. A node Readable is one. */
export type BodyStream = AsyncIterable<Uint8Array | string>;

/** A message to be sent whose body is a stream: its length must be known, here or in the header. */
export interface StreamedMessage {
  readonly header: JsonObject;
  readonly body: BodyStream;
  /** Bytes that the body will give. Default: the header's own `bodyLengthKey`. */
  readonly bodyLength?: number;
}

const DEFAULT_MAX_BODY_LENGTH = 16 * 1024 * 1024;

/** Reads and writes messages on a duplex: see DESIGN of the wire format in docs/wire-format.md. */
export function messageStream(
  duplex: Duplex,
  options?: MessageStreamOptions,
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

export class MessageStream<H> implements AsyncIterable<IncomingMessage<H>> {
  readonly #connection: Connection<MessagePart | OutgoingMessage, MessagePart<H>>;
  readonly #maxBodyLength: number;
  readonly #bodyLengthKey: string;
  #current: IncomingMessage<H> | undefined;
  #received = 0;
  #sent = 0;
  /** The end of the last streamed send; while it is set, sends wait in line. */
  #line: Promise<void> | undefined;

  constructor(duplex: Duplex, options: MessageStreamOptions<H>) {
    const { prefix, bodyLengthKey, maxHeaderLength, maxBodyLength, parseHeader, ...framing } =
      options;
    const wire = {
      ...(prefix === undefined ? {} : { prefix }),
      ...(bodyLengthKey === undefined ? {} : { bodyLengthKey }),
      ...(maxHeaderLength === undefined ? {} : { maxHeaderLength }),
    };
    this.#maxBodyLength = maxBodyLength ?? DEFAULT_MAX_BODY_LENGTH;
    this.#bodyLengthKey = bodyLengthKey ?? 'bodyLength';
    const typed: MessageOptions<H> = parseHeader === undefined ? wire : { ...wire, parseHeader };
    const read: Codec<MessagePart, MessagePart<H>> = messageParts(typed);
    this.#connection = new Connection(duplex, { read, write: outgoing(wire) }, framing);
  }

  /** The duplex below. Reading from it or writing to it breaks the framing. */
  get duplex(): Duplex {
    return this.#connection.duplex;
  }

  get remoteAddress(): string | undefined {
    return this.#connection.remoteAddress;
  }

  /** As for a framed connection; `frames` counts messages. */
  get stats(): ConnectionStats {
    const { received, sent, ...rest } = this.#connection.stats;
    return {
      ...rest,
      received: { ...received, frames: this.#received },
      sent: { ...sent, frames: this.#sent },
    };
  }

  /** The next message; `undefined` at the end. What was not read of the body before is dropped. */
  async receive(
    options: { readonly timeout?: number } = {},
  ): Promise<IncomingMessage<H> | undefined> {
    await this.#current?.discard();
    this.#current = undefined;
    const { received, buffered } = this.#connection.stats;
    const place = { byteOffset: received.bytes - buffered, frameIndex: this.#received };
    const head = await this.#connection.receive(options);
    if (head === undefined) return undefined;
    if (head.kind !== 'head') throw outOfOrder();
    this.#received++;
    this.#current = new IncomingMessage(head, {
      next: () => this.#nextPart(),
      place,
      maxBodyLength: this.#maxBodyLength,
    });
    return this.#current;
  }

  /** Messages in order, until the remote ends. Leaving the loop leaves the connection as it is. */
  [Symbol.asyncIterator](): AsyncIterableIterator<IncomingMessage<H>, undefined> {
    return {
      next: async () => {
        const value = await this.receive();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /**
   * Sends one message. Text and bytes go out at once; a stream as it gives its bytes, and what is sent
   * meanwhile waits in line. A stream that fails, or gives more or fewer bytes than declared, ends the
   * connection: ERR_MESSAGE_BODY_MISMATCH here, an unfinished message over there.
   */
  send(message: OutgoingMessage | StreamedMessage): Promise<void> {
    if (isStreamed(message)) return this.#inLine(() => this.#sendStreamed(message));
    const sendNow = (): Promise<void> => {
      this.#sent++;
      return this.#connection.send(message);
    };
    return this.#line === undefined ? sendNow() : this.#inLine(sendNow);
  }

  /** As for a framed connection, after the sends that wait in line. */
  async close(options: { readonly discardUnread?: boolean } = {}): Promise<void> {
    await this.#line;
    return this.#connection.close(options);
  }

  destroy(cause?: unknown): void {
    this.#connection.destroy(cause);
  }

  /** As for a framed connection; an unread rest of a body belongs to the unread bytes. */
  release(): Duplex {
    return this.#connection.release();
  }

  stopReading(): void {
    this.#connection.stopReading();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]();
  }

  async #nextPart(): Promise<MessagePart<H>> {
    const part = await this.#connection.receive();
    if (part === undefined) throw outOfOrder();
    return part;
  }

  #inLine(send: () => Promise<void>): Promise<void> {
    const sent = (this.#line ?? Promise.resolve()).then(send);
    const settled = sent
      .catch(() => undefined)
      .then(() => {
        if (this.#line === settled) this.#line = undefined;
      });
    this.#line = settled;
    return sent;
  }

  async #sendStreamed({ header, body, bodyLength }: StreamedMessage): Promise<void> {
    const declared = bodyLength ?? header[this.#bodyLengthKey];
    if (typeof declared !== 'number') {
      throw new UsageError(
        'ERR_FRAME_UNENCODABLE',
        'The length of a streamed body must be known before it is sent.',
        {
          hint: `Give bodyLength, or ${this.#bodyLengthKey} in the header.`,
        },
      );
    }
    await this.#connection.send({ kind: 'head', header, bodyLength: declared });
    this.#sent++;
    let left = declared;
    try {
      for await (const given of body) {
        const bytes = typeof given === 'string' ? Buffer.from(given) : given;
        if (bytes.length > left) throw mismatch('gave more', declared);
        left -= bytes.length;
        await this.#connection.send({ kind: 'body', bytes });
      }
    } catch (cause) {
      throw this.#broken(cause, declared);
    }
    if (left > 0) throw this.#broken(mismatch(`ended ${left} bytes before`, declared), declared);
  }

  /** The remote can only be told by an end in the middle of the body. */
  #broken(cause: unknown, declared: number): UnstickError {
    const error =
      cause instanceof UsageError ? cause : mismatch('failed before it gave', declared, cause);
    this.#connection.destroy(error);
    return error;
  }
}

/** Whole messages, which are sent in one go, and the parts of streamed ones. */
function outgoing(wire: MessageOptions): Codec<MessagePart | OutgoingMessage, unknown> {
  const parts = messageParts(wire);
  const whole = messages({ ...wire, maxBodyLength: Number.MAX_SAFE_INTEGER });
  return {
    encode: (value) => ('kind' in value ? parts.encode(value) : whole.encode(value)),
    encodedLength: (value) =>
      'kind' in value ? parts.encodedLength(value) : whole.encodedLength(value),
    encodeInto: (value, target, offset) =>
      'kind' in value
        ? parts.encodeInto(value, target, offset)
        : whole.encodeInto(value, target, offset),
    decoder: (options) => parts.decoder(options),
  };
}

function isStreamed(message: OutgoingMessage | StreamedMessage): message is StreamedMessage {
  const { body } = message;
  return typeof body === 'object' && !(body instanceof Uint8Array) && Symbol.asyncIterator in body;
}

function mismatch(how: string, declared: number, cause?: unknown): UsageError {
  const facts = `The body's source ${how} than the ${declared} bytes that were declared.`;
  return new UsageError('ERR_MESSAGE_BODY_MISMATCH', facts, { limit: declared, cause });
}

function outOfOrder(): UsageError {
  return new UsageError('ERR_BODY_DISCARDED', 'The message is over.');
}
