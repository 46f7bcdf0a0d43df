// dialMessages() connects to a server and returns a message stream. Everything else is as with dial().

import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { connected, DIAL_NAMES, resolveDialAddress } from './connecting.ts';
import type { DialAddress } from './connecting.ts';
import { checkMessageStreamOptions, messageStream } from './message-stream.ts';
import type { MessageStream, MessageStreamOptions, StreamedMessage } from './message-stream.ts';
import { MESSAGE_STREAM_NAMES } from './message-wire.ts';

type JsonObject = StreamedMessage['header'];

/** Options of `dialMessages`: an address, and the options of `messageStream`. */
export interface DialMessagesOptions<H = JsonObject>
  extends DialAddress, Omit<MessageStreamOptions<H>, 'signal'> {}

const NAMES = { ...MESSAGE_STREAM_NAMES, ...DIAL_NAMES } satisfies OptionNames<DialMessagesOptions>;

/** Connects to a server and makes a message stream of the connection. Rejects as `dial` does. */
export function dialMessages(
  options: DialMessagesOptions & { readonly parseHeader?: never },
): Promise<MessageStream<JsonObject>>;
export function dialMessages<H>(options: DialMessagesOptions<H>): Promise<MessageStream<H>>;
export async function dialMessages<H>(options: DialMessagesOptions<H>): Promise<MessageStream<H>> {
  checkNames('dialMessages', options, NAMES);
  const { port, host, path, tls, connectTimeout, readBuffer, ...streaming } = options;
  const { signal } = streaming;
  checkMessageStreamOptions(streaming);
  const to = { port, host, path, tls, connectTimeout, readBuffer, signal };
  const address = resolveDialAddress(to);
  return connected(address, (socket) => messageStream(socket, streaming));
}
