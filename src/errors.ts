// The errors that this package throws. RemoteError, NotProvenError and CaptureError extend these classes in
// their own folders. The class of an error says who must act. The code says what happened, and the meaning of
// a code never changes. The fields hold the numbers. The message has the facts and then a hint, and never
// quotes bytes of a payload. This file imports nothing, so that every folder of src may import this file.

/** The codes, each with its meaning in one line. A test checks that docs/errors.md has the same lines. */
export const errorCodes = {
  ERR_OPTION: 'an option is of the wrong type, out of range, or contradicts another',
  ERR_FRAME_UNENCODABLE: 'a value cannot be written in this format; nothing was written',
  ERR_DECODER_ENDED: 'bytes were pushed into a decoder after its end',
  ERR_DECODER_BUSY: 'a decoder was used from inside a function that it was calling',
  ERR_SKIP_UNFINISHED:
    'the unread bytes were asked for in the middle of a skipped frame or of an unfinished message',
  ERR_CHUNK_DETACHED: 'the memory of a chunk was transferred or shrunk before it was read',
  ERR_FRAME_TOO_LARGE: 'a frame has more payload than maxPayloadLength or maxLength allows',
  ERR_FRAME_LENGTH_INVALID:
    'a declared length is negative, below what it must count, or above 2^53-1',
  ERR_PREFIX_MALFORMED: 'a length prefix is not a number in its format',
  ERR_FRAME_TRUNCATED: 'the input ended inside a frame',
  ERR_FRAME_MAGIC: 'fixed bytes of the frame are not the expected ones',
  ERR_FRAME_ESCAPE: 'an escape sequence in a frame is not one of its escape map',
  ERR_FRAME_MALFORMED: 'the reader of a codec refused the bytes of a frame',
  ERR_FRAME_CHECKSUM: 'the checksum of a frame does not match its bytes',
  ERR_NOISE: 'bytes between two frames are no frame, or there are too many of them',
  ERR_FRAME_STALLED: 'a frame was begun and did not go on within frameTimeout',
  ERR_MESSAGE_HEADER_TOO_LARGE: 'a message header is longer than maxHeaderLength',
  ERR_MESSAGE_HEADER_INVALID: 'a message header is not an acceptable JSON object',
  ERR_MESSAGE_BODY_LENGTH: 'the body length of a message is not a non-negative safe integer',
  ERR_MESSAGE_BODY_MISMATCH: 'a body source gave more or fewer bytes than were declared',
  ERR_BODY_TOO_LARGE: 'a message body is longer than maxBodyLength',
  ERR_MESSAGE_BODY_INVALID: 'a body was read as text or JSON, but it is not',
  ERR_BODY_DISCARDED: 'a body was read a second time, or after the next message had been asked for',
  ERR_CONNECTION_CLOSED: 'the connection was closed, released or aborted on this side',
  ERR_CONNECTION_LOST: 'the connection broke: reset, or failed in transport',
  ERR_IDLE: 'nothing was sent or received for idleTimeout',
  ERR_TIMEOUT: 'a call or a handler did not finish in its time',
  ERR_ABORTED: 'the signal of a call aborted it; the connection goes on',
  ERR_SEND_STALLED: 'the remote took none of the queued bytes within sendTimeout',
  ERR_ENCODER_BUSY: 'send was called from inside the codec that encodes another value',
  ERR_QUEUE_FULL: 'more bytes wait to be sent than maxQueuedLength allows',
  ERR_LISTEN: 'a server or proxy cannot listen on its address',
  ERR_SCHEDULE: 'a schedule is malformed, of another version, or does not fit the bytes',
  ERR_DIALOGUE:
    'a dialogue file is malformed, of another version, or uses a value that is not there',
  ERR_CAPTURE: 'a capture file is damaged, cut off, or of a kind that cannot be read',
  ERR_NOT_PROVEN: 'a proof found a counterexample; its report is in the error',
  ERR_CONCURRENT_READ: 'two readers on one connection at the same time',
  ERR_CONNECT: 'no connection could be made in the given number of attempts',
  ERR_PEER_PROTOCOL: 'the remote broke a rule of the peer protocol',
  ERR_PEER_VERSION: 'the remote speaks another version of the peer protocol',
  ERR_PEER_SILENT: 'the remote sent no hello in time, or did not answer a ping',
  ERR_PEER_FLOOD: 'the remote kept sending messages that cost this side work and lead to nothing',
  ERR_CHANNEL_RESET: 'one side of a channel reset it',
  ERR_REMOTE: 'a handler of the remote failed; remoteCode says how',
} as const;

