// dial() connects to a server and returns a framed connection. One call makes one attempt. docs/serving.md
// has a recipe for several attempts.

import type { Bytes } from '../codec/byte-types.ts';
import type { Codec, FrameCodec } from '../codec/codec.ts';
import type { FrameParts } from '../codec/frame-parts.ts';
import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { codecPair } from './codec-pair.ts';
import type { CodecPair } from './codec-pair.ts';
import { connected, DIAL_NAMES, resolveDialAddress } from './connecting.ts';
import type { DialAddress } from './connecting.ts';
import type { Connection } from './connection.ts';
import { framed } from './framed.ts';
import type { PartsCodec } from './framed.ts';
import { FRAMED_NAMES, resolveFramedOptions } from './framed-options.ts';
import type { FramedOptions } from './framed-options.ts';
import type { NodeBytes } from './node-bytes.ts';

/** Options of `dial`: an address, and the options of `framed`. */
export interface DialOptions extends DialAddress, Omit<FramedOptions, 'signal'> {}

const NAMES = { ...DIAL_NAMES, ...FRAMED_NAMES } satisfies OptionNames<DialOptions>;

/**
 * Connects to a server and frames the connection. Rejects with ConnectionError ERR_CONNECT, which names the
 * address and the reason; with ERR_CONNECTION_CLOSED when the signal aborts; with UsageError for wrong
 * options.
 */
export function dial(
  codec: FrameCodec,
  options: DialOptions,
): Promise<Connection<Uint8Array, NodeBytes>>;
export function dial<In extends FrameParts, Parts extends FrameParts<Bytes>>(
  codec: PartsCodec<In, Parts>,
  options: DialOptions,
): Promise<Connection<In, { readonly [N in keyof Parts]: NodeBytes }>>;
export function dial<In, Out>(
  codec: Codec<In, Out> | CodecPair<In, Out>,
  options: DialOptions,
): Promise<Connection<In, Out>>;
export async function dial<In, Out>(
  codec: Codec<In, Out> | CodecPair<In, Out>,
  options: DialOptions,
): Promise<Connection<In, Out>> {
  checkNames('dial', options, NAMES);
  const { port, host, path, tls, connectTimeout, readBuffer, ...framing } = options;
  const { signal } = framing;
  const pair = codecPair(codec);
  resolveFramedOptions(framing);
  const to = { port, host, path, tls, connectTimeout, readBuffer, signal };
  const address = resolveDialAddress(to);
  return connected(address, (socket) => framed(socket, pair, framing));
}
