// The codecs of docs/kit.md, written with defineCodec(): each keeps the contract, reads the bytes of its
// specification, and refuses what its protocol refuses. The costs of a part of them are measured in each run.
// test/interop plays them against the real programs.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import type { DecoderCheck } from '../../src/prove/decoder/terms.ts';
import { MEASURED } from '../prove/mutant-proofs.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { dnp3 } from '../support/kit/dnp3.ts';
import { fastCgi } from '../support/kit/fastcgi.ts';
import { modbusRtu } from '../support/kit/modbus-rtu.ts';
import { omnicomm } from '../support/kit/omnicomm.ts';
import { pktLine } from '../support/kit/pkt-line.ts';
import type { PktLine } from '../support/kit/pkt-line.ts';
import { resp } from '../support/kit/resp.ts';
import type { Resp } from '../support/kit/resp.ts';
import { rtsp } from '../support/kit/rtsp.ts';
import type { RtspMedia, RtspMessage } from '../support/kit/rtsp.ts';
import { sip } from '../support/kit/sip.ts';
import { stomp } from '../support/kit/stomp.ts';
import { zmtp } from '../support/kit/zmtp.ts';
import { protocolErrorOf } from '../support/outcomes.ts';
import { sampleName, sampled } from '../support/sample.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const word = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'B', '7', '-') });

const pktLines: fc.Arbitrary<PktLine> = fc.oneof(
  bytes,
  fc.constantFrom<PktLine[]>('flush', 'delimiter', 'end'),
);

const { value: respValues } = fc.letrec<{ value: Resp }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ simple: word }),
    fc.record({ error: word }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    bytes,
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}));

const stompFrames = fc.record({
  command: fc.constantFrom('SEND', 'MESSAGE', 'RECEIPT'),
  headers: fc.array(
    fc.tuple(word, fc.string({ maxLength: 8, unit: fc.constantFrom('a', ':', '\n', '\\') })),
  ),
  body: bytes.filter((body) => !body.includes(0)),
});

const sipMessages = fc.record({
  start: fc.constant('SIP/2.0 200 OK'),
  headers: fc.array(
    word.map((text) => `X-Word: ${text}`),
    { maxLength: 3 },
  ),
  body: bytes,
});

const dnp3Frames = fc.record({
  control: fc.nat(255),
  destination: fc.nat(65_535),
  source: fc.nat(65_535),
  payload: fc.uint8Array({ maxLength: 250 }),
});

const records = fc.record({ type: fc.nat(255), requestId: fc.nat(65_535), content: bytes });

/** Requests of a master: places and counts, or registers behind their number of bytes. */
const rtuRequests = fc
  .record({
    unit: fc.nat(247),
    body: fc.oneof(
      fc.record({
        code: fc.constantFrom(1, 2, 3, 4, 5, 6),
        data: fc.uint8Array({ minLength: 4, maxLength: 4 }),
      }),
      fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), bytes).map(([head, rest]) => ({
        code: 16,
        data: join([head, Uint8Array.of(rest.length), rest]),
      })),
    ),
  })
  .map(({ unit, body }) => ({ unit, ...body }));

/** Proves a codec. Returns SAFE, or what was found. */
async function prove<T>(
  codec: Codec<T>,
  values: fc.Arbitrary<T>,
  without: readonly DecoderCheck[],
): Promise<string> {
  const report = await proveDecoder(codec, { values, without, seed: 20_261_130, runs: 40 });
  return report.verdict === 'SAFE' ? report.verdict : report.text;
}

/** A codec as a row of the table: its name, and its proof without some checks. */
function row<T>(name: string, codec: Codec<T>, values: fc.Arbitrary<T>) {
  return { name, prove: (without: readonly DecoderCheck[]) => prove(codec, values, without) };
}

const omnicommByte = fc.oneof(fc.nat(255), fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd));
const kit = [
  row('pkt-line', pktLine, pktLines),
  row('RESP', resp, respValues),
  row('STOMP', stomp, fc.oneof(stompFrames, fc.constant('heart-beat' as const))),
  row('SIP', sip, fc.oneof(sipMessages, fc.constant('keep-alive' as const))),
  row<RtspMessage | RtspMedia>(
    'RTSP',
    rtsp,
    fc.oneof(sipMessages, fc.record({ channel: fc.nat(255), payload: bytes })),
  ),
  row('FastCGI', fastCgi, records),
  row('Modbus RTU', modbusRtu('request'), rtuRequests),
  row(
    'Omnicomm',
    omnicomm,
    fc.record({
      command: omnicommByte,
      data: fc.array(omnicommByte, { maxLength: 40 }).map((list) => Uint8Array.from(list)),
    }),
  ),
  row('DNP3', dnp3, dnp3Frames),
];
const measured = sampled(kit, 3);

