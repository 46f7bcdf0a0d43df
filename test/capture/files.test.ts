// The file formats, link layers and IP versions: the same conversation in all of them.

import { describe, expect, test } from 'vitest';
import { Capture } from '../../src/capture/capture.ts';
import { CaptureReader, captureKind } from '../../src/capture/capture-reader.ts';
import { CaptureError } from '../../src/capture/capture-error.ts';
import { MAX_BLOCK_LENGTH } from '../../src/capture/packet.ts';
import { hex, inPieces, join, utf8 } from '../support/bytes.ts';
import { ethernet, ip, pcap, pcapng, zeroBytes } from '../support/packets.ts';
import type { IpOptions } from '../support/packets.ts';
import { eventsOf, streamWords, wordsOf } from './follow.ts';

const SYN = { sequence: 99, flags: 'S' } as const;
const HELLO = { sequence: 100, payload: utf8('hi') } as const;
const SAID = ['0 a>b 0 6869'];
const packets = [SYN, HELLO].map((fields, i) => ({
  bytes: ethernet(ip(fields)),
  time: 1_700_000_000_123 + i * 0.25,
}));

describe('a capture file', () => {
  const files: [string, Uint8Array][] = [true, false].flatMap((littleEndian) => {
    const order = littleEndian ? 'little-endian' : 'big-endian';
    return [
      [`pcap, ${order}`, pcap(packets, { littleEndian })],
      [`pcap in ns, ${order}`, pcap(packets, { littleEndian, nanoseconds: true })],
      [`pcapng, ${order}`, pcapng(packets, { littleEndian })],
      [`pcapng in ns, ${order}`, pcapng(packets, { littleEndian, resolution: 9 })],
      [`pcapng in 2^-20 s, ${order}`, pcapng(packets, { littleEndian, resolution: 0x80 + 20 })],
      [`pcapng with old packets, ${order}`, pcapng(packets, { littleEndian, block: 'old' })],
    ] as [string, Uint8Array][];
  });

  test.each(files)('of %s gives its conversation, however it is cut', (_, file) => {
    for (const length of [file.length, 1, 7, 64]) {
      const events = eventsOf(file, length);
      expect(wordsOf(events)).toEqual([
        '0 10.0.0.1:40000>10.0.0.2:9000',
        ...SAID,
        '0 a>b end open',
        '0 b>a end open',
      ]);
      expect(events[1]?.time).toBeCloseTo(1_700_000_000_123.25, 2);
    }
  });

  test('with simple packets has no times', () => {
    const [, said] = eventsOf(pcapng(packets, { block: 'simple', snapLength: 200 }));
    expect(said).toMatchObject({ kind: 'segment', time: undefined });
  });

  test('of several sections keeps to the byte order and the interfaces of each', () => {
    const [first = { bytes: hex('') }, second = first] = packets;
    const file = join([
      pcapng([first], { littleEndian: true }),
      pcapng([{ bytes: second.bytes.subarray(14) }], { littleEndian: false, linkType: 101 }),
    ]);
    expect(streamWords(file)).toEqual(SAID);
  });

  test('may hold blocks that nobody knows, longer than memory is used for', () => {
    const stranger = new Uint8Array(MAX_BLOCK_LENGTH + 5);
    const file = pcapng(packets, { stranger });
    expect(wordsOf(eventsOf(file, 65_536)).slice(1, 2)).toEqual(SAID);
  });

  test.each([
    ['pcap', pcap([]), 'capture'],
    ['pcapng', pcapng([]), 'capture'],
    ['gzip', hex('1f8b 0800'), 'gzip'],
    ['a snoop file', utf8('snoop'), 'capture'],
    ['a file of Network Monitor', utf8('GMBU'), 'capture'],
    ['a zip file', hex('504b0304'), 'capture'],
    ['frames', hex('00000002 6869'), undefined],
    ['too little', hex('d4c3'), undefined],
  ])('is known by its start: %s', (_, start, kind) => {
    expect(captureKind(start)).toBe(kind);
  });
});

/** The error of a capture that is read in one piece. */
function errorOf(file: Uint8Array): CaptureError {
  const reader = new CaptureReader();
  try {
    reader.push(file, () => undefined);
    reader.end();
  } catch (error) {
    if (error instanceof CaptureError) {
      return error;
    }
    throw error;
  }
  throw new Error('no error');
}

