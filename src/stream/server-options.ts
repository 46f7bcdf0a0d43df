// The options that servers of frames, of messages and of peers share. Their defaults and checks are here.

import type { ListenOptions } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { checkSignal, connectionTime, flag, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { whereToListen } from './listening.ts';
import type { ListenAddress } from './listening.ts';
import { resolveReadBuffer } from './read-buffer.ts';
import type { ReadBuffer } from './read-buffer.ts';

/** Options of a server: where it listens, whom it accepts, and how it ends. */
export interface ServerOptions extends ListenAddress {
  /**
   * Whether to open a listening socket. With false, connections come only through `attach`, and any option of
   * a listening socket throws ERR_OPTION: `port`, `host`, `path`, `reusePort`, `tls`, `readBuffer`. Default
   * true.
   */
  readonly listen?: boolean | undefined;
  /**
   * Whether several processes may listen on one port, so that the kernel spreads the connections over them.
   * Needs Node 22.12, 23.1 or later (otherwise throws ERR_OPTION) and a kernel with SO_REUSEPORT. Throws
   * ERR_OPTION beside `path`. Default false.
   */
  readonly reusePort?: boolean | undefined;
  /**
   * Keys and certificates, as for `tls.createServer`. With this option every accepted connection is
   * encrypted. Default: none, connections are not encrypted.
   */
  readonly tls?: TlsOptions | undefined;
  /**
   * Time in ms for a TLS handshake. When it is over, the connection is reset. Infinity means no limit, and 0
   * throws ERR_OPTION. Without `tls` this option throws ERR_OPTION. Default 10 000, or the `handshakeTimeout`
   * of `tls`.
   */
  readonly handshakeTimeout?: number | undefined;
  /**
   * Maximum number of open connections, attached and released sockets included. A full server resets a
   * newcomer to make room for a new connection; if there is no newcomer, it resets the new connection.
   * Newcomers are connections in their TLS handshake, and in `listen` also connections in `admit` or before
   * their hello. Newcomers that have sent nothing go first, and of these the oldest one of the address with
   * the most. With 0 the server refuses every connection. Default: no limit.
   */
  readonly maxConnections?: number | undefined;
  /** Signal whose abort ends the server and every connection at once. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Memory into which a socket is read, from its first `scan` or `body.visit` on. 'reused' is one buffer for
   * all sockets of the thread; 'own' is new memory for each read. 'reused' works with Node on Linux, without
   * `tls`, and outside workers of node:cluster; everywhere else it has the effect of 'own'. Default 'reused'.
   */
  readonly readBuffer?: ReadBuffer | undefined;
}

export const SERVER_NAMES: OptionNames<ServerOptions> = {
  port: true,
  host: true,
  path: true,
  listen: true,
  reusePort: true,
  tls: true,
  handshakeTimeout: true,
  maxConnections: true,
  signal: true,
  readBuffer: true,
};

export interface ResolvedServerOptions {
  /** Where the server listens; `undefined` if it does not listen. */
  readonly where: ListenOptions | undefined;
  readonly tls: TlsOptions | undefined;
  readonly handshakeTimeout: number;
  readonly maxConnections: number;
  readonly signal: AbortSignal | undefined;
  readonly readBuffer: ReadBuffer;
}

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;
/** Options of `tls` of which at least one must be given: without an identity no handshake can succeed. */
const IDENTITIES = ['cert', 'pfx', 'SNICallback', 'pskCallback'] as const;

/** Checks the options and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  const { tls, maxConnections, signal } = options;
  checkSignal('signal', signal);
  checkTls(tls);
  return {
    where: resolveWhere(options),
    tls,
    handshakeTimeout: resolveHandshakeTimeout(options),
    maxConnections:
      maxConnections === undefined ? Infinity : whole('maxConnections', maxConnections),
    signal,
    readBuffer: resolveReadBuffer(options.readBuffer),
  };
}

function resolveWhere(options: ServerOptions): ListenOptions | undefined {
  const where = whereToListen(options);
  if (!flag('listen', options.listen, true)) {
    return noPlace(options);
  }
  if (!flag('reusePort', options.reusePort, false)) {
    return where;
  }
  if (where.path !== undefined) {
    refuse('reusePort is given beside path, but a unix socket has no port to share.');
  }
  checkReusePort(process.versions.node);
  // The types of the oldest Node do not know this option.
  const shared: ListenOptions & { readonly reusePort: boolean } = { ...where, reusePort: true };
  return shared;
}

/**
 * Returns the place of a server that does not listen, which is none. Throws for any option of a listening
 * socket.
 */
function noPlace(options: ServerOptions): undefined {
  const names = ['port', 'host', 'path', 'reusePort', 'tls', 'readBuffer'] as const;
  const misplaced = names.find((name) => options[name] !== undefined);
  if (misplaced === undefined) {
    return undefined;
  }
  return refuse(`${misplaced} has no meaning with listen: false.`, 'Leave out one of them.');
}

/**
 * Throws on an older Node: it would ignore `reusePort` without an error, and the port would not be shared.
 */
export function checkReusePort(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) {
    return;
  }
  refuse(
    `reusePort needs Node 22.12, 23.1 or later, and this is ${version}.`,
    'Use node:cluster: its workers call serve with the same port, without reusePort (docs/serving.md).',
  );
}

function resolveHandshakeTimeout({ tls, handshakeTimeout }: ServerOptions): number {
  if (handshakeTimeout !== undefined && tls === undefined) {
    refuse('handshakeTimeout limits the TLS handshake, but tls is not given.');
  }
  const given = handshakeTimeout ?? tls?.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
  return connectionTime('handshakeTimeout', given);
}

function checkTls(tls: TlsOptions | undefined): void {
  if (tls === undefined) {
    return;
  }
  const given: unknown = tls;
  if (typeof given !== 'object' || given === null) {
    refuseValue('tls', 'an options object, as for tls.createServer', given);
  }
  if (IDENTITIES.some((name) => tls[name] !== undefined)) {
    return;
  }
  refuse(
    'tls has no certificate, so no handshake could succeed.',
    'Give key and cert, as for tls.createServer.',
  );
}
