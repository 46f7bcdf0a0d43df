// The live source of an inspection. It is the proxy without a plan, so the pieces are the reads of its
// sockets.

import type { Passed } from '../chop/chop-options.ts';
import { chop } from '../chop/proxy.ts';
import type { ConnectionReport, ConnectionStart } from '../chop/connection-report.ts';
import type { CaptureVisitor, Conversation, Way } from '../capture/events.ts';
import { formatAddress, parseAddress } from '../deliver/address.ts';

export interface LiveOptions {
  readonly listen: string;
  readonly to: string;
  readonly visit: CaptureVisitor;
  /** Whether the inspection goes on until `signal` aborts. Otherwise it ends when one connection ends. */
  readonly isFollowing: boolean;
  /** Ends the inspection. */
  readonly signal: AbortSignal;
  /** Called with the address at which the proxy listens. */
  readonly onListening: (address: string) => void;
}

/** `isVain` says whether connections came, and none of them reached the server. */
export interface LiveResult {
  readonly isVain: boolean;
}

class Connections {
  readonly #visit: CaptureVisitor;
  readonly #to: string;
  readonly #known = new Map<number, { readonly about: Conversation; readonly open: Set<Way> }>();

  constructor(visit: CaptureVisitor, to: string) {
    this.#visit = visit;
    this.#to = to;
  }

  readonly open = ({ connection, from }: ConnectionStart): void => {
    const { host, port } = parseAddress('to', this.#to, 1);
    const about = {
      index: connection,
      name: `${from}>${formatAddress({ host, port })}`,
      client: from,
      server: formatAddress({ host, port }),
      clientPort: Number(from.slice(from.lastIndexOf(':') + 1)),
      serverPort: port,
      isMidStream: false,
    };
    this.#known.set(connection, { about, open: new Set<Way>(['a>b', 'b>a']) });
    this.#visit({ kind: 'open', conversation: about, time: Date.now() });
  };

  readonly pass = ({ connection, direction, bytes }: Passed): void => {
    const known = this.#known.get(connection);
    const way = direction === 'to-server' ? 'a>b' : 'b>a';
    if (known === undefined || !known.open.has(way)) {
      return;
    }
    const place = { conversation: known.about, direction: way, time: Date.now() } as const;
    if (bytes === undefined) {
      known.open.delete(way);
      this.#visit({ kind: 'end', ...place, how: 'fin' });
    } else {
      // The offset is always 0 here, because a track counts its own offsets.
      this.#visit({ kind: 'segment', ...place, offset: 0, bytes });
    }
  };

  readonly close = ({ connection, end }: ConnectionReport): void => {
    const known = this.#known.get(connection);
    for (const direction of known?.open ?? []) {
      const conversation = known?.about;
      if (conversation !== undefined) {
        const how = end === 'reset' ? 'reset' : 'open';
        this.#visit({ kind: 'end', conversation, direction, time: Date.now(), how });
      }
    }
    this.#known.delete(connection);
  };
}

/**
 * Passes connections on, and reports the bytes that pass as events. Rejects with ConnectionError ERR_LISTEN.
 */
export async function inspectLive(options: LiveOptions): Promise<LiveResult> {
  const { listen, to, visit, isFollowing, signal, onListening } = options;
  const over = new AbortController();
  const connections = new Connections(visit, to);
  const seen = { refused: 0, others: 0 };
  const proxy = await chop({
    listen,
    to,
    onOpen: connections.open,
    onPass: connections.pass,
    onClose: (report) => {
      connections.close(report);
      seen[report.end === 'refused' ? 'refused' : 'others']++;
      if (!isFollowing) {
        over.abort();
      }
    },
  });
  try {
    onListening(formatAddress(proxy));
    const ended = AbortSignal.any([over.signal, signal]);
    if (!ended.aborted) {
      await new Promise((resolve) => ended.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    await proxy.close();
  }
  return { isVain: seen.refused > 0 && seen.others === 0 };
}
