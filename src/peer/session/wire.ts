// The headers of the messages between two peers. docs/wire-format.md is the specification. This file is pure.

import { ProtocolError } from '../../errors.ts';
import type { StreamPlace } from '../../errors.ts';
import type { JsonObject } from '../../message/json-header.ts';
import { printable, quantity } from '../../text.ts';

/** Any JSON value. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** The protocol version in every hello. Two peers of different versions end at once. */
export const PEER_VERSION = 1;

/**
 * Smallest `maxHeaderLength` and `maxHelloLength`. Every header that a peer sends by itself is shorter than
 * this.
 */
export const LEAST_HEADER_LENGTH = 256;
/** Smallest `maxBodyLength`. With less, a channel would send mostly headers. */
export const LEAST_BODY_LENGTH = 4096;

/** The limits that a peer gives in its hello. They say how much the peer is willing to hold. */
export interface PeerLimits {
  /** Maximum number of bytes that one channel may have under way to this peer. */
  readonly window: number;
  /** Maximum number of channels that the remote may have open at a time. */
  readonly maxChannels: number;
  /** Maximum number of requests of the remote that may wait for their answers at a time. */
  readonly maxPendingRequests: number;
  /**
   * Maximum length in bytes of a header (`maxHeaderLength`) and of a body (`maxBodyLength`) that come to this
   * peer.
   */
  readonly maxHeaderLength: number;
  readonly maxBodyLength: number;
  /**
   * Maximum number of bytes in the headers of the remote's pending requests together. The same limit holds
   * for the remote's open channels. If no other header is held, a header may be as long as maxHeaderLength,
   * even if that is more than this limit.
   */
  readonly maxPendingHeaderLength: number;
}

/** The failure of a handler, in the form in which it is sent. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details?: Json | undefined;
}

/** The first message of a peer. If it leaves out maxPendingHeaderLength, that peer has no such limit. */
export interface Hello extends Omit<PeerLimits, 'maxPendingHeaderLength'> {
  readonly kind: 'hello';
  readonly version: number;
  readonly maxPendingHeaderLength?: number | undefined;
}

/**
 * The header of a message. `id` counts the requests of one side, and separately its pings. `channel` counts
 * the channels that one side opened. It is positive if the sender of this message opened the channel, and
 * negative if the receiver did.
 */
export type PeerHeader =
  | Hello
  | { readonly kind: 'request'; readonly id: number; readonly name: string; readonly params?: Json }
  | { readonly kind: 'response'; readonly id: number; readonly result?: Json }
  | { readonly kind: 'failure'; readonly id: number; readonly error: Failure }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'event'; readonly name: string; readonly params?: Json }
  | {
      readonly kind: 'open';
      readonly channel: number;
      readonly name: string;
      readonly params?: Json;
    }
  | { readonly kind: 'bytes'; readonly channel: number }
  | { readonly kind: 'credit'; readonly channel: number; readonly credit: number }
  | { readonly kind: 'end'; readonly channel: number }
  | { readonly kind: 'reset'; readonly channel: number; readonly reason?: string | undefined }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'pong'; readonly id: number }
  | { readonly kind: 'close' };

type Kind = PeerHeader['kind'];
type Check = readonly [is: (value: unknown) => boolean, what: string];

const count: Check = [isCount, 'a whole number above 0'];
const optionalCount: Check = [
  (value) => value === undefined || isCount(value),
  'a whole number above 0, or left out',
];
const channel: Check = [
  (value) => isCount(typeof value === 'number' ? Math.abs(value) : value),
  'a whole number other than 0',
];
const text: Check = [(value) => typeof value === 'string', 'text'];
const optionalText: Check = [
  (value) => value === undefined || typeof value === 'string',
  'text, or left out',
];
const atLeast = (least: number): Check => [
  (value) => isCount(value) && Number(value) >= least,
  `a whole number, ${least} or more`,
];
const failure: Check = [isFailure, 'an object with a code and a message'];

