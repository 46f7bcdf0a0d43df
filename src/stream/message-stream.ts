// messageStream(): messages over a duplex, with bodies of any size through constant memory.
// It is a framed connection of message parts; what is added here is the order: one body at a time in
// each direction, and a body that is not what its head declared ends the connection, not the framing.

import type { Duplex } from 'node:stream';
import type { Codec } from '../codec/codec.ts';
import { checkOptionNames, UsageError } from '../errors.ts';
import { isPlainObject } from '../message/json-header.ts';
import type { JsonObject } from '../message/json-header.ts';
import { DEFAULT_BODY_LENGTH_KEY, messageOptionNames } from '../message/message-layout.ts';
import type { MessageOptions } from '../message/message-layout.ts';
import { messageParts } from '../message/message-parts.ts';
import type { MessagePart } from '../message/message-parts.ts';
import { DEFAULT_MAX_BODY_LENGTH, messages } from '../message/messages.ts';
import type { OutgoingMessage } from '../message/messages.ts';
import { IncomingMessage, outOfOrder } from './body.ts';
import { BodySource } from './body-source.ts';
import type { BodyStream } from './body-source.ts';
import { Connection } from './connection.ts';
import type { ConnectionStats } from './stats.ts';
import { framedOptionNames, whole } from './framed-options.ts';
import type { CloseOptions, FramedOptions } from './framed-options.ts';
import { iterate } from './iterate.ts';

export interface MessageStreamOptions<H = JsonObject>
  extends MessageOptions<H>, Omit<FramedOptions, 'onSkip'> {
  /** The most that `bytes()`, `text()` and `json()` collect. Streamed bodies are not limited. Default 16 MiB. */
  readonly maxBodyLength?: number | undefined;
}

/** A message to be sent whose body is a stream: its length must be known, here or in the header. */
export interface StreamedMessage {
  readonly header: JsonObject;
  readonly body: BodyStream;
  /** Bytes that the body will give. Default: the header's own `bodyLengthKey`. */
  readonly bodyLength?: number | undefined;
}

/** `onSkip` is not among them: a message stream has no limit that a streamed body could break. */
const OPTION_NAMES = [
  ...messageOptionNames,
  ...framedOptionNames.filter((name) => name !== 'onSkip'),
];