describe(`a codec of the kit keeps the contract, costs of ${sampleName}`, () => {
  test.each(kit)('$name', async (codec) => {
    expect(await codec.prove(measured.includes(codec) ? [] : MEASURED)).toBe('SAFE');
  });
});

/** The values of a stream that comes byte by byte. */
function decode<T>(codec: Codec<T>, stream: Uint8Array): T[] {
  const decoder = codec.decoder();
  const values = inPieces(stream, 1).flatMap((piece) => {
    decoder.push(piece);
    return [...decoder];
  });
  decoder.end();
  values.push(...decoder);
  expect(decoder.done).toBe(true);
  return values;
}

/** Decodes the stream, and demands the same bytes back. */
function roundTrip<T>(codec: Codec<T>, stream: Uint8Array): T[] {
  const values = decode(codec, stream);
  expect(toHex(join(values.flatMap((value) => codec.encode(value))))).toBe(toHex(stream));
  return values;
}

describe('the examples of the specifications', () => {
  test('pkt-line: lines, and the marks between them', () => {
    const stream = utf8('0006a\n0005a000bfoobar\n0004000000010002');
    expect(roundTrip(pktLine, stream)).toEqual([
      utf8('a\n'),
      utf8('a'),
      utf8('foobar\n'),
      utf8(''),
      'flush',
      'delimiter',
      'end',
    ]);
  });

  test('RESP: simple values, and arrays in arrays', () => {
    const text = '+OK\r\n-ERR no\r\n:1000\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*0\r\n';
    expect(roundTrip(resp, utf8(`${text}*2\r\n*2\r\n:1\r\n$1\r\n\n\r\n*1\r\n+x\r\n`))).toEqual([
      { simple: 'OK' },
      { error: 'ERR no' },
      1000n,
      utf8('hello'),
      utf8(''),
      null,
      [],
      [[1n, utf8('\n')], [{ simple: 'x' }]],
    ]);
  });

  test('STOMP: with and without a length, escapes, and heart-beats', () => {
    const frame = 'SEND\ndestination:/queue/a\nnote:a\\cb\n\nhello\0';
    const counted = 'MESSAGE\ncontent-length:3\n\na\0b\0';
    const [first, beat, second] = roundTrip(stomp, utf8(`${frame}\n${counted}`));
    expect(first).toEqual({
      command: 'SEND',
      headers: [
        ['destination', '/queue/a'],
        ['note', 'a:b'],
      ],
      body: utf8('hello'),
    });
    expect(beat).toBe('heart-beat');
    expect(second).toMatchObject({ command: 'MESSAGE', body: utf8('a\0b') });
  });

  test('SIP: a body, the compact form of its length, and keep-alives', () => {
    const head = 'INVITE sip:bob@biloxi.com SIP/2.0\r\nCall-ID: a84b4c76e66710\r\n';
    const stream = utf8(`\r\n${head}l: 4\r\n\r\nv=0\n`);
    expect(decode(sip, stream)).toEqual([
      'keep-alive',
      {
        start: 'INVITE sip:bob@biloxi.com SIP/2.0',
        headers: ['Call-ID: a84b4c76e66710'],
        body: utf8('v=0\n'),
      },
    ]);
  });

  test('ZMTP: the greeting, a command, a long message', () => {
    const greeting = hex('ff + 00*8 + 7f 0300 4e554c4c + 00*16 + 00 + 00*31');
    const ready = hex('04 1a 05 5245414459 0b 536f636b65742d54797065 00000004 50414952');
    const long = join([hex('02 0000000000000100'), new Uint8Array(256)]);
    const [first, second, third] = roundTrip(zmtp, join([greeting, ready, long]));
    expect(first).toEqual({ greeting });
    expect(second).toMatchObject({ flags: 4 });
    expect(third).toEqual({ flags: 0, payload: new Uint8Array(256) });
  });

  test('DNP3: two frames of a capture', () => {
    const stream = hex(
      '056408c404000300b4b8 c0d7007ace 056412c4040003001e7c c1c10232010701ebe45a87ff00 2801',
    );
    const [first, second] = roundTrip(dnp3, stream);
    expect(first).toEqual({ control: 0xc4, destination: 4, source: 3, payload: hex('c0d700') });
    expect(second?.payload).toEqual(hex('c1c10232010701ebe45a87ff00'));
  });
});

