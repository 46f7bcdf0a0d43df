// An error quoted the first four bytes of a frame. After a length that was too small by four, these were the
// last four bytes of a password. Now no field of an error of codecs and messages has bytes of the stream.

import { ok } from 'node:assert';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { isUnstickError } from '../../src/errors.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { join, utf8 } from '../support/bytes.ts';
import { codecOfRow, FORMAT_NAMES } from '../support/format-vectors.ts';
import { runs } from '../support/seed.ts';

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A length field, a parser and a parseHeader that quote their input in errors, as careless functions do. */
const quoting: LengthField = {
  maxWidth: 8,
  read: (bytes, at) => {
    throw new Error(`not a length: ${latin1(bytes.subarray(at))}`);
  },
  write: () => {
    throw new Error('decodes only');
  },
};
const parse = (bytes: Uint8Array): never => {
  throw new Error(`no header: ${latin1(bytes)}`);
};
const parseHeader = (header: object): never => {
  throw new Error(JSON.stringify(header));
};

const codecs: Record<string, Codec<never, unknown>> = {
  ...Object.fromEntries(FORMAT_NAMES.map((name) => [name, codecOfRow(name)])),
  quoting: lengthPrefixed({ prefix: quoting }),
  header: headerPrefixed({ header: { parse }, headerLength: 4, payloadLength: () => 0 }),
  netstrings: netstrings(),
  contentLength: contentLength(),
  messages: messages(),
  'messages with a short prefix': messages({ prefix: 'u8', maxHeaderLength: 100 }),
  messageParts: messageParts({ prefix: 'u8' }),
  parseHeader: messages({ prefix: 'u8', parseHeader }),
};

/** Letters of which no message of this package has three in a row. */
const secrets = fc
  .array(fc.constantFrom('Q', 'X', 'Z', 'J', 'K', 'V', 'W', 'q', 'x', 'z'), {
    minLength: 6,
    maxLength: 12,
  })
  .map((letters) => letters.join(''));
const wrappings: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `{"${secret}":1,"${secret}":2}`,
  (secret) => `{"a":"${secret}"`,
  (secret) => `{"bodyLength":"${secret}"}`,
  (secret) => `Content-Length: ${secret}\r\n\r\n`,
  (secret) => `Content-Length: 3\r\n${secret} is it\r\n`,
  (secret) => `5${secret}`,
  (secret) => `3:abc${secret}`,
  (secret) => `GET /${secret} HTTP/1.1\r\n`,
];
const fronts = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.uint8Array({ maxLength: 8 }),
  fc.integer({ min: 0, max: 20 }).map((length) => Uint8Array.of(0, 0, 0, length)),
  fc.integer({ min: 0, max: 40 }).map((length) => Uint8Array.of(length)),
);

test.each(Object.entries(codecs))('%s says nothing of what came', (_, codec) => {
  const cases = fc.tuple(secrets, fc.constantFrom(...wrappings), fronts, fronts);
  fc.assert(
    fc.property(cases, ([secret, wrap, front, between]) => {
      const text = utf8(wrap(secret));
      const decoder = codec.decoder();
      decoder.push(join([front, text, between, text]));
      decoder.end();
      let said = '';
      try {
        for (const value of decoder) {
          if (value === undefined) {
            return;
          }
        }
      } catch (error) {
        if (!isUnstickError(error)) {
          throw error;
        }
        said = `${error.message} ${error.hint} ${error.stack} ${error.reason}`;
      }
      const parts = Array.from({ length: secret.length - 2 }, (_part, i) => secret.slice(i, i + 3));
      ok(!parts.some((part) => said.includes(part)), said);
    }),
    runs(60),
  );
});

test('the start of another protocol is named, and nothing behind it', () => {
  const decoder = lengthPrefixed().decoder();
  decoder.push(utf8('GET /password'));
  expect(() => decoder.take()).toThrow('The first four bytes read "GET ": is the remote');
});

test('behind a wrong length the frame before is named', () => {
  const decoder = lengthPrefixed().decoder();
  decoder.push(join([Uint8Array.of(0, 0, 0, 2), utf8('hello hunter2!')]));
  decoder.take();
  expect(() => decoder.take()).toThrow('The length of frame 0 may be wrong');
});
