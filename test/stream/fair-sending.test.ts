// A remote that takes everything at once. The kernel then calls back before any other event, so a handler
// that only sends would never let the event loop turn, and one download would hold up every other connection.

import { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { framed, messageStream } from '../../src/entries/main.ts';

/** Upper bound in ms. It is far more than a turn takes, also on a busy machine. */
const LIMIT_MS = 30_000;

function sink(): Duplex {
  const duplex = new Duplex({
    read() {
      // No bytes come.
    },
    write(_bytes, _encoding, done) {
      done();
    },
  });
  onTestFinished(() => void duplex.destroy());
  return duplex;
}

/** Yields bytes for as long as `goesOn` returns true, without a turn of the event loop. */
async function* bodyOf(goesOn: () => boolean): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(4096);
  while (goesOn()) {
    yield bytes;
  }
}

const senders: Record<string, (goesOn: () => boolean) => Promise<void>> = {
  'frames of 16 bytes': async (goesOn) => {
    const connection = framed(sink());
    const bytes = new Uint8Array(16);
    while (goesOn()) {
      await connection.send(bytes);
    }
  },
  'frames of 64 KiB': async (goesOn) => {
    const connection = framed(sink());
    const bytes = new Uint8Array(64 * 1024);
    while (goesOn()) {
      await connection.send(bytes);
    }
  },
  'messages with a body': async (goesOn) => {
    const stream = messageStream(sink());
    const message = { header: {}, body: new Uint8Array(4096) };
    while (goesOn()) {
      await stream.send(message);
    }
  },
  'a streamed body': async (goesOn) => {
    const stream = messageStream(sink());
    const sent = stream.send({ header: {}, body: bodyOf(goesOn), bodyLength: 2 ** 40 });
    await sent.catch(() => undefined);
  },
};

test.each(Object.keys(senders))('%s leave the event loop its turns', async (name) => {
  const started = performance.now();
  let turns = 0;
  const count = (): void => {
    turns++;
    if (turns < 3) {
      setImmediate(count);
    }
  };
  setImmediate(count);
  await senders[name]?.(() => turns < 3 && performance.now() - started < LIMIT_MS);
  expect(turns).toBe(3);
});
