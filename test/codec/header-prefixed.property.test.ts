// headerPrefixed(): how the stream was cut is not observable, also where headers are refused; hostile
// bytes give values or a ProtocolError; encode and decode are inverse.

import { Parser } from 'binary-parser';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import { hex, join } from '../support/bytes.ts';
import { atOnce, deliveriesOf, read } from '../support/deliveries.ts';
import { valuesOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

interface Header {
  readonly version: number;
  readonly kind: number;
  readonly length: number;
}

const parser = new Parser<Header>()
  .endianness('big')
  .bit4('version', { assert: 4 })
  .bit12('kind')
  .uint16le('length');

const codec = headerPrefixed<Header>({
  header: parser,
  headerLength: 4,
  payloadLength: ({ length }) => length - 1,
  write: ({ version, kind }, length) =>
    Uint8Array.of((version << 4) | (kind >> 8), kind, length + 1, (length + 1) >> 8),
  maxPayloadLength: 40,
});

const payloads = fc.uint8Array({ maxLength: 40 });
const headers = fc.record({
  version: fc.constant(4),
  kind: fc.nat(4095),
  length: fc.constant(0),
});
const frames = fc
  .tuple(headers, payloads)
  .map(([header, payload]) => join(codec.encode({ header, payload })));
/** Mostly frames; some of a wrong version, of length 0 or too large, cut short, or no frames at all. */
const pieces = fc.oneof(
  { weight: 8, arbitrary: frames },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(hex('50000100'), hex('40000000')) },
  { weight: 1, arbitrary: fc.constant(Uint8Array.of(0x40, 0, 43, 0, ...new Uint8Array(42))) },
);
const streams = fc.array(pieces, { maxLength: 8 }).map(join);

test('says the same however the stream is cut, and of hostile bytes only what is known', () => {
  const cases = fc
    .tuple(streams, fc.boolean())
    .chain(([stream, skips]) =>
      fc.tuple(fc.constant(stream), fc.constant(skips), deliveriesOf(stream)),
    );
  fc.assert(
    fc.property(cases, ([stream, skips, delivery]) => {
      const whole = read(codec, { ...atOnce(stream), ended: delivery.ended }, skips);
      expect(read(codec, delivery, skips)).toEqual(whole);
    }),
    runs(400),
  );
});

test('decodes what it encodes', () => {
  const values = fc.array(fc.record({ header: headers, payload: payloads }), { maxLength: 5 });
  fc.assert(
    fc.property(values, (list) => {
      const stream = join(list.flatMap((value) => codec.encode(value)));
      const decoded = valuesOf(codec, [stream]);
      expect(decoded.map(({ payload }) => payload)).toEqual(list.map(({ payload }) => payload));
      expect(decoded.map(({ header }) => header.kind)).toEqual(
        list.map(({ header }) => header.kind),
      );
    }),
    runs(100),
  );
});
