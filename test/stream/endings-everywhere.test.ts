// What the remote sees of an ending, for everything that ends (framed connections, message streams, peers),
// over every transport. An orderly end must be seen as an end, and a failure as a reset wherever the
// transport has one.

import { describe, expect, test } from 'vitest';
import type { Duplex } from 'node:stream';
import { framed, messageStream } from '../../src/entries/main.ts';
import { peer } from '../../src/entries/peer.ts';
import { ownTlsPair, tcpPair, tlsPair, unixPair } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { settled, until } from '../support/waiting.ts';

interface Ending {
  close(options?: { readonly within?: number }): Promise<void>;
  destroy(cause?: unknown): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const makers: Record<string, (duplex: Duplex) => Ending> = {
  'a framed connection': (duplex) => framed(duplex),
  'a message stream': (duplex) => messageStream(duplex),
  'a peer': (duplex) => peer(duplex),
};

const transports: Record<
  string,
  { readonly open: () => Promise<Pair>; readonly hasReset: boolean }
> = {
  TCP: { open: tcpPair, hasReset: true },
  'TLS over a socket of ours': { open: ownTlsPair, hasReset: true },
  "a user's TLSSocket": { open: tlsPair, hasReset: false },
  'a unix socket': { open: unixPair, hasReset: false },
};

const orderly: Record<string, (ending: Ending) => unknown> = {
  'close()': (ending) => void ending.close({ within: 200 }).catch(() => undefined),
  'await using': (ending) => void ending[Symbol.asyncDispose]().catch(() => undefined),
};

const cases = Object.entries(transports).flatMap(([transport, { open, hasReset }]) =>
  Object.entries(makers).map(([what, make]) => ({ transport, what, open, hasReset, make })),
);

describe.each(cases)('$what over $transport', ({ what, open, hasReset, make }) => {
  /** Plays an ending, and resolves to how the far side saw it. */
  async function farewellOf(act: (ending: Ending) => unknown): Promise<string> {
    const { near, far } = await open();
    let farewell = '';
    far.on('end', () => {
      farewell ||= 'end';
      far.end();
    });
    far.on('error', () => (farewell ||= 'reset')).resume();
    const ending = make(near);
    // To Node a reset that is found together with bytes (of a handshake, of a hello) looks like an end.
    await settled(() => far.bytesRead + near.bytesRead, 30);
    act(ending);
    await until(() => farewell !== '', 'it ended');
    await until(() => near.destroyed, 'nothing is left here');
    return farewell;
  }

  test(`destroy() is seen as ${hasReset ? 'a reset' : 'an end'}`, async () => {
    expect(await farewellOf((ending) => ending.destroy())).toBe(hasReset ? 'reset' : 'end');
  });

  // A peer sends a close before it ends, and the far side here sends nothing. See test/peer/endings.test.ts.
  test.each(Object.entries(what === 'a peer' ? {} : orderly).map(([name, act]) => ({ name, act })))(
    '$name is seen as an end',
    async ({ act }) => {
      expect(await farewellOf(act)).toBe('end');
    },
  );
});