/**
 * Reads and writes messages on a duplex; docs/wire-format.md says what that looks like on the wire.
 * Throws UsageError ERR_OPTION when options are misspelt, out of range, or contradict each other.
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

const NO_READER = { waiting: () => undefined, leave: () => undefined };

export class MessageStream<H> implements AsyncIterable<IncomingMessage<H>> {
  readonly #connection: Connection<MessagePart | OutgoingMessage, MessagePart<H>>;
  readonly #maxBodyLength: number;
  readonly #bodyLengthKey: string;
  #current: IncomingMessage<H> | undefined;
  #received = 0;
  /** Frames that were sent and are not messages: the pieces and ends of streamed bodies. */
  #piecesSent = 0;
  /** The end of the last streamed send; while it is set, sends wait in line. */
  #line: Promise<void> | undefined;

  constructor(duplex: Duplex, options: MessageStreamOptions<H>) {
    checkOptionNames('messageStream', options, OPTION_NAMES);
    const { prefix, bodyLengthKey, maxHeaderLength, maxBodyLength, parseHeader, ...framing } =
      options;
    const most = maxBodyLength ?? DEFAULT_MAX_BODY_LENGTH;
    const wire = {
      ...(prefix === undefined ? {} : { prefix }),
      ...(bodyLengthKey === undefined ? {} : { bodyLengthKey }),
      ...(maxHeaderLength === undefined ? {} : { maxHeaderLength }),
    };
    this.#maxBodyLength = whole('maxBodyLength', most, Number.MAX_SAFE_INTEGER);
    this.#bodyLengthKey = bodyLengthKey ?? DEFAULT_BODY_LENGTH_KEY;
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
      sent: { ...sent, frames: sent.frames - this.#piecesSent },
    };
  }

  /** The next message; `undefined` at the end. What was not read of the body before is dropped. */
  async receive(
    options: { readonly timeout?: number } = {},
  ): Promise<IncomingMessage<H> | undefined> {
    await this.#current?.discard(options);
    this.#current = undefined;
    const { received, buffered } = this.#connection.stats;
    const place = { byteOffset: received.bytes - buffered, frameIndex: this.#received };
    const head = await this.#connection.receive(options);
    if (head === undefined) return undefined;
    if (head.kind !== 'head') throw outOfOrder();
    this.#received++;
    this.#current = new IncomingMessage(head, {
      next: (timing) => this.#connection.receive(timing),
      place,
      maxBodyLength: this.#maxBodyLength,
    });
    return this.#current;
  }

  /** Messages in order, until the remote ends. Leaving the loop leaves the connection as it is. */
  [Symbol.asyncIterator](): AsyncIterableIterator<IncomingMessage<H>, undefined> {
    return iterate(NO_READER, async () => {
      const value = await this.receive();
      return value === undefined ? { done: true, value } : { done: false, value };
    });
  }

  /**
   * Sends one message. Text and bytes go out at once; a stream as it gives its bytes, and what is sent
   * meanwhile waits in line. A stream that fails, or gives more or fewer bytes than declared, ends the
   * connection: ERR_MESSAGE_BODY_MISMATCH here, an unfinished message over there.
   */
  send(message: OutgoingMessage | StreamedMessage): Promise<void> {
    if (!isPlainObject(message)) return Promise.reject(notAMessage());
    if (isStreamed(message)) {
      const source = new BodySource(message.body, this.duplex);
      return this.#inLine(() => this.#sendStreamed(message, source));
    }
    // Nothing but header and body: a `kind` of the caller's is not ours.
    const { header, body } = message;
    const sendNow = (): Promise<void> => this.#connection.send({ header, body });
    return this.#line === undefined ? sendNow() : this.#inLine(sendNow);
  }

  /** As for a framed connection, after the sends that wait in line. */
  async end(): Promise<void> {
    await this.#line;
    return this.#connection.end();
  }

  /** As for a framed connection, after the sends that wait in line. */
  async close(options: CloseOptions = {}): Promise<void> {
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]();
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

  async #sendStreamed(message: StreamedMessage, source: BodySource): Promise<void> {
    let begun = false;
    try {
      const declared = this.#declaredLength(message);
      await this.#connection.send({ kind: 'head', header: message.header, bodyLength: declared });
      begun = true;
      await this.#sendBody(source, declared);
    } catch (error) {
      if (begun) await this.#breakOff(error);
      throw error;
    } finally {
      source.stop();
    }
  }

  async #sendBody(source: BodySource, declared: number): Promise<void> {
    let left = declared;
    let last: Uint8Array | undefined;
    for (;;) {
      const bytes = await source.next().catch((cause: unknown) => {
        throw mismatch('failed before it gave', declared, cause);
      });
      if (bytes === undefined) break;
      if (bytes.length === 0) continue;
      left -= bytes.length;
      // The bytes that complete the body are held back until the source has ended there as well.
      if (left === 0) last = bytes;
      else if (left < 0) throw mismatch('gave more than', declared);
      else await this.#sendPiece({ kind: 'body', bytes });
    }
    // Where the connection is gone this says why, and not that the source fell short.
    await this.#sendPiece({ kind: 'end' });
    if (left > 0) throw mismatch(`ended ${left} bytes short of`, declared);
    if (last !== undefined) await this.#sendPiece({ kind: 'body', bytes: last });
  }

  #sendPiece(part: MessagePart): Promise<void> {
    this.#piecesSent++;
    return this.#connection.send(part);
  }

  /** The remote can only be told by an end in the middle of the body: what is packed goes out first. */
  async #breakOff(error: unknown): Promise<void> {
    void this.#connection.end();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#connection.destroy(error);
  }

  #declaredLength({ header, bodyLength }: StreamedMessage): number {
    const declared =
      bodyLength ?? (isPlainObject(header) ? header[this.#bodyLengthKey] : undefined);
    if (typeof declared === 'number') return declared;
    throw new UsageError(
      'ERR_FRAME_UNENCODABLE',
      'The length of a streamed body must be known before it is sent.',
      {
        hint: `Give bodyLength, or ${this.#bodyLengthKey} in the header.`,
      },
    );
  }
}

/** Whole messages, which are sent in one go, and the parts of streamed ones. */
function outgoing(wire: MessageOptions): Codec<MessagePart | OutgoingMessage, unknown> {
  const parts = messageParts(wire);
  const unstreamed = messages({ ...wire, maxBodyLength: Number.MAX_SAFE_INTEGER });
  return {
    encode: (value) => ('kind' in value ? parts.encode(value) : unstreamed.encode(value)),
    measuresByEncoding: true,
    encodedLength: (value) =>
      'kind' in value ? parts.encodedLength(value) : unstreamed.encodedLength(value),
    encodeInto: (value, target, offset) =>
      'kind' in value
        ? parts.encodeInto(value, target, offset)
        : unstreamed.encodeInto(value, target, offset),
    decoder: (options) => parts.decoder(options),
  };
}

function isStreamed(message: OutgoingMessage | StreamedMessage): message is StreamedMessage {
  const { body } = message;
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) return false;
  return Symbol.asyncIterator in body;
}

function mismatch(how: string, declared: number, cause?: unknown): UsageError {
  const facts = `The body's source ${how} the ${declared} bytes that were declared.`;
  return new UsageError('ERR_MESSAGE_BODY_MISMATCH', facts, { limit: declared, cause });
}

function notAMessage(): UsageError {
  return new UsageError('ERR_FRAME_UNENCODABLE', 'A message must be { header, body }.');
}
