// docs/wire-format.md is normative: each vector in its tables is what encode writes and what decode
// reads, however it is cut.

import { describe, expect, test } from 'vitest';
import { lengthPrefixed, messages, ProtocolError } from '../../src/entries/main.ts';
import type { Codec, LengthPrefixedOptions } from '../../src/entries/main.ts';
import { peerCodec } from '../../src/peer/session/peer-codec.ts';
import { readHeader } from '../../src/peer/session/wire.ts';
import { readMarkdown, tableRows } from './markdown.ts';
import { PREFIX_NAMES } from '../../src/codec/prefixes.ts';

const { text } = readMarkdown('docs/wire-format.md');
const course = messages({ prefix: 'i32le', bodyLengthKey: 'total_size' });
const limits = { maxPayloadLength: 1000 };
const formats: Readonly<Record<string, Codec<never, unknown>>> = {
  frames: lengthPrefixed(limits),
  messages: messages({ maxHeaderLength: 1000, maxBodyLength: 1000 }),
};

/** The code in a cell; nothing for `(empty)`. */
function codeIn(cell: string): string {
  return /^`(.*)`/.exec(cell)?.[1] ?? '';
}

function bytesIn(cell: string): Buffer {
  return Buffer.from(codeIn(cell).replaceAll(' ', ''), 'hex');
}

function hex(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('hex');
}

/** What a decoder gives for these chunks and then the end. */
function decode<T>(codec: Codec<never, T>, chunks: readonly Uint8Array[]): T[] {
  const decoder = codec.decoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
  }
  decoder.end();
  return [...decoder];
}

/** The stream in two chunks, in every way; once whole; once byte by byte. */
function deliveries(stream: Uint8Array): Uint8Array[][] {
  const halves = Array.from(stream, (_, at) => [stream.subarray(0, at), stream.subarray(at)]);
  return [[stream], Array.from(stream, (byte) => Buffer.of(byte)), ...halves];
}

interface Outcome {
  readonly code: string;
  readonly byteOffset: number;
}

function failure(codec: Codec<never, unknown>, chunks: Uint8Array[], ends: boolean): Outcome {
  const decoder = codec.decoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
  }
  if (ends) {
    decoder.end();
  }
  try {
    while (decoder.take() !== undefined) {}
  } catch (error) {
    if (error instanceof ProtocolError) {
      return { code: error.code, byteOffset: error.byteOffset };
    }
    throw error;
  }
  return { code: 'none', byteOffset: -1 };
}

describe('frames of the wire format', () => {
  const vectors = [
    ...tableRows(text, ['payload', 'frame']).map(([payload = '', frame = '']) => ({
      options: {},
      payload: codeIn(payload),
      frame,
    })),
    ...tableRows(text, ['options', 'frame']).map(([options = '', frame = '']) => ({
      options: JSON.parse(codeIn(options)) as LengthPrefixedOptions,
      payload: 'hi',
      frame,
    })),
  ];

  test('name every length format', () => {
    const named = new Set(vectors.map(({ options }) => Object(options).prefix));
    expect(PREFIX_NAMES.filter((name) => !named.has(name))).toEqual([]);
  });

  for (const { options, payload, frame } of vectors) {
    test(`"${payload}" with ${JSON.stringify(options)} is ${frame}`, () => {
      const codec = lengthPrefixed(options);
      const bytes = bytesIn(frame);
      expect(hex(codec.encode(Buffer.from(payload)))).toBe(bytes.toString('hex'));
      for (const chunks of deliveries(bytes)) {
        expect(decode(codec, chunks).map(String)).toEqual([payload]);
      }
    });
  }
});

describe('messages of the wire format', () => {
  const vectors = [
    ...tableRows(text, ['header', 'body', 'message']).map((cells) => ({
      codec: messages(),
      cells,
    })),
    ...tableRows(text, ['header', 'body', 'course message']).map((cells) => ({
      codec: course,
      cells,
    })),
  ];

  test('are there', () => {
    expect(vectors.length).toBe(5);
  });

  for (const {
    codec,
    cells: [header = '', body = '', message = ''],
  } of vectors) {
    test(`${header} with the body ${body}`, () => {
      const bytes = bytesIn(message);
      const given = JSON.parse(codeIn(header));
      expect(hex(codec.encode({ header: given, body: codeIn(body) }))).toBe(bytes.toString('hex'));
      for (const chunks of deliveries(bytes)) {
        const [received] = decode(codec, chunks);
        expect(received?.header).toMatchObject(given);
        expect(Buffer.from(received?.body ?? []).toString()).toBe(codeIn(body));
      }
    });
  }
});

describe('messages of peers', () => {
  const rows = tableRows(text, ['header', 'body', 'peer message']);
  const kinds = tableRows(text, ['kind', 'fields', 'body', 'meaning']).map(([kind = '']) =>
    codeIn(kind),
  );
  const codec = peerCodec({ maxHeaderLength: 1000, maxBodyLength: 1000, maxHelloLength: 1000 });

  test('have a vector for every kind', () => {
    const shown = rows.map(([header = '']) => JSON.parse(codeIn(header)).kind);
    expect(shown).toEqual(kinds);
    expect(kinds.length).toBe(14);
  });

  for (const [header = '', body = '', message = ''] of rows) {
    test(`${header} with the body ${body}`, () => {
      const bytes = bytesIn(message);
      const given = JSON.parse(codeIn(header));
      const payload = Buffer.from(codeIn(body));
      const head = codec.encodeHead(given, payload.length);
      expect(hex([head, payload])).toBe(bytes.toString('hex'));
      for (const chunks of deliveries(bytes)) {
        const decoder = codec.decoder();
        for (const chunk of chunks) {
          decoder.push(chunk);
        }
        decoder.end();
        const [received] = decoder;
        if (received === undefined) {
          throw new Error('nothing came');
        }
        const read = readHeader(received.header, payload.length, received.place);
        expect(read).toMatchObject(given);
        expect(Buffer.concat(received.body)).toEqual(payload);
        expect(received.place).toEqual({ byteOffset: 0, frameIndex: 0 });
      }
    });
  }
});

describe('streams that the wire format refuses', () => {
  const rows = tableRows(text, ['format', 'stream', 'error', 'offset']);

  test('are there', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  for (const [format = '', stream = '', error = '', offset = ''] of rows) {
    test(`${format}: ${stream} is ${error}`, () => {
      const codec = formats[format];
      if (codec === undefined) {
        throw new Error(`${format} is not a format of the table`);
      }
      const expected = { code: codeIn(error), byteOffset: Number(offset) };
      for (const chunks of deliveries(bytesIn(stream))) {
        expect(failure(codec, chunks, stream.endsWith('the end'))).toEqual(expected);
      }
    });
  }
});
