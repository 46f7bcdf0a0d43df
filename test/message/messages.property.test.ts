// messages() and messageParts(), however the stream is cut: they agree with the slow oracle, encoding gives
// the same bytes back, and all errors are typed.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { join, toHex, utf8 } from '../support/bytes.ts';
import { atOnce, deliveriesOf, read } from '../support/deliveries.ts';
import type { Delivery, Reading } from '../support/deliveries.ts';
import { messageCases, messageOptions, outgoing } from '../support/message-arbitraries.ts';
import { runs } from '../support/seed.ts';
import { slowMessages } from '../support/slow-messages.ts';

const MIB = 1024 * 1024;
const delivered = messageCases.chain((one) =>
  fc.record({ one: fc.constant(one), delivery: deliveriesOf(one.stream), skips: fc.boolean() }),
);

/** The parts with neighbouring body bytes in one. */
function joined({ events, ...reading }: Reading): Reading {
  const all: unknown[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (isBody(event) && isBody(last)) {
      last.value.bytes += event.value.bytes;
    } else {
      all.push(structuredClone(event));
    }
  }
  return { events: all as Reading['events'], ...reading };
}

function isBody(event: unknown): event is { value: { bytes: string } } {
  const value = (event as { value?: { kind?: string } } | undefined)?.value;
  return value?.kind === 'body';
}

function expected(
  one: { options: object; stream: Uint8Array },
  delivery: Delivery,
  skips: boolean,
) {
  const given = 'maxBodyLength' in one.options ? Number(one.options.maxBodyLength) : undefined;
  const terms = { ended: delivery.ended, skips };
  return {
    whole: slowMessages(one.options, one.stream, { ...terms, limit: given ?? 16 * MIB }).whole,
    parts: slowMessages(one.options, one.stream, { ...terms, limit: given ?? Infinity }).parts,
  };
}

describe('a decoder of messages', () => {
  test('agrees with the slow oracle, however the stream is cut', () => {
    fc.assert(
      fc.property(delivered, ({ one, delivery, skips }) => {
        const { whole } = expected(one, delivery, skips);
        expect(read(messages(one.options), delivery, skips)).toEqual(whole);
      }),
      runs(3000),
    );
  });

  test('gives the same messages in parts, with the bytes of a body divided as they came', () => {
    fc.assert(
      fc.property(delivered, ({ one, delivery, skips }) => {
        const { parts } = expected(one, delivery, skips);
        expect(joined(read(messageParts(one.options), delivery, skips))).toEqual(parts);
      }),
      runs(3000),
    );
  });

  test('reports truncation at every cut that is not a boundary, and only there', () => {
    fc.assert(
      fc.property(fc.array(outgoing, { maxLength: 3 }), (sent) => {
        const codec = messages();
        const all = sent.map((message) => join(codec.encode(message)));
        const starts = all.reduce<number[]>(
          (at, one) => [...at, (at.at(-1) ?? 0) + one.length],
          [0],
        );
        const stream = join(all);
        for (let cut = 0; cut <= stream.length; cut++) {
          const part = atOnce(stream.slice(0, cut));
          const whole = starts.filter((start) => start <= cut).length - 1;
          const error = starts.includes(cut)
            ? undefined
            : { code: 'ERR_FRAME_TRUNCATED', byteOffset: starts[whole], frameIndex: whole };
          expect(read(codec, part).error).toEqual(error);
          expect(read(messageParts(), part).error).toEqual(error);
        }
      }),
      runs(40),
    );
  });
});

describe('an encoder of messages', () => {
  test('writes what its own decoder reads: the header, its body length, the body', () => {
    fc.assert(
      fc.property(messageOptions, fc.array(outgoing, { maxLength: 3 }), (options, sent) => {
        const codec = messages(options);
        const { bodyLengthKey = 'bodyLength' } = options;
        for (const message of sent) {
          const pieces = encoded(() => codec.encode(message));
          if (pieces === undefined) {
            continue;
          }
          const body = typeof message.body === 'string' ? utf8(message.body) : message.body;
          const header: unknown = JSON.parse(JSON.stringify(message.header));
          const full = { ...(header as object), [bodyLengthKey]: body?.length ?? 0 };
          const { events, error } = read(codec, atOnce(join(pieces)));
          expect(error).toBeUndefined();
          const value = { header: full, body: toHex(body ?? new Uint8Array(0)) };
          expect(events).toEqual([{ kind: 'value', value }]);
        }
      }),
      runs(1000),
    );
  });

  test('counts exactly the bytes that it would give as pieces', () => {
    fc.assert(
      fc.property(messageOptions, outgoing, (options, message) => {
        const codec = messages(options);
        const pieces = encoded(() => codec.encode(message));
        const length = encoded(() => codec.encodedLength(message));
        expect(length).toBe(pieces && join(pieces).length);
      }),
      runs(1000),
    );
  });
});

function encoded<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ERR_FRAME_UNENCODABLE') {
      return undefined;
    }
    throw error;
  }
}
