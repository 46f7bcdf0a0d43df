// framed(): the front door. One duplex, one codec, and the verbs to read and send values.
// docs/connection.md has the table of what each way of ending does to the socket, sends and reads.

import type { Duplex } from 'node:stream';
import type { Codec, DecoderOptions } from '../codec/codec.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { UsageError } from '../errors.ts';
import { Connection } from './connection.ts';
import type { FramedOptions } from './framed-options.ts';

/** A codec for each direction, where a protocol's two directions differ. */
export interface CodecPair<In, Out> {
  readonly write: Codec<In, unknown>;
  readonly read: { decoder(options?: DecoderOptions): ReturnType<Codec<unknown, Out>['decoder']> };
}

const plain = lengthPrefixed();
const PLAIN = { read: plain, write: plain };

/**
 * Gives a duplex its message boundaries: `net` and `tls` sockets, unix sockets, child-process pipes,
 * serial ports, anything that is a node Duplex. Without a codec: 4-byte big-endian length, payload.
 *
 * Sets `allowHalfOpen` and `setNoDelay` where the duplex has them: a client that sends and ends still
 * gets its answers, and small sends are packed here instead of being delayed.
 */
export function framed(
  duplex: Duplex,
  codec?: undefined,
  options?: FramedOptions,
): Connection<Uint8Array, Uint8Array>;
export function framed<In, Out>(
  duplex: Duplex,
  codec: Codec<In, Out> | CodecPair<In, Out>,
  options?: FramedOptions,
): Connection<In, Out>;
export function framed<In, Out>(
  duplex: Duplex,
  codec: Codec<In, Out> | CodecPair<In, Out> | undefined,
  options: FramedOptions = {},
): Connection<In, Out> | Connection<Uint8Array, Uint8Array> {
  if (codec === undefined) return new Connection(duplex, PLAIN, options);
  return new Connection(duplex, codecPair(codec), options);
}

/** The codec of each direction. Throws UsageError ERR_OPTION for what is no codec. */
export function codecPair<In, Out>(codec: Codec<In, Out> | CodecPair<In, Out>): CodecPair<In, Out> {
  if (typeof codec === 'object' && codec !== null) {
    const pair = 'read' in codec ? codec : { read: codec, write: codec };
    const { read, write } = pair;
    if (typeof read?.decoder === 'function' && typeof write?.encode === 'function') return pair;
  }
  throw new UsageError('ERR_OPTION', 'The codec must be a codec, or { read, write } with two.', {
    hint: 'Such as lengthPrefixed(), messages(), or one of yours.',
  });
}
