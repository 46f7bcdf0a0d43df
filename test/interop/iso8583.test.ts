// ISO 8583 with a host in Python that was written after the specification, and knows nothing of this
// package: three ways to write the length, each by its row.

import { describe, expect, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import { utf8 } from '../support/bytes.ts';
import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { python, pythonServer } from './support/python.ts';
import { framesOfRow } from './support/row-stream.ts';

const STYLES = [
  ['iso8583Binary', 'binary'],
  ['iso8583Ascii', 'digits'],
  ['iso8583Bcd', 'bcd'],
] as const;

/** A message: its kind, the bitmap of its fields, and the fields. */
const message = (kind: string, bitmap: string, ...fields: readonly string[]): Uint8Array =>
  utf8(`${kind}${bitmap}${fields.join('')}`);

const [TIME, TRACE] = ['0327123500', '000017'] as const;
const PAN = '164000000000000002';
const notice = (length: number): string =>
  `${String(length).padStart(3, '0')}${'N'.repeat(length)}`;

/** Requests and their responses: the response has field 39 besides. */
const PAIRS = [
  // An echo: fields 7 and 11.
  [
    message('0800', '0220000000000000', TIME, TRACE),
    message('0810', '0220000002000000', TIME, TRACE, '00'),
  ],
  // An authorisation: fields 2, 3, 4, 7 and 11.
  [
    message('0100', '7220000000000000', PAN, '000000', '000000001000', TIME, TRACE),
    message('0110', '7220000002000000', PAN, '000000', '000000001000', TIME, TRACE, '00'),
  ],
  // The longest text that a field has, and none: field 63.
  [
    message('0800', '0220000000000002', TIME, TRACE, notice(999)),
    message('0810', '0220000002000002', TIME, TRACE, '00', notice(999)),
  ],
  [
    message('0800', '0220000000000002', TIME, TRACE, notice(0)),
    message('0810', '0220000002000002', TIME, TRACE, '00', notice(0)),
  ],
] as const;

describe.skipIf(python === undefined)('an ISO 8583 host (needs python3)', () => {
  describe.each(STYLES)('%s', (row, style) => {
    const server = foreignServer(({ port }) => pythonServer('iso8583_peer', `${port}`, style));

    test('answers requests, one by one and together', async () => {
      const talk = await Exchange.open<Uint8Array>(server.port, framing(row));
      const answers = PAIRS.map(([, answer]) => Buffer.from(answer).toString());
      const seen: string[] = [];
      for (const [request] of PAIRS) {
        talk.send(request);
        seen.push(Buffer.from(await talk.next()).toString());
      }
      talk.send(...PAIRS.map(([request]) => request));
      for (const _ of PAIRS) {
        seen.push(Buffer.from(await talk.next()).toString());
      }
      expect(seen).toEqual([...answers, ...answers]);
      expect(framesOfRow(row, talk.close())).toHaveLength(2 * PAIRS.length);
    });
  });
});
