// The entries of a directory on the server, page by page.

import type { Peer } from '../../../src/entries/peer.ts';
import { entriesOf, flagOf } from '../both/wire.ts';
import type { Entry } from '../both/wire.ts';

export async function* entriesIn(peer: Peer, path: string): AsyncGenerator<Entry> {
  let after = '';
  let isMore = true;
  while (isMore) {
    const { result, body } = await peer.request('ls', { path, after });
    const entries = entriesOf(JSON.parse(Buffer.from(body).toString()));
    yield* entries;
    after = entries.at(-1)?.name ?? '';
    // Stop at an empty page: a server that always says isMore must not keep this loop going for ever.
    isMore = flagOf(Object(result), 'isMore') && entries.length > 0;
  }
}