const FIELDS: Readonly<Record<Kind, readonly (readonly [name: string, check: Check])[]>> = {
  hello: [
    ['window', count],
    ['maxChannels', count],
    ['maxPendingRequests', count],
    ['maxHeaderLength', atLeast(LEAST_HEADER_LENGTH)],
    ['maxBodyLength', atLeast(LEAST_BODY_LENGTH)],
    ['maxPendingHeaderLength', optionalCount],
  ],
  request: [
    ['id', count],
    ['name', text],
  ],
  response: [['id', count]],
  failure: [
    ['id', count],
    ['error', failure],
  ],
  cancel: [['id', count]],
  event: [['name', text]],
  open: [
    ['channel', count],
    ['name', text],
  ],
  bytes: [['channel', channel]],
  credit: [
    ['channel', channel],
    ['credit', count],
  ],
  end: [['channel', channel]],
  reset: [
    ['channel', channel],
    ['reason', optionalText],
  ],
  ping: [['id', count]],
  pong: [['id', count]],
  close: [],
};
const WITH_BODY: ReadonlySet<Kind> = new Set<Kind>(['request', 'response', 'event', 'bytes']);

/**
 * Checks a header. Ignores keys that this version does not know. Throws ProtocolError ERR_PEER_PROTOCOL for
 * an unknown kind or a wrong field, and ERR_PEER_VERSION for a hello of another version.
 */
export function readHeader(header: JsonObject, bodyLength: number, place: StreamPlace): PeerHeader {
  if (!hasKind(header)) {
    const { kind } = header;
    const shown =
      typeof kind === 'string' ? printable(kind, { maxLength: 32 }) : `a ${typeof kind}`;
    throw violation(`The kind of a message is ${shown}, which no peer sends`, place);
  }
  const { kind } = header;
  // Check the version before other fields: a hello of another version may have other fields.
  if (kind === 'hello') {
    checkVersion(header, place);
  }
  for (const [name, [is, what]] of FIELDS[kind]) {
    if (!is(header[name])) {
      throw violation(`${name} of a ${kind} message must be ${what}`, place);
    }
  }
  if (bodyLength > 0 && !WITH_BODY.has(kind)) {
    throw violation(
      `A ${kind} message must have no body, but this one has ${quantity(bodyLength, 'byte')}`,
      place,
    );
  }
  // This is the one cast of this file. It is safe, because the fields have just been checked.
  return header as unknown as PeerHeader;
}

/** The limits that `limitsOf` returned last. */
let last: PeerLimits | undefined;

/**
 * Returns the limits that a hello gives. Nearly all remotes of a process have the same limits, so those
 * remotes share one object.
 */
export function limitsOf(hello: Hello): PeerLimits {
  const { window, maxChannels, maxPendingRequests, maxHeaderLength, maxBodyLength } = hello;
  const { maxPendingHeaderLength = Infinity } = hello;
  if (
    last?.window !== window ||
    last.maxChannels !== maxChannels ||
    last.maxPendingRequests !== maxPendingRequests ||
    last.maxHeaderLength !== maxHeaderLength ||
    last.maxBodyLength !== maxBodyLength ||
    last.maxPendingHeaderLength !== maxPendingHeaderLength
  ) {
    last = {
      window,
      maxChannels,
      maxPendingRequests,
      maxHeaderLength,
      maxBodyLength,
      maxPendingHeaderLength,
    };
  }
  return last;
}

function hasKind(header: JsonObject): header is JsonObject & { readonly kind: Kind } {
  return typeof header['kind'] === 'string' && Object.hasOwn(FIELDS, header['kind']);
}

/** Makes the error of a remote that broke a rule of docs/wire-format.md. */
export function violation(facts: string, place: StreamPlace): ProtocolError {
  return new ProtocolError('ERR_PEER_PROTOCOL', facts, {
    ...place,
    hint: 'Is the remote a peer, too? docs/wire-format.md says what a peer may send.',
  });
}

function checkVersion(header: JsonObject, place: StreamPlace): void {
  const { version } = header;
  if (version === PEER_VERSION) {
    return;
  }
  const theirs = typeof version === 'number' ? `version ${version}` : 'no version';
  throw new ProtocolError(
    'ERR_PEER_VERSION',
    `The remote speaks ${theirs} of the peer protocol, this side version ${PEER_VERSION}`,
    { ...place, hint: 'Bring both sides to the same version of unstick.' },
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isFailure(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return (
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
