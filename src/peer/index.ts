// The entry `unstick/peer`: requests, events and channels over one connection.

export { connect } from './connect.ts';
export type { ConnectOptions, PeerAddress, Retry } from './connect.ts';
export { listen } from './listen.ts';
export type { PeerListenOptions, PeerServer, PeerSetup } from './listen.ts';
export { peer } from './peer.ts';
export type { Peer } from './peer.ts';
export type { RequestOptions } from './request-options.ts';
export type { PeerOptions } from './peer-options.ts';
export type { Admit } from './admit.ts';
export type { Channel } from './channel.ts';
export { reply } from './handlers.ts';
export type {
  ChannelHandler,
  EventHandler,
  IncomingEvent,
  IncomingRequest,
  Reply,
  RequestHandler,
} from './handlers.ts';
export { PEER_VERSION } from './wire.ts';
export type { Json } from './wire.ts';
export { RemoteError } from './remote-error.ts';
export { ConnectionError, ProtocolError, UsageError } from '../errors.ts';