describe('a damaged file', () => {
  const file = pcap(packets);
  const modern = pcapng(packets);
  const huge = pcap([{ bytes: packets[0]?.bytes ?? hex('') }]);
  new DataView(huge.buffer).setUint32(24 + 8, 0x7fffffff, true);

  test.each([
    ['is nothing', hex(''), 0, /The file has 0 bytes/],
    ['is something else', utf8('hello'), 0, /neither pcap nor pcapng/],
    ['is compressed otherwise', hex('28b52ffd 00'), 0, /zstd/],
    ['is compressed with xz', hex('fd377a585a00'), 0, /with xz: decompress it first/],
    ['is a zip file', hex('504b0304 14'), 0, /zip file: unpack it first/],
    ['is of Network Monitor', utf8('GMBU'), 0, /Network Monitor: convert it with editcap/],
    ['ends inside a packet', file.subarray(0, file.length - 1), 24 + 70, /ends inside a packet/],
    ['ends inside a block', modern.subarray(0, modern.length - 1), 48 + 88, /ends inside/],
    ['claims a packet of 2 GB', huge, 24, /claims 2147483647 bytes/],
    ['has a block of 4 bytes', join([modern, hex('06000000 04000000 00000000')]), 224, /claims 4/],
    [
      'names an interface that is not there',
      join([
        modern,
        hex('06000000 20000000 05000000 00000000 00000000 00000000 00000000 20000000'),
      ]),
      224,
      /interface 5/,
    ],
    ['has a section without its magic', hex('0a0d0d0a 1c000000 00000000 + 00*16'), 0, /magic/],
  ])('that %s is an error with its place', (_, damaged, byteOffset, message) => {
    const error = errorOf(damaged);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ code: 'ERR_CAPTURE', byteOffset });
  });

  test('stays damaged, however its chunks come', () => {
    const reader = new CaptureReader();
    const push = (): void => reader.push(hex('00*4'), () => undefined);
    expect(push).toThrow('neither pcap nor pcapng');
    expect(push).toThrow('neither pcap nor pcapng');
    expect(() => reader.end()).toThrow('neither pcap nor pcapng');
  });

  test('gives what stands in front of the damage', () => {
    const words: string[] = [];
    const capture = new Capture((event) => words.push(event.kind));
    capture.push(file.subarray(0, file.length - 1));
    expect(() => capture.end()).toThrow('ends inside a packet');
    expect(words).toEqual(['open', 'end', 'end']);
  });

  test('holds no memory for what a block claims', () => {
    const reader = new CaptureReader();
    const claim = hex('06000000 f0ffff00');
    reader.push(modern, () => undefined);
    const before = process.memoryUsage().arrayBuffers;
    reader.push(join([claim, new Uint8Array(64)]), () => undefined);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });
});

const V6 = { from: '[fd00::1]:40000', to: '[fd00::2]:9000' };
const VLAN = [0x81, 0x00, 0x00, 0x05];
const QINQ = [0x88, 0xa8, 0x00, 0x06, ...VLAN];
const PPPOE = [0x88, 0x64, 0x11, 0, 0, 1, 0, 44];

/** The bytes of PPPoE stand behind its type, and PPP has types of its own. */
function pppoe(packet: Uint8Array, protocol: number): Uint8Array {
  const head = [...zeroBytes(12), ...VLAN, ...PPPOE, 0, protocol];
  return join([Uint8Array.from(head), packet]);
}

function countsOf(linkType: number, ...bytes: readonly Uint8Array[]): object {
  const capture = new Capture(() => undefined);
  const file = pcap(
    bytes.map((each) => ({ bytes: each })),
    { linkType },
  );
  for (const chunk of inPieces(file, Math.max(9, Math.ceil(file.length / 100)))) {
    capture.push(chunk);
  }
  capture.end();
  return capture.counts;
}

