// delimited(), lines(), cobs() and fixedLength() agree with the slow oracle over the whole space of their
// options. The oracle knows nothing of chunks.

import { deepStrictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameCodec } from '../../src/codec/codec.ts';
import type { ProtocolError } from '../../src/errors.ts';
import { UsageError } from '../../src/errors.ts';
import { join, toHex } from '../support/bytes.ts';
import { atOnce, cutsOf, deliveriesOf, read, split } from '../support/deliveries.ts';
import {
  codecOfFraming,
  delimitedCases,
  framings,
  payloadsOf,
} from '../support/delimited-arbitraries.ts';
import { protocolErrorOf, unstickErrorOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';
import { slowReadDelimited, slowWriteDelimited } from '../support/slow-delimited.ts';

describe('a decoder of frames without a length', () => {
  test('agrees with the slow oracle, however the stream is cut, pushed, scanned and taken', () => {
    fc.assert(
      fc.property(
        delimitedCases.chain(({ framing, stream }) =>
          fc.record({
            framing: fc.constant(framing),
            stream: fc.constant(stream),
            delivery: deliveriesOf(stream),
            skips: fc.boolean(),
          }),
        ),
        ({ framing, stream, delivery, skips }) => {
          const expected = slowReadDelimited(framing, stream, { ended: delivery.ended, skips });
          expect(read(codecOfFraming(framing), delivery, skips)).toEqual(expected);
        },
      ),
      runs(2000),
    );
  });

  test('gives the same error in every number and word, however the stream is cut', () => {
    const cases = delimitedCases.chain(({ framing, stream }) =>
      fc.record({
        framing: fc.constant(framing),
        stream: fc.constant(stream),
        cuts: cutsOf(stream.length),
      }),
    );
    fc.assert(
      fc.property(cases, ({ framing, stream, cuts }) => {
        const codec = codecOfFraming(framing);
        const { error } = read(codec, atOnce(stream));
        if (error === undefined) {
          return;
        }
        const whole = protocolErrorOf(codec, [stream]);
        const cut = protocolErrorOf(codec, split(stream, cuts));
        expect(facts(cut)).toEqual(facts(whole));
        expect(whole.hint).not.toBe('');
      }),
      runs(500),
    );
  });

  test('reports truncation at every cut that is not a boundary, and only there', () => {
    const cases = framings.chain((framing) =>
      fc.record({
        framing: fc.constant(framing),
        payloads: fc.array(payloadsOf(framing), { maxLength: 3 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ framing, payloads }) => {
        const stream = join(payloads.map((payload) => slowWriteDelimited(framing, payload)));
        for (let cut = 0; cut <= Math.min(stream.length, 60); cut++) {
          const part = stream.slice(0, cut);
          const expected = slowReadDelimited(framing, part, { ended: true, skips: false });
          expect(read(codecOfFraming(framing), atOnce(part))).toEqual(expected);
        }
      }),
      runs(60),
    );
  });
});

describe('an encoder of frames without a length', () => {
  test('writes what decode reads back, and refuses every other value', () => {
    const cases = framings.chain((framing) =>
      fc.record({ framing: fc.constant(framing), payload: payloadsOf(framing) }),
    );
    fc.assert(
      fc.property(cases, fc.nat(5), ({ framing, payload }, offset) => {
        const codec = codecOfFraming(framing);
        const frame = slowWriteDelimited(framing, payload);
        const isWhole = framing.kind === 'delimited' && framing.options.strip === false;
        const value = isWhole ? frame : payload;
        const back = slowReadDelimited(framing, frame, { ended: true, skips: false });
        const isRead =
          back.error === undefined &&
          back.events.length === 1 &&
          back.events.every((event) => event.kind === 'value' && event.value === toHex(value));
        const written = writtenOf(codec, value);
        expect(written && toHex(written)).toBe(isRead ? toHex(frame) : undefined);
        if (written === undefined) {
          return;
        }
        expect(codec.encodedLength(value)).toBe(written.length);
        const target = new Uint8Array(offset + written.length + 1).fill(0xee);
        expect(codec.encodeInto(value, target, offset)).toBe(offset + written.length);
        expect(toHex(target)).toBe(`${'ee'.repeat(offset)}${toHex(written)}ee`);
      }),
      runs(1000),
    );
  });
});

function facts({ message, length, limit, received, reason }: ProtocolError): object {
  return { message, length, limit, received, reason };
}

/** The bytes of a value, or `undefined` when every way of encoding refuses it. */
function writtenOf(codec: FrameCodec, value: Uint8Array): Uint8Array | undefined {
  try {
    return join(codec.encode(value));
  } catch (error) {
    const ways = [
      () => codec.encodedLength(value),
      () => codec.encodeInto(value, new Uint8Array(1e4), 0),
    ];
    const errors = [error, ...ways.map((way) => unstickErrorOf(way))];
    deepStrictEqual(
      errors.map((one) => one instanceof UsageError && one.code),
      errors.map(() => 'ERR_FRAME_UNENCODABLE'),
    );
    return undefined;
  }
}