/**
 * Word by which a program recognises the kind of an error. `errorCodes` says in one line what each word
 * means.
 */
export type ErrorCode = keyof typeof errorCodes;

/**
 * The fields that an error can have. The code of an error decides which fields the error has: see
 * ErrorsByCode.
 */
export interface ErrorFacts {
  /** Length that was declared or given, in bytes. */
  readonly length?: number;
  /**
   * Limit or expected length, in bytes. For the codes about time it is in ms. For ERR_QUEUE_FULL and
   * ERR_PEER_FLOOD it may be a number of calls or messages.
   */
  readonly limit?: number;
  /** Number of bytes of the unfinished frame or message that were received. */
  readonly received?: number;
  /** Number of bytes that were queued and that the operating system had not taken. */
  readonly queued?: number;
  /** Word for the cause, where one code has several causes, such as 'utf8' or 'json'. */
  readonly reason?: string;
  /**
   * Whether the remote may have seen the request that failed. If false, the caller can safely repeat the
   * request.
   */
  readonly sent?: boolean;
  /** Reason that the remote gave for its close or reset: raw text, which the message shows escaped. */
  readonly remoteReason?: string;
  /** Message that the remote gave for an error: raw text, which the message shows escaped. */
  readonly remoteMessage?: string;
  /** Name that the remote chose: raw text, which the message shows escaped. */
  readonly remoteName?: string;
}

/**
 * Options of the constructor of an error. The facts, which begin the message, are a separate argument.
 */
export interface ErrorInit extends ErrorFacts {
  /** Advice on what to try, which ends the message. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Property that marks the errors of this package. Every installed copy of the package uses the same property.
 */
const BRAND = Symbol.for('unstick.error');

/**
 * Base class of all errors of this package. `isUnstickError` also recognises the errors of another installed
 * copy of the package, which `instanceof` does not.
 *
 * @example
 * ```ts
 * import { isUnstickError, lengthPrefixed } from 'unstick';
 *
 * const decoder = lengthPrefixed({ maxPayloadLength: 1024 }).decoder();
 * decoder.push(Buffer.from('GET / HTTP/1.1'));
 * try {
 *   decoder.take();
 * } catch (error) {
 *   if (!isUnstickError(error)) throw error;
 *   console.log(error.name, error.code, error.length, error.limit);
 * }
 * ```
 *
 * ```text
 * ProtocolError ERR_FRAME_TOO_LARGE 1195725856 1024
 * ```
 */
export abstract class UnstickError extends Error implements ErrorFacts {
  readonly code: ErrorCode;
  /** Advice on what to try, without the rest of the message. The message ends with the same advice. */
  declare readonly hint?: string;
  declare readonly length?: number;
  declare readonly limit?: number;
  declare readonly received?: number;
  declare readonly queued?: number;
  declare readonly reason?: string;
  declare readonly sent?: boolean;
  declare readonly remoteReason?: string;
  declare readonly remoteMessage?: string;
  declare readonly remoteName?: string;