describe('a packet', () => {
  const packet = ip(HELLO);
  const v6 = ip({ ...HELLO, ...V6 });

  test.each([
    ['Ethernet', 1, ethernet(packet)],
    ['Ethernet with IPv6', 1, ethernet(v6)],
    ['Ethernet with a VLAN', 1, ethernet(packet, VLAN)],
    ['Ethernet with QinQ', 1, ethernet(packet, QINQ)],
    ['Ethernet with 802.3 and SNAP', 1, ethernet(packet, [0, 50, 0xaa, 0xaa, 3, 0, 0, 0])],
    ['Ethernet with PPPoE', 1, pppoe(packet, 0x21)],
    ['Ethernet with PPPoE and IPv6', 1, pppoe(v6, 0x57)],
    ['NULL', 0, join([hex('02000000'), packet])],
    ['LOOP', 108, join([hex('0000001e'), v6])],
    ['RAW', 101, packet],
    ['RAW of BSD', 12, v6],
    ['IPV4', 228, packet],
    ['IPV6', 229, v6],
    ['Linux SLL', 113, join([hex('0000 0001 0006 + 00*8 + 0800'), packet])],
    ['Linux SLL with a VLAN', 113, join([hex('0000 0001 0006 + 00*8 + 8100 0005 0800'), packet])],
    ['Linux SLL2', 276, join([hex('86dd + 00*18'), v6])],
    ['Linux SLL2 with QinQ', 276, join([hex('88a8 + 00*18 + 0006 8100 0005 0800'), packet])],
    ['Linux SLL2 with PPPoE', 276, join([hex('8864 + 00*18 + 11000001 002c 0021'), packet])],
  ])('of %s is read', (_, linkType, bytes) => {
    expect(streamWords(pcap([{ bytes }], { linkType }))).toEqual(SAID);
  });

  test('is padded by Ethernet, and the padding is no data', () => {
    const bytes = join([ethernet(packet), hex('00*6')]);
    expect(streamWords(pcap([{ bytes }]))).toEqual(SAID);
  });

  test.each<[string, IpOptions]>([
    [
      'hop by hop and destination',
      {
        extensions: [
          [0, [0, ...zeroBytes(6)]],
          [60, [1, ...zeroBytes(14)]],
        ],
      },
    ],
    ['routing', { extensions: [[43, [0, ...zeroBytes(6)]]] }],
    ['authentication', { extensions: [[51, [4, ...zeroBytes(22)]]] }],
    ['a fragment that is all', { extensions: [[44, [0, 0, 0, ...zeroBytes(4)]]] }],
    ['no length, as offload leaves it', { totalLength: 0 }],
  ])('of IPv6 with %s is read', (_, options) => {
    const bytes = ethernet(ip({ ...HELLO, ...V6 }, options));
    expect(streamWords(pcap([{ bytes }]))).toEqual(SAID);
  });

  test.each([
    ['no length, as offload leaves it', 0],
    ['more length than the packet', 4000],
  ])('of IPv4 with %s is read', (_, totalLength) => {
    const bytes = ethernet(ip(HELLO, { totalLength }));
    expect(streamWords(pcap([{ bytes }]))).toEqual(SAID);
  });

  test('inside of another IP packet is read', () => {
    const outer = ip({ sequence: 0 }, { protocol: 4, totalLength: 20 + packet.length });
    const bytes = ethernet(join([outer.subarray(0, 20), packet]));
    expect(streamWords(pcap([{ bytes }]))).toEqual(SAID);
  });

  test.each([
    ['IPv4', 4, packet],
    ['IPv6', 41, v6],
  ])(
    'inside of more packets than the stack can hold is damaged, and not the end: %s',
    (_, protocol, inner) => {
      const length = inner === packet ? 20 : 40;
      const own = { ...HELLO, ...(inner === packet ? {} : V6) };
      const outer = ip(own, { protocol, totalLength: 0 }).subarray(0, length);
      const deep = new Uint8Array(50_000 * length);
      for (let at = 0; at < deep.length; at += length) {
        deep.set(outer, at);
      }
      expect(countsOf(1, ethernet(join([deep, inner])), ethernet(inner))).toMatchObject({
        packets: 2,
        tcp: 1,
        damaged: 1,
      });
    },
  );

  test('that is not followed is counted, with the reason', () => {
    const found = countsOf(
      1,
      ethernet(ip(HELLO)),
      ethernet(ip(HELLO, { protocol: 17 })),
      ethernet(hex('00'), [0x08, 0x06]),
      ethernet(ip(HELLO, { fragment: 0x2000 })),
      ethernet(ip({ ...HELLO, ...V6 }, { extensions: [[44, [0, 0, 1, ...zeroBytes(4)]]] })),
      ethernet(ip(HELLO, { totalLength: 30 })),
      ethernet(ip(HELLO).subarray(0, 30)),
      hex('02'),
    );
    expect(found).toMatchObject({ packets: 8, tcp: 1, others: 3, fragments: 2, damaged: 2 });
    expect(countsOf(147, packet)).toMatchObject({ tcp: 0, unknownLinks: new Map([[147, 1]]) });
  });
});
