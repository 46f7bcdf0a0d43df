// serve(): a server whose connections are framed, with limits and a graceful end.

import type { Bytes } from '../codec/byte-types.ts';
import type { Codec, FrameCodec } from '../codec/codec.ts';
import type { FrameParts } from '../codec/frame-parts.ts';
import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { codecPair } from './codec-pair.ts';
import type { CodecPair } from './codec-pair.ts';
import type { Connection } from './connection.ts';
import { framed } from './framed.ts';
import type { PartsCodec } from './framed.ts';
import { FRAMED_NAMES, resolveFramedOptions } from './framed-options.ts';
import type { FramedOptions } from './framed-options.ts';
import type { NodeBytes } from './node-bytes.ts';
import { HANDLER_NAMES, openFramedServer, SERVER_TIMES } from './serving.ts';
import type { FramedServer, HandlerOptions } from './serving.ts';

/**
 * Options of `serve`. `frameTimeout` and `sendTimeout` default to 30 000 ms here; Infinity means no limit.
 * With a codec whose frames may take any time, such as `lines()` and `delimited()`, `frameTimeout` defaults
 * to Infinity.
 */
export interface ServeOptions<C = unknown>
  extends Omit<FramedOptions, 'signal'>, HandlerOptions<C> {}

/**
 * Function that `serve` calls with each connection. When the function has returned, and the promise that it
 * may have returned has resolved, the server closes the connection.
 */
export type Handler<In, Out> = (connection: Connection<In, Out>) => unknown;

const NAMES = { ...HANDLER_NAMES, ...FRAMED_NAMES } satisfies OptionNames<ServeOptions>;

/**
 * Listens, frames each connection and calls the handler with it. When the handler returns, everything that it
 * sent goes out and the connection is closed. When the handler throws, the connection is reset. Throws
 * UsageError ERR_OPTION. If the server cannot listen, `ready` rejects with ConnectionError ERR_LISTEN.
 *
 * @example
 * ```ts
 * import { dial, lengthPrefixed, serve } from 'unstick';
 *
 * const server = serve(lengthPrefixed(), async (conn) => {
 *   for await (const frame of conn) await conn.send(Buffer.from(`you said ${String(frame)}`));
 * });
 * await server.ready;
 * const conn = await dial(lengthPrefixed(), { port: server.port });
 * await conn.send(Buffer.from('hello'));
 * console.log(String(await conn.receive()));
 * await conn.close();
 * await server.close();
 * ```
 *
 * ```text
 * you said hello
 * ```
 */
export function serve(
  codec: FrameCodec,
  handler: Handler<Uint8Array, NodeBytes>,
  options?: ServeOptions<Connection<Uint8Array, NodeBytes>>,
): FramedServer;
export function serve<In extends FrameParts, Parts extends FrameParts<Bytes>>(
  codec: PartsCodec<In, Parts>,
  handler: Handler<In, { readonly [N in keyof Parts]: NodeBytes }>,
  options?: ServeOptions<Connection<In, { readonly [N in keyof Parts]: NodeBytes }>>,
): FramedServer;
export function serve<In, Out>(
  codec: Codec<In, Out> | CodecPair<In, Out>,
  handler: Handler<In, Out>,
  options?: ServeOptions<Connection<In, Out>>,
): FramedServer;
export function serve<In, Out>(
  codec: Codec<In, Out> | CodecPair<In, Out>,
  handler: Handler<In, Out>,
  options: ServeOptions<Connection<In, Out>> = {},
): FramedServer {
  checkNames('serve', options, NAMES);
  const { frameTimeout, sendTimeout, idleTimeout, whenFull, ...others } = options;
  const { maxQueuedLength, highWaterMark, copy, onSkip, ...server } = others;
  const pair = codecPair(codec);
  const preset = pair.read.isPatient === true ? Infinity : SERVER_TIMES.frameTimeout;
  const framing: FramedOptions = {
    frameTimeout: frameTimeout ?? preset,
    sendTimeout: sendTimeout ?? SERVER_TIMES.sendTimeout,
    idleTimeout,
    whenFull,
    maxQueuedLength,
    highWaterMark,
    copy,
    onSkip,
  };
  // Check the options now, so that a wrong option throws here and not when the first connection comes.
  const resolved = resolveFramedOptions(framing);
  return openFramedServer<Connection<In, Out>>(
    {
      frame: (duplex, signal) =>
        framed(duplex, pair, signal === undefined ? resolved : { ...framing, signal }),
      handle: handler,
    },
    server,
  );
}
