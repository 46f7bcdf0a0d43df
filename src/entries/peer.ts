// The entry `unstick/peer`: requests, events and channels over one connection.

export { connect } from '../peer/connect.ts';
export type { ConnectOptions, PeerAddress, Retry } from '../peer/connect-options.ts';
export { listen } from '../peer/listen.ts';
export type { PeerServer } from '../peer/listen.ts';
export type { PeerListenOptions } from '../peer/listen-options.ts';
export type { PeerSetup } from '../peer/lobby.ts';
export { peer } from '../peer/peer.ts';
export type { Peer, PeerOptions } from '../peer/peer.ts';
export type {
  NotifyOptions,
  OpenOptions,
  PingOptions,
  RequestOptions,
} from '../peer/verb-options.ts';
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
export type { CloseOptions } from '../stream/framed-options.ts';
