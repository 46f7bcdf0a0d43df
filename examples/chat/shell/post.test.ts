// The mailbox of a user who reads nothing. Waiting answers are limited by their length as well as by their
// number, because the answer to `who` in a large room is long.

import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { framed, messages, rawBytes } from '../../../src/entries/main.ts';
import { defaultLimits } from '../core/limits.ts';
import { Post } from './post.ts';

/** A stream whose writes wait until `release` is called. Later writes do not wait. */
function heldStream(): { readonly duplex: Duplex; readonly release: () => void } {
  let held: (() => void)[] | undefined = [];
  const duplex = new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, done) {
      if (held === undefined) {
        done();
      } else {
        held.push(done);
      }
    },
  });
  const release = (): void => {
    const all = held ?? [];
    held = undefined;
    for (const done of all) {
      done();
    }
  };
  return { duplex, release };
}

test('no further command is read while long answers wait, however few they are', async () => {
  const { duplex, release } = heldStream();
  const line = framed(duplex, { read: messages(), write: rawBytes() });
  const box = new Post(defaultLimits, () => 0).box(line);
  const text = 'x'.repeat(defaultLimits.maxWaitingBytes - 1000);
  const answer = async (): Promise<void> => {
    box.answer({ type: 'rooms', count: 1, text });
    await turn();
    await turn();
  };
  // The stream has the first answer, and the second answer waits.
  await answer();
  await answer();
  await box.caughtUp();
  await answer();
  let isCaughtUp = false;
  const caughtUp = box.caughtUp().then(() => {
    isCaughtUp = true;
  });
  await turn();
  expect(isCaughtUp).toBe(false);
  release();
  await caughtUp;
  line.destroy();
});
