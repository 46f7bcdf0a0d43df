// serveMessages(): a server whose connections are message streams. Everything else is as with serve().

import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { checkMessageStreamOptions, messageStream } from './message-stream.ts';
import type { MessageStream, MessageStreamOptions, StreamedMessage } from './message-stream.ts';
import { MESSAGE_STREAM_NAMES } from './message-wire.ts';
import { HANDLER_NAMES, openFramedServer, SERVER_TIMES } from './serving.ts';
import type { FramedServer, HandlerOptions } from './serving.ts';

type JsonObject = StreamedMessage['header'];

/**
 * Options of `serveMessages`. `frameTimeout` and `sendTimeout` default to 30 000 ms here; Infinity means no
 * limit.
 */
export interface ServeMessagesOptions<H = JsonObject>
  extends Omit<MessageStreamOptions<H>, 'signal'>, HandlerOptions<MessageStream<H>> {}

/**
 * Function that `serveMessages` calls with the message stream of each connection. When the function has
 * returned, and the promise that it may have returned has resolved, the server closes the connection.
 */
export type MessageHandler<H = JsonObject> = (stream: MessageStream<H>) => unknown;

const NAMES = {
  ...MESSAGE_STREAM_NAMES,
  ...HANDLER_NAMES,
} satisfies OptionNames<ServeMessagesOptions>;

/**
 * Listens and calls the handler with the message stream of each connection. When the handler returns,
 * everything that it sent goes out and the stream is closed. When the handler throws, the connection is
 * reset. Throws UsageError ERR_OPTION. If the server cannot listen, `ready` rejects with ConnectionError
 * ERR_LISTEN.
 */
export function serveMessages(
  handler: MessageHandler,
  options?: ServeMessagesOptions & { readonly parseHeader?: never },
): FramedServer;
export function serveMessages<H>(
  handler: MessageHandler<H>,
  options: ServeMessagesOptions<H>,
): FramedServer;
export function serveMessages<H>(
  handler: MessageHandler<H>,
  options: ServeMessagesOptions<H> = {},
): FramedServer {
  checkNames('serveMessages', options, NAMES);
  const { port, host, path, listen, reusePort, tls, handshakeTimeout, ...others } = options;
  const { maxConnections, readBuffer, signal, onError, ...given } = others;
  const place = { port, host, path, listen, reusePort, tls, handshakeTimeout };
  const framing = {
    ...given,
    frameTimeout: given.frameTimeout ?? SERVER_TIMES.frameTimeout,
    sendTimeout: given.sendTimeout ?? SERVER_TIMES.sendTimeout,
  };
  // Check the options now, so that a wrong option throws here and not when the first connection comes.
  checkMessageStreamOptions(framing);
  return openFramedServer<MessageStream<H>>(
    {
      frame: (duplex, abort) => messageStream(duplex, { ...framing, signal: abort }),
      handle: handler,
    },
    { ...place, maxConnections, readBuffer, signal, onError },
  );
}
