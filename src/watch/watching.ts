// The watchers of the chunks of each connection. One subscription serves all connections. So each chunk costs
// one look into a map, however many connections are watched.

import { chunkChannel } from '../stream/diagnostics.ts';

/** The event that `unstick:chunk` publishes. The bytes are valid during the call only. */
export interface ChunkEvent {
  readonly connection: object;
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
}

type Watcher = (event: ChunkEvent) => void;

const watchers = new Map<object, Set<Watcher>>();

function onChunk(message: unknown): void {
  const event = message as ChunkEvent;
  for (const watcher of watchers.get(event.connection) ?? []) {
    watcher(event);
  }
}

/** Calls the watcher with each chunk of the connection. Returns a function that stops these calls. */
export function watchChunks(connection: object, watcher: Watcher): () => void {
  if (watchers.size === 0) {
    chunkChannel.subscribe(onChunk);
  }
  const known = watchers.get(connection) ?? new Set();
  watchers.set(connection, known.add(watcher));
  return () => {
    known.delete(watcher);
    if (known.size === 0 && watchers.delete(connection) && watchers.size === 0) {
      chunkChannel.unsubscribe(onChunk);
    }
  };
}
