// The server. The handshake decides which clients are let in, and the policy which commands run. When a
// connection ends, the server ends its commands.

import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { listen } from '../../../src/entries/peer.ts';
import type { Admit, Peer, PeerServer } from '../../../src/entries/peer.ts';
import { resolveHost } from '../both/address.ts';
import type { Audit } from './audit.ts';
import { Commands } from './commands.ts';
import type { House } from './commands.ts';
import { admitClient } from '../both/handshake.ts';
import type { Policy } from './policy.ts';
import { PEER_LIMITS } from '../both/protocol.ts';
import { MAX_STRANGERS, Strangers, UNKNOWN } from './strangers.ts';
import { reasonOf } from '../../support/shown.ts';

export interface ShellServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly policy: Policy;
  readonly audit: Audit;
  readonly maxConnections: number;
  readonly tls?: TlsOptions | undefined;
  /** The environment from which commands get a few variables. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ShellServer {
  readonly host: string;
  readonly port: number;
  /** Ends every connection and every command. */
  close(): Promise<void>;
}

/** Time in ms that a client may take to prove that it has the token. */
const HANDSHAKE_MS = 5000;
/** Time in ms that a client may be silent. It is long, because a client may be stopped (Ctrl-Z, Ctrl-S). */
const SILENCE_MS = 600_000;
const HEARTBEAT_MS = 15_000;
/** Number of further connections: those refused but not yet destroyed, and those in the TLS handshake. */
const SPARE_CONNECTIONS = 256;
const KEEP_ALIVE_MS = 15_000;

const LIMITS = {
  ...PEER_LIMITS,
  heartbeatInterval: HEARTBEAT_MS,
  heartbeatTimeout: SILENCE_MS,
  frameTimeout: SILENCE_MS,
  // There is no limit here to how long a command runs, or how long its output waits for the reader.
  handlerTimeout: Infinity,
  channelTimeout: Infinity,
  admitTimeout: HANDSHAKE_MS,
};

export async function startShellServer(options: ShellServerOptions): Promise<ShellServer> {
  const { token, policy, audit, maxConnections, tls, env = process.env } = options;
  const host = await resolveHost(options.host, tls !== undefined);
  const open = new Set<Promise<void>>();
  const strangers = new Strangers();
  const attend = attendance({ policy, audit, env }, maxConnections);
  const server: PeerServer = listen(
    (peer) => {
      const over = attend(peer).finally(() => open.delete(over));
      open.add(over);
    },
    {
      ...LIMITS,
      host,
      port: options.port,
      maxConnections: maxConnections + MAX_STRANGERS + SPARE_CONNECTIONS,
      admit: admission(token, strangers),
      // A client that misbehaves ends its own connection only.
      onError: (error, peer) => {
        const client = peer?.remoteAddress ?? strangers.whose(error);
        void audit('refuse', { client, reason: reasonOf(error) });
      },
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

/** Serves up to `maxConnections` clients that were let in. Strangers are counted apart (strangers.ts). */
function attendance(house: House, maxConnections: number): (peer: Peer) => Promise<void> {
  const { audit } = house;
  let inside = 0;
  return async (peer) => {
    const client = peer.remoteAddress ?? UNKNOWN;
    if (inside >= maxConnections) {
      void audit('refuse', { client, reason: `More than ${maxConnections} connections.` });
      peer.destroy();
      return;
    }
    inside++;
    void audit('connect', { client });
    const commands = new Commands(peer, house);
    await peer.closed;
    await commands.idle();
    inside--;
    void audit('disconnect', { client, reason: peer.failure?.code });
  };
}

/**
 * Lets in clients that prove that they have the token. Remembers the address of the others for the audit log.
 */
function admission(token: string, strangers: Strangers): Admit {
  return async (duplex, signal) => {
    keepAlive(duplex);
    const leave = strangers.enter(duplex, signal);
    try {
      return await admitClient(duplex, token, signal);
    } catch (error) {
      strangers.note(error, duplex);
      throw error;
    } finally {
      leave();
    }
  };
}

/** Lets the kernel probe the machine of a silent client. The machine of a stopped client still answers. */
function keepAlive(duplex: Duplex): void {
  if ('setKeepAlive' in duplex && typeof duplex.setKeepAlive === 'function') {
    duplex.setKeepAlive(true, KEEP_ALIVE_MS);
  }
}
