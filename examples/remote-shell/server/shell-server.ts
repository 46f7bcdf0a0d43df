// The server: who may in is decided by the handshake, what is run by the policy, and each connection's
// commands are ended with it.

import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { listen } from '../../../src/entries/peer.ts';
import type { Peer, PeerServer } from '../../../src/entries/peer.ts';
import { resolveHost } from '../both/address.ts';
import type { Audit } from './audit.ts';
import { Commands } from './commands.ts';
import { admitClient } from '../both/handshake.ts';
import type { Policy } from './policy.ts';
import { PEER_LIMITS } from '../both/protocol.ts';
import { oneLine } from '../both/trouble.ts';

export interface ShellServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly policy: Policy;
  readonly audit: Audit;
  readonly maxConnections: number;
  readonly tls?: TlsOptions | undefined;
  /** The environment from which commands get a little; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ShellServer {
  readonly host: string;
  readonly port: number;
  /** Ends every connection and every command. */
  close(): Promise<void>;
}

/** How long a stranger may take to prove that they have the token. In ms. */
const HANDSHAKE_MS = 5000;
/** How long a client may say nothing at all: one that was stopped (Ctrl-Z, Ctrl-S) is waited for. In ms. */
const SILENCE_MS = 600_000;
const HEARTBEAT_MS = 15_000;
const KEEP_ALIVE_MS = 15_000;

export async function startShellServer(options: ShellServerOptions): Promise<ShellServer> {
  const { token, policy, audit, maxConnections, tls, env = process.env } = options;
  const host = await resolveHost(options.host, tls !== undefined);
  const open = new Set<Promise<void>>();
  const attend = async (peer: Peer): Promise<void> => {
    const client = peer.remoteAddress ?? 'unknown';
    audit('connect', { client });
    const commands = new Commands(peer, { policy, audit, env });
    await peer.closed;
    await commands.idle();
    const { failure } = peer;
    audit('disconnect', { client, reason: failure?.code });
  };
  const server: PeerServer = listen(
    (peer) => {
      const over = attend(peer).finally(() => open.delete(over));
      open.add(over);
    },
    {
      ...PEER_LIMITS,
      host,
      port: options.port,
      maxConnections,
      heartbeatInterval: HEARTBEAT_MS,
      heartbeatTimeout: SILENCE_MS,
      frameTimeout: SILENCE_MS,
      // A command may run, and its output may wait for its reader, as long as the person likes.
      handlerTimeout: Infinity,
      channelTimeout: Infinity,
      admitTimeout: HANDSHAKE_MS,
      admit: async (duplex, signal) => {
        keepAlive(duplex);
        return admitClient(duplex, token, signal);
      },
      // A client that misbehaves ends its own connection and nobody else's.
      onError: (error) => void audit('refuse', { reason: oneLine(error) }),
      ...(tls === undefined ? {} : { tls }),
    },
  );
  await server.ready;
  return {
    host,
    port: server.port,
    async close() {
      await server.close({ within: 0 });
      await Promise.allSettled(open);
    },
  };
}

/** The kernel asks whether a silent client's machine is still there, and a stopped client's answers. */
function keepAlive(duplex: Duplex): void {
  if ('setKeepAlive' in duplex && typeof duplex.setKeepAlive === 'function') {
    duplex.setKeepAlive(true, KEEP_ALIVE_MS);
  }
}