describe('the examples of another project', () => {
  // Traccar, OmnicommFrameDecoderTest: frames of a device. The last one is ours, with escapes in it.
  test('Omnicomm: an empty frame, an identification, and escapes', () => {
    const device = hex('c0 86 0000 4566 c0 80 0800 61a6191534010000 1dec');
    const ours = join(omnicomm.encode({ command: 0xc0, data: hex('db') }));
    expect(toHex(ours)).toMatch(/^c0dbdc0100dbdd/);
    expect(roundTrip(omnicomm, join([device, ours]))).toEqual([
      { command: 0x86, data: hex('') },
      { command: 0x80, data: hex('61a6191534010000') },
      { command: 0xc0, data: hex('db') },
    ]);
  });
});

describe('bytes that the protocol refuses', () => {
  test.each([
    ['pkt-line, no digits', pktLine, 'zzzz'],
    ['pkt-line, a length below 4', pktLine, '0003'],
    ['RESP, an unknown type', resp, '!2\r\n'],
    ['RESP, a line without CR', resp, '+OK\n'],
    ['RESP, a length with a sign', resp, '$+1\r\n'],
    ['RESP, a bulk string that is longer', resp, '$1\r\nab\r\n'],
    ['RESP, arrays too deep', resp, '*1\r\n'.repeat(33)],
    ['STOMP, a CR inside a line', stomp, 'SE\rND\n\n\0'],
    ['STOMP, no NUL', stomp, 'SEND\ncontent-length:1\n\nab'],
    ['STOMP, a length that is none', stomp, 'SEND\ncontent-length:-1\n\n'],
    ['STOMP, an unknown escape', stomp, 'SEND\na:\\t\n\n\0'],
    ['SIP, no length', sip, 'BYE sip:a SIP/2.0\r\n\r\n'],
    ['SIP, a line without CR', sip, 'BYE sip:a SIP/2.0\n'],
    ['DNP3, no start', dnp3, '\u0005\u0005'],
  ] as [string, Codec<unknown>, string][])('%s', (_, codec, text) => {
    expect(protocolErrorOf(codec, [utf8(text)], 'open')).toMatchObject({
      code: 'ERR_FRAME_MALFORMED',
      byteOffset: 0,
    });
  });

  test.each([
    ['another start', '86', 'ERR_FRAME_MALFORMED'],
    ['an escape that is none', 'c0 86 db 00', 'ERR_FRAME_MALFORMED'],
    ['a start inside of a frame', 'c0 86 c0', 'ERR_FRAME_MALFORMED'],
    ['a length above the limit', 'c0 86 0110', 'ERR_FRAME_LENGTH_INVALID'],
    ['a wrong CRC', 'c0 86 0000 4567', 'ERR_FRAME_CHECKSUM'],
  ])('Omnicomm, %s', (_, bytesOf, code) => {
    expect(protocolErrorOf(omnicomm, [hex(bytesOf)], 'open').code).toBe(code);
  });

  test('FastCGI, another version', () => {
    expect(protocolErrorOf(fastCgi, [hex('02')], 'open').code).toBe('ERR_FRAME_MALFORMED');
  });

  test.each([
    ['a wrong CRC', '11030000000146 9b', 'ERR_FRAME_CHECKSUM'],
    ['a function whose length is not known', '1199', 'ERR_FRAME_MALFORMED'],
  ])('Modbus RTU, %s', (_, bytesOf, code) => {
    expect(protocolErrorOf(modbusRtu('request'), [hex(bytesOf)], 'open').code).toBe(code);
  });

  test('DNP3, a wrong CRC in a block', () => {
    expect(protocolErrorOf(dnp3, [hex('056408c404000300b4b8 c0d7017ace')])).toMatchObject({
      code: 'ERR_FRAME_CHECKSUM',
    });
  });

  test.each([
    ['more than a pkt-line can count', () => pktLine.encode(new Uint8Array(65_517))],
    ['a line break in a simple string', () => resp.encode({ simple: 'a\r\n' })],
    [
      'more than a DNP3 frame can count',
      () => dnp3.encode({ control: 0, destination: 0, source: 0, payload: new Uint8Array(251) }),
    ],
  ])('encode: %s', (_, encode) => {
    expect(encode).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
  });
});
