// Every error that leaves this package. The class says who must act, the code says what happened
// and never changes, the fields carry the numbers, the message gives the facts and then a hint.
// Payload bytes never appear in a message. Imports nothing; everyone may import it.

/** Code → what it means in one line. docs/errors.md has a heading for each; a test holds the two together. */
export const errorCodes = {
  ERR_OPTION: 'an option is of the wrong type, out of range, or contradicts another',
  ERR_FRAME_UNENCODABLE: 'a value cannot be written in this format; nothing was written',
  ERR_DECODER_ENDED: 'bytes were pushed into a decoder after its end',
  ERR_DECODER_BUSY: 'a decoder was used from inside a function that it was calling',
  ERR_SKIP_UNFINISHED: 'the unread bytes were asked for in the middle of a skipped frame',
  ERR_CHUNK_DETACHED: 'the memory of a chunk was transferred or shrunk before it was read',
  ERR_FRAME_TOO_LARGE: 'a frame declares more payload than maxPayloadLength allows',
  ERR_FRAME_LENGTH_INVALID:
    'a declared length is negative, below what it must count, or above 2^53-1',
  ERR_PREFIX_MALFORMED: 'a length prefix is not a number in its format',
  ERR_FRAME_TRUNCATED: 'the input ended inside a frame',
  ERR_FRAME_MAGIC: 'fixed bytes of the frame are not the expected ones',
  ERR_FRAME_CHECKSUM: 'the checksum of a frame does not match its bytes',
  ERR_FRAME_STALLED: 'a frame was begun and not finished within frameTimeout',
  ERR_MESSAGE_HEADER_TOO_LARGE: 'a message header is longer than maxHeaderLength',
  ERR_MESSAGE_HEADER_INVALID: 'a message header is not an acceptable JSON object',
  ERR_MESSAGE_BODY_LENGTH: 'the body length of a message is not a non-negative safe integer',
  ERR_MESSAGE_BODY_MISMATCH: 'a body source gave more or fewer bytes than were declared',
  ERR_BODY_TOO_LARGE: 'a message body is longer than maxBodyLength',
  ERR_MESSAGE_BODY_INVALID: 'a body was read as text or JSON and is not',
  ERR_BODY_DISCARDED: 'a body was read a second time, or after the next message had been asked for',
  ERR_CONNECTION_CLOSED: 'the connection was closed, released or aborted on this side',
  ERR_CONNECTION_LOST: 'the connection broke: reset, or failed in transport',
  ERR_IDLE: 'nothing was sent or received for idleTimeout',
  ERR_TIMEOUT: 'an answer did not come in the time given to receive()',
  ERR_ABORTED: 'a call was given up by its signal; the connection goes on',
  ERR_SEND_STALLED: 'the remote took none of the queued bytes within sendTimeout',
  ERR_ENCODER_BUSY: 'send was called from inside the codec that encodes another value',
  ERR_QUEUE_FULL: 'more bytes wait to be sent than maxQueuedLength allows',
  ERR_LISTEN: 'a server or proxy cannot listen on its address',
  ERR_SCHEDULE: 'a schedule is malformed, of another version, or does not fit the bytes',
  ERR_DIALOGUE:
    'a dialogue file is malformed, of another version, or uses a value that is not there',
  ERR_NOT_PROVEN: 'a proof found a counterexample; its report is in the error',
  ERR_CONCURRENT_READ: 'two readers on one connection at the same time',
  ERR_CONNECT: 'no connection could be made, after as many attempts as were asked for',
  ERR_PEER_PROTOCOL: 'the remote broke a rule of the peer protocol',
  ERR_PEER_VERSION: 'the remote speaks another version of the peer protocol',
  ERR_PEER_SILENT: 'the remote said no hello in time, or did not answer a ping',
  ERR_PEER_FLOOD: 'the remote repeated for too long what costs this side and not itself',
  ERR_CHANNEL_RESET: 'a channel was ended at once by one of its sides',
  ERR_REMOTE: 'the handler of a request failed over there; remoteCode says how',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The fields that errors can have. Which of them an error has depends on its code: see ErrorsByCode. */
export interface ErrorFacts {
  /** The length that was declared or given, in bytes. */
  readonly length?: number;
  /** The limit that it broke, in bytes unless the code says otherwise. */
  readonly limit?: number;
  /** Number of bytes of the unfinished thing that had come. */
  readonly received?: number;
  /** Number of bytes that had not been handed over to the operating system. */
  readonly queued?: number;
  /** A word that tells apart the cases of one code, such as `utf8` or `json`. */
  readonly reason?: string;
  /** Of a request that failed: false when the remote cannot have seen it, so that it can be repeated. */
  readonly sent?: boolean;
  /** Why the remote ended something, in its own words: raw text, which the message shows escaped. */
  readonly remoteReason?: string;
  /** What the remote said about an error: raw text, which the message shows escaped. */
  readonly remoteMessage?: string;
  /** A name that the remote chose: raw text, which the message shows escaped. */
  readonly remoteName?: string;
}

/** What an error is made with besides its code and its facts. */
export interface ErrorInit extends ErrorFacts {
  /** What to try; it ends the message. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Marks errors of this package, also those of another installed copy of it. */
const BRAND = Symbol.for('unstick.error');

/** What all errors of this package have in common. */
export abstract class UnstickError extends Error implements ErrorFacts {
  readonly code: ErrorCode;
  /** What to try, without the facts; it also ends the message. */
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

/** Your call is at fault: an option, a value that cannot be encoded, a call at the wrong time. */
export class UsageError extends UnstickError {
  override readonly name = 'UsageError';
}

/** Where in the stream the remote's bytes went wrong. */
export interface StreamPlace {
  /** Offset of the first byte of the offending frame, from the start of the stream. */
  readonly byteOffset: number;
  /** Number of the offending frame, from 0; skipped frames count. */
  readonly frameIndex: number;
}

/** The remote's bytes are at fault. */
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

/** The transport, its lifecycle or its timing is at fault. */
export class ConnectionError extends UnstickError {
  override readonly name = 'ConnectionError';
  /** Address and port of the other side, where the transport has them. */
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

/** The class and the fields of each code. docs/errors.md says the same; a test holds the two together. */
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
  ERR_FRAME_MAGIC: ProtocolError & { readonly reason: 'before' | 'after' | 'trailer' };
  ERR_FRAME_CHECKSUM: ProtocolError & { readonly length: number };
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

/** Any error of this package: `switch (error.code)` tells the class and the fields. */
export type AnyUnstickError = {
  [C in ErrorCode]: ErrorsByCode[C] & { readonly code: C };
}[ErrorCode];

/** Whether a caught value is an error of this package, or of another installed copy of it. */
export function isUnstickError(value: unknown): value is AnyUnstickError {
  return typeof value === 'object' && value !== null && Reflect.get(value, BRAND) === true;
}

/** What was thrown, as the Error that a node stream can be destroyed with. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
