// Every error that leaves this package. The class says who must act, the code says what happened
// and never changes, the fields carry the numbers, the message gives the facts and then a hint.
// Payload bytes never appear in a message. Imports nothing; everyone may import it.

/** Code → what it means in one line. docs/errors.md has a heading for each; a test holds the two together. */
export const errorCodes = {
  ERR_OPTION: 'an option is of the wrong type, out of range, or contradicts another',
  ERR_FRAME_UNENCODABLE: 'a value cannot be written in this format; nothing was written',
  ERR_DECODER_ENDED: 'bytes were pushed into a decoder after its end',
  ERR_DECODER_BUSY: 'a decoder was used from inside its own scan visitor or onSkip',
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

/** The numbers of an error. Which of them are set depends on the code; docs/errors.md says which. */
export interface ErrorFacts {
  /** The length that was declared or given, in bytes. */
  readonly length?: number;
  /** The limit that it broke, in bytes unless the code says otherwise. */
  readonly limit?: number;
  /** How many bytes of the unfinished thing had come. */
  readonly received?: number;
  /** Bytes that were accepted for sending and not handed over to the operating system. */
  readonly queued?: number;
  /** A word that tells apart the cases of one code, such as `utf8` or `json`. */
  readonly reason?: string;
  /** Of a request that failed: false when the remote cannot have seen it, so that it can be repeated. */
  readonly sent?: boolean;
  /** Text that the remote chose, as it came: never print it raw, `printable` of text.ts shows it. */
  readonly remoteReason?: string;
  readonly remoteMessage?: string;
  readonly remoteName?: string;
}

/** What an error is made with besides its code and its facts. */
export interface ErrorInit extends ErrorFacts {
  /** What to try; it ends the message. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

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
    const { hint, cause, ...numbers } = init;
    super(
      hint === undefined ? facts : `${facts} ${hint}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    if (hint !== undefined) this.hint = hint;
    Object.assign(this, numbers);
  }
}

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
    if (remoteAddress !== undefined) this.remoteAddress = remoteAddress;
  }
}

/** Whether a caught value is an error of this package. */
export function isUnstickError(value: unknown): value is UnstickError {
  return value instanceof UnstickError;
}

/** What was thrown, as the Error that a node stream can be destroyed with. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/**
 * The options object of a factory: an object, with no names but those that it has. A misspelt limit
 * would otherwise be no limit.
 */
export function checkOptionNames(
  factory: string,
  options: unknown,
  known: readonly string[],
): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError(
      'ERR_OPTION',
      `${factory} takes an options object, not ${String(options)}.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError('ERR_OPTION', `${factory} has no option '${unknown}'.`, {
    hint: `It has ${known.join(', ')}.`,
  });
}

/** Refuses what is not a function, where one was asked for. */
export function checkFunction(name: string, given: unknown): void {
  if (typeof given === 'function') return;
  throw new UsageError(
    'ERR_OPTION',
    `${name} must be a function, not ${given === null ? 'null' : typeof given}.`,
  );
}
