// A visitor of scan() may end the connection, or may wrongly start a second reader. The first gave
// ERR_DECODER_BUSY and scan went on showing frames. The second made scan wait for ever.

import { expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection, until } from '../support/waiting.ts';

const THREE = hex('00000001 61 00000001 62 00000001 63');

test.each(['before the scan', 'during the scan'])(
  'destroying the connection in a visit shows no further frame (frames came %s)',
  async (when) => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    if (when === 'before the scan') {
      await write(far, THREE);
      await until(() => connection.stats.buffered === THREE.length, 'frames buffered');
    }
    let shown = 0;
    const scanned = connection.scan(() => {
      shown++;
      connection.destroy();
    });
    if (when === 'during the scan') {
      await write(far, THREE);
    }
    expect(await rejection(scanned)).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
    expect(shown).toBe(1);
  },
);

test.each(['before the scan', 'during the scan'])(
  'a scan inside a visit is refused and the outer one goes on (frames came %s)',
  async (when) => {
    const { near, far } = await tcpPair();
    const connection = framed(near);
    if (when === 'before the scan') {
      await write(far, THREE);
      await until(() => connection.stats.buffered === THREE.length, 'frames buffered');
    }
    const inner: Promise<unknown>[] = [];
    let shown = 0;
    const scanned = connection.scan(() => {
      shown++;
      inner.push(rejection(connection.scan(() => undefined)));
    });
    if (when === 'during the scan') {
      await write(far, THREE);
    }
    far.end(hex('00000001 64'));
    await scanned;
    expect(shown).toBe(4);
    expect(await Promise.all(inner)).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ code: 'ERR_CONCURRENT_READ' })),
    );
  },
);
