// The name of a connection, written as captures name conversations: `address:port>address:port`, with this
// side first.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Conversation } from '../capture/events.ts';

type Names = Omit<Conversation, 'index' | 'isMidStream'>;

function endpoint(address: string | undefined, port: number | undefined): string {
  if (address === undefined || port === undefined) {
    return '';
  }
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Returns the names of a connection and of its sides. A connection without addresses, or that is not
 * connected yet, has the name `this>remote`.
 */
export function transportName(duplex: Duplex): Names {
  const socket = duplex instanceof Socket ? duplex : undefined;
  const client = endpoint(socket?.localAddress, socket?.localPort);
  const server = endpoint(socket?.remoteAddress, socket?.remotePort);
  return {
    name: client === '' || server === '' ? 'this>remote' : `${client}>${server}`,
    client,
    server,
    clientPort: socket?.localPort ?? 0,
    serverPort: socket?.remotePort ?? 0,
  };
}
