// Decoding and encoding messages in one process: a 4-byte length, a JSON header with the body's length, the
// body.

import { messageParts, messages } from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';
import type { Contender, Contest } from './harness.ts';
import { inputOf, passes } from './input.ts';
import type { Count, Input } from './input.ts';
import { messageLoop } from './loops.ts';
import { peerMessages } from './others/messages.ts';

const HEADER = { id: 12_345, kind: 'request', name: 'files/read' };

/** Encodes a message by hand, as `messages()` does. */
function handMade(body: Buffer): Buffer[] {
  const header = Buffer.from(JSON.stringify({ ...HEADER, bodyLength: body.length }));
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(header.length);
  return [prefix, header, body];
}

const byLoop: Count = ({ chunks }) => {
  let found = 0;
  const push = messageLoop((header, body) => {
    if (header.id === HEADER.id && body.length === header.bodyLength) {
      found++;
    }
  });
  for (const chunk of chunks) {
    push(chunk);
  }
  return found;
};

const byTake: Count = ({ chunks }) => {
  let found = 0;
  const decoder = messages().decoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (const { header, body } of decoder) {
      if (header['id'] === HEADER.id && body.length === header['bodyLength']) {
        found++;
      }
    }
  }
  return found;
};

const byParts: Count = ({ chunks }) => {
  let found = 0;
  const decoder = messageParts().decoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (const part of decoder) {
      if (part.kind === 'end') {
        found++;
      }
    }
  }
  return found;
};

const LOOP = 'hand loop, JSON.parse';

function decoding(bodyLength: number, label: string): Contest {
  const make = (): Input => inputOf(Buffer.concat(handMade(Buffer.alloc(bodyLength, 120))));
  return {
    title: `decode messages with ${label} bodies`,
    unit: 'M messages/s',
    reference: LOOP,
    contenders: {
      [LOOP]: passes(make, byLoop),
      'messages, push/take': passes(make, byTake),
      'messageParts, push/take': passes(make, byParts),
      ...peerMessages(HEADER, bodyLength),
    },
  };
}

const MESSAGES = 100_000;

/**
 * A contender that encodes messages; its figure is millions a second. `encode` returns a message's length.
 */
function encodes(bodyLength: number, encode: (body: Buffer) => number): Contender {
  const body = Buffer.alloc(bodyLength, 120);
  return async () => {
    let least = Infinity;
    const time = await seconds(() => {
      for (let i = 0; i < MESSAGES; i++) {
        least = Math.min(least, encode(body));
      }
    });
    if (least < bodyLength) {
      throw new Error(`a message has ${least} bytes`);
    }
    return MESSAGES / time / 1e6;
  };
}

const codec = messages();

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
  }
  return length;
}

function encoding(bodyLength: number, label: string): Contest {
  return {
    title: `encode messages with ${label} bodies`,
    unit: 'M messages/s',
    reference: 'by hand, JSON.stringify',
    contenders: {
      'by hand, JSON.stringify': encodes(bodyLength, (body) => lengthOf(handMade(body))),
      'messages, encode': encodes(bodyLength, (body) =>
        lengthOf(codec.encode({ header: HEADER, body })),
      ),
    },
  };
}

await hold(import.meta.url, [
  decoding(64, '64 B'),
  decoding(4096, '4 KiB'),
  decoding(1_048_576, '1 MiB'),
  encoding(64, '64 B'),
  encoding(65_536, '64 KiB'),
]);