  constructor(code: ErrorCode, facts: string, init: ErrorInit = {}) {
    const { hint, cause, ...fields } = init;
    super(
      hint === undefined ? facts : `${facts} ${hint}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    if (hint !== undefined) {
      this.hint = hint;
    }
    Object.assign(this, fields);
  }
}

Object.defineProperty(UnstickError.prototype, BRAND, { value: true });

/**
 * Error for which the caller is at fault: a wrong option, a value that cannot be encoded, or a call at the
 * wrong time.
 */
export class UsageError extends UnstickError {
  override readonly name = 'UsageError';
}

/** The place in the stream where the bytes of the remote became wrong. */
export interface StreamPlace {
  /** Offset of the first byte of the offending frame, from the start of the stream. */
  readonly byteOffset: number;
  /** Number of the offending frame, counted from 0. Skipped frames count. */
  readonly frameIndex: number;
}

/** Error for which the bytes of the remote are at fault. */
export class ProtocolError extends UnstickError implements StreamPlace {
  override readonly name = 'ProtocolError';
  readonly byteOffset: number;
  readonly frameIndex: number;

  constructor(code: ErrorCode, facts: string, init: ErrorInit & StreamPlace) {
    const { byteOffset, frameIndex, ...rest } = init;
    super(code, `${facts} (frame ${frameIndex}, byte ${byteOffset}).`, rest);
    this.byteOffset = byteOffset;
    this.frameIndex = frameIndex;
  }
}

/** Error for which the transport, its lifecycle or its timing is at fault. */
export class ConnectionError extends UnstickError {
  override readonly name = 'ConnectionError';
  /** Address and port of the remote, if the transport has them. */
  declare readonly remoteAddress?: string;

  constructor(
    code: ErrorCode,
    facts: string,
    init: ErrorInit & { readonly remoteAddress?: string | undefined } = {},
  ) {
    const { remoteAddress, ...rest } = init;
    super(
      code,
      remoteAddress === undefined ? `${facts}.` : `${facts} (remote ${remoteAddress}).`,
      rest,
    );
    if (remoteAddress !== undefined) {
      this.remoteAddress = remoteAddress;
    }
  }
}

interface TooLong {
  readonly length: number;
  readonly limit: number;
}

/** The class and the fields of the error for each code. A test checks that docs/errors.md has the same. */
export interface ErrorsByCode {
  ERR_OPTION: UsageError;
  ERR_FRAME_UNENCODABLE: UsageError;
  ERR_DECODER_ENDED: UsageError;
  ERR_DECODER_BUSY: UsageError;
  ERR_SKIP_UNFINISHED: UsageError;
  ERR_CHUNK_DETACHED: UsageError;
  ERR_FRAME_TOO_LARGE: ProtocolError & TooLong;
  ERR_FRAME_LENGTH_INVALID: ProtocolError & { readonly length: number };
  ERR_PREFIX_MALFORMED: ProtocolError;
  ERR_FRAME_TRUNCATED: ProtocolError & { readonly received: number };
  ERR_FRAME_MAGIC: ProtocolError & { readonly reason: 'before' | 'after' | 'trailer' | 'start' };
  ERR_FRAME_ESCAPE: ProtocolError & { readonly reason: 'unknown' | 'unfinished' };
  ERR_FRAME_MALFORMED: ProtocolError;
  ERR_FRAME_CHECKSUM: ProtocolError & { readonly length: number };
  ERR_NOISE: ProtocolError & { readonly length: number; readonly reason: string };
  ERR_FRAME_STALLED: ConnectionError & { readonly limit: number };
  ERR_MESSAGE_HEADER_TOO_LARGE: ProtocolError & TooLong;
  ERR_MESSAGE_HEADER_INVALID: ProtocolError & { readonly reason: string; readonly length: number };
  ERR_MESSAGE_BODY_LENGTH: ProtocolError;
  ERR_MESSAGE_BODY_MISMATCH: UsageError;
  ERR_BODY_TOO_LARGE: ProtocolError & TooLong;
  ERR_MESSAGE_BODY_INVALID: ProtocolError & { readonly reason: string };
  ERR_BODY_DISCARDED: UsageError;
  ERR_CONNECTION_CLOSED: ConnectionError;
  ERR_CONNECTION_LOST: ConnectionError;
  ERR_IDLE: ConnectionError & { readonly limit: number };
  ERR_TIMEOUT: ConnectionError;
  ERR_ABORTED: ConnectionError;
  ERR_SEND_STALLED: ConnectionError & { readonly limit: number };
  ERR_ENCODER_BUSY: UsageError;
  ERR_QUEUE_FULL: ConnectionError & TooLong;
  ERR_LISTEN: ConnectionError;
  ERR_SCHEDULE: UsageError;
  ERR_DIALOGUE: UsageError;
  ERR_CAPTURE: UsageError & { readonly byteOffset: number };
  ERR_NOT_PROVEN: UnstickError;
  ERR_CONCURRENT_READ: UsageError;
  ERR_CONNECT: ConnectionError;
  ERR_PEER_PROTOCOL: ProtocolError;
  ERR_PEER_VERSION: ProtocolError;
  ERR_PEER_SILENT: ConnectionError;
  ERR_PEER_FLOOD: ProtocolError;
  ERR_CHANNEL_RESET: ConnectionError;
  ERR_REMOTE: UnstickError & { readonly remoteCode: string; readonly details: unknown };
}

/** Any error of this package. `switch (error.code)` narrows this type to the class and fields of the code. */
export type AnyUnstickError = {
  [C in ErrorCode]: ErrorsByCode[C] & { readonly code: C };
}[ErrorCode];

/**
 * Returns whether a caught value is an error of this package, or of another installed copy of the package.
 */
export function isUnstickError(value: unknown): value is AnyUnstickError {
  return typeof value === 'object' && value !== null && Reflect.get(value, BRAND) === true;
}

/** Turns a thrown value into an Error, which a node stream can be destroyed with. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
