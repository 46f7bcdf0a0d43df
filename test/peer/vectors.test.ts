// The bytes of every kind of message, and of one conversation, as another language wrote them.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import { lengthOf } from '../../src/codec/bytes.ts';
import { readHeader } from '../../src/peer/session/wire.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import {
  codecOf,
  RecordedPair,
  recorded,
  SessionEnd,
  sessionOptions,
} from '../support/session-pair.ts';

interface MessageVector {
  readonly id: string;
  readonly header: JsonObject;
  readonly body: string;
  readonly wire: string;
}

interface Refusal {
  readonly id: string;
  readonly wire: string;
  readonly error: string;
}

interface File {
  readonly messages: readonly MessageVector[];
  readonly refusals: readonly Refusal[];
  readonly conversation: Readonly<Record<'left' | 'right', readonly string[]>>;
}

// The one cast: a file of ours.
const file = JSON.parse(
  readFileSync(new URL('../vectors/peer.json', import.meta.url), 'utf8'),
) as File;

const limits = {
  window: 1000,
  maxChannels: 2,
  maxPendingRequests: 2,
  maxHeaderLength: 1000,
  maxBodyLength: 1000,
  maxPendingHeaderLength: 1000,
};
const codec = codecOf(limits);

test('there is a vector for every kind', () => {
  const kinds = new Set(file.messages.map(({ header }) => header['kind']));
  expect(kinds.size).toBe(14);
});

describe('a message', () => {
  test.each(file.messages)(
    '$id is read from its bytes, however they are cut',
    ({ header, body, wire }) => {
      for (const size of [1, 3, 1000]) {
        const decoder = codec.decoder();
        for (const piece of inPieces(hex(wire), size)) {
          decoder.push(piece);
        }
        const [message, ...more] = decoder;
        if (message === undefined) {
          throw new Error('nothing came');
        }
        expect(more).toEqual([]);
        expect(readHeader(message.header, lengthOf(message.body), message.place)).toMatchObject(
          header,
        );
        expect(toHex(join(message.body))).toBe(body);
      }
    },
  );

  test.each(file.messages)('$id is written as these bytes', ({ header, body, wire }) => {
    const bytes = hex(body);
    const read = readHeader(header, bytes.length, { byteOffset: 0, frameIndex: 0 });
    expect(toHex(join([codec.encodeHead(read, bytes.length), bytes]))).toBe(toHex(hex(wire)));
  });
});

test.each(file.refusals)('a session refuses $id', ({ wire, error }) => {
  for (const size of [1, 1000]) {
    const end = new SessionEnd(0, sessionOptions({ maxHeaderLength: 16_384 }), recorded([]));
    const hear = (): void => inPieces(hex(wire), size).forEach((piece) => end.hear(piece));
    expect(hear).toThrow(ProtocolError);
    expect(hear).toThrow(expect.objectContaining({ code: error }));
  }
});

function bare(wires: readonly string[]): string[] {
  return wires.map((wire) => toHex(hex(wire)));
}

test('two sessions say a conversation in these bytes', () => {
  const both = new RecordedPair();
  const said: [string[], string[]] = [[], []];
  const carry = (): void => {
    for (let moved = true; moved;) {
      moved = false;
      for (const end of both.ends) {
        while (end.pump(1).length > 0) {
          moved = true;
          const bytes = end.take();
          said[end.side].push(toHex(bytes));
          both.ends[end.side === 0 ? 1 : 0].hear(bytes);
        }
      }
    }
  };
  carry();
  const { left, right } = both;
  left.notify('said', [1], { body: utf8('') });
  left.request('ask', undefined, utf8('?'));
  left.open('log', 'x');
  left.write(1, [utf8('0123456789abcdefghijklmnop')], () => undefined);
  left.ping();
  carry();
  right.answer(1, { result: 42, body: utf8('!') });
  right.consumed(-1, 16);
  left.end(1, () => undefined);
  carry();
  right.reset(-1, 'enough');
  left.close();
  carry();
  expect(said).toEqual([bare(file.conversation.left), bare(file.conversation.right)]);
  expect(left.isFinished && right.isFinished).toBe(true);
});
