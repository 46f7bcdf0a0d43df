// The entry `unstick/peer`: requests, events and channels over one connection.

export { connect } from '../peer/connect.ts';
export type { ConnectOptions, PeerAddress, Retry } from '../peer/connect.ts';
export { listen } from '../peer/listen.ts';
export type { PeerListenOptions, PeerServer, PeerSetup } from '../peer/listen.ts';
export { peer } from '../peer/peer.ts';
export type { Peer, PeerOptions } from '../peer/peer.ts';
export type { RequestOptions } from '../peer/request-options.ts';
export type { Admit } from '../peer/admit.ts';
export type { Channel } from '../peer/channel.ts';
export { reply } from '../peer/handlers.ts';
export type {
  ChannelHandler,
  EventHandler,
  IncomingEvent,
  IncomingRequest,
  Reply,
  RequestHandler,
} from '../peer/handlers.ts';
export { PEER_VERSION } from '../peer/session/wire.ts';
export type { Json } from '../peer/session/wire.ts';
export { RemoteError } from '../peer/session/remote-error.ts';
export { ConnectionError, ProtocolError, UsageError } from '../errors.ts';
