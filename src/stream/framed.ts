// framed() makes a connection of a duplex and a codec; it is where most programs begin. docs/connection.md
// has the table of what each way of ending does to the socket, sends and reads.

import type { Duplex } from 'node:stream';
import type { Bytes } from '../codec/byte-types.ts';
import type { Codec, FrameCodec } from '../codec/codec.ts';
import type { FrameParts } from '../codec/frame-parts.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { codecPair } from './codec-pair.ts';
import type { CodecPair } from './codec-pair.ts';
import { Connection } from './connection.ts';
import type { FramedOptions } from './framed-options.ts';
import type { NodeBytes } from './node-bytes.ts';

const plain = lengthPrefixed();
const PLAIN = { read: plain, write: plain };

/**
 * A codec of frames in parts. The type does not match a codec whose values have fields besides `payload` and
 * the sections.
 */
export type PartsCodec<In, Parts> = Codec<In, Parts> &
  ([keyof Parts] extends [keyof FrameParts] ? unknown : never);

/**
 * Gives message boundaries to a duplex: a `net` or `tls` socket, a unix socket, pipes of a child process, a
 * serial port, or any other node Duplex. The default codec is a 4-byte big-endian length and a payload.
 *
 * Sets `allowHalfOpen` and `setNoDelay` where the duplex has them. With `allowHalfOpen`, a client that sends
 * and ends still gets its answers. With `setNoDelay`, the kernel does not delay small sends; this package
 * joins them into one write instead.
 *
 * Throws UsageError ERR_OPTION, or ERR_CONCURRENT_READ for a duplex that is already framed or read.
 */
export function framed(
  duplex: Duplex,
  codec?: FrameCodec,
  options?: FramedOptions,
): Connection<Uint8Array, NodeBytes>;
export function framed<In extends FrameParts, Parts extends FrameParts<Bytes>>(
  duplex: Duplex,
  codec: PartsCodec<In, Parts>,
  options?: FramedOptions,
): Connection<In, { readonly [N in keyof Parts]: NodeBytes }>;
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
  if (codec === undefined) {
    return new Connection(duplex, PLAIN, options);
  }
  return new Connection(duplex, codecPair(codec), options);
}
