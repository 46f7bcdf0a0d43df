// Captures that nDPI and Wireshark test themselves with, out of Debian's source packages: a row of `formats`
// must find the frames that tshark's own dissector finds, under any cuts. This is what `known: 'capture'`
// with such a `seen` stands on.

import { beforeAll, describe, expect, test } from 'vitest';
import { ROWS } from '../../src/codec/formats/formats.ts';
import { hex, toHex } from '../support/bytes.ts';
import { FORMAT_NAMES } from '../support/format-vectors.ts';
import type { FormatName } from '../support/format-vectors.ts';
import { dnp3 } from '../support/kit/dnp3.ts';
import { pktLine } from '../support/kit/pkt-line.ts';
import { debianFiles, hasDebianSource } from './support/debian-source.ts';
import { framesOfRow, framesUnderCuts } from './support/row-stream.ts';
import { follow, lengthsOf, messagesOf, tshark } from './support/tshark.ts';
import type { Direction, LengthField } from './support/tshark.ts';

interface Seen {
  /** A row of `formats`, or a codec of docs/kit.md. */
  readonly row: FormatName | 'dnp3' | 'pkt-line';
  /** Which project the capture is of, as `seen` says it. */
  readonly of: 'nDPI' | 'Wireshark';
  readonly file: string;
  readonly sha256: string;
  /** tshark's name for the protocol. */
  readonly layer: string;
  readonly stream: number;
  /** The field that tells lengths, where the dissector's item is not the whole message. */
  readonly length?: LengthField;
  /** Number of the first message that is of this row. The ones before belong to a handshake. */
  readonly first?: number;
  /** How many messages are of this row, for each side. Default all; 0 for a side that is not looked at. */
  readonly counts?: readonly [number, number];
}

const SOURCES = { nDPI: 'ndpi', Wireshark: 'wireshark' } as const;

// prettier-ignore
const CAPTURES: readonly Seen[] = [
  { row: 'ajp13', of: 'nDPI', file: 'ajp.pcap', layer: 'ajp13', stream: 0, counts: [0, 3],
    sha256: '23bd44126004b7c06443d08f1f8e80732813ff2bdbcd92f47ae08ef59ed0008b' },
  { row: 'amqp091', of: 'nDPI', file: 'amqp.pcap', layer: 'amqp', stream: 0,
    sha256: 'd7e3152140d7d1fee45b3c728ea4b8560e47294860a9dfc452e0de8e37c0e8ab' },
  // The answers of the server have indefinite lengths.
  { row: 'berTlv', of: 'nDPI', file: 'z3950.pcapng', layer: 'z3950', stream: 0, counts: [3, 0],
    sha256: 'aa28f390f40abfe75ef627371a057a4a2d8eb151a305a7f07e2fe356feca9a41' },
  { row: 'bgp', of: 'nDPI', file: 'BGP_redist.pcap', layer: 'bgp', stream: 0,
    sha256: '842ee7c3da6626d071d8d0057107bcaf0d34c25180309632fbc262761d40c777' },
  // The first messages are of 2010, when the handshake had no checksum. What the server sent is lost in part.
  { row: 'bitcoin', of: 'nDPI', file: 'bitcoin.pcap', layer: 'bitcoin', stream: 2, first: 1, counts: [48, 0],
    sha256: '9acc5db8bdf73b639a13945b02b4317135bcee23ea7f0c178a13dd87166b2127' },
  // The handshake has a form of its own. What the client sent is lost in part.
  { row: 'bittorrent', of: 'nDPI', file: 'bittorrent.pcap', layer: 'bittorrent', stream: 2, first: 1, counts: [0, 29],
    sha256: '84b6a5fa9c8f4088b9845ee72f98c7970851fb74013220295aeb6399b01a8a99' },
  { row: 'cassandra', of: 'nDPI', file: 'cassandra.pcap', layer: 'cql', stream: 0,
    sha256: '41e47a66c09b520e994f0066460a5d04cb43a3793bb5fa0e76ac301a0584cb02' },
  { row: 'dceRpc', of: 'nDPI', file: 'kerberos.pcap', layer: 'dcerpc', stream: 25, counts: [0, 1],
    sha256: 'f4bd1dcc33201c1609d9e4e58cf9db9746c6f6bbbfdf646c67040f946e1299d5' },
  { row: 'diameter', of: 'nDPI', file: 'diameter.pcap', layer: 'diameter', stream: 0,
    sha256: '3a8f0f2420de1bfbe99363a74e17a13868292b52172f6a35673aea5cd1be3040' },
  { row: 'directTcpSmb', of: 'nDPI', file: 'smb_deletefile.pcap', layer: 'nbss', stream: 0,
    sha256: '4195343130aadab6fe9e235a847264d0a06d2f21c514c2036b7e89a16053d387' },
  { row: 'drda', of: 'nDPI', file: 'drda_db2.pcap', layer: 'drda', stream: 0,
    sha256: '03549d62546b5b603db2208af3e87d8688c65fbc0422f851613c713707cb83da' },
  { row: 'enip', of: 'nDPI', file: 'ethernetIP.pcap', layer: 'enip', stream: 0,
    sha256: '8769004c1b57c05d5a01240136dc3281b2dd15ecf682efe6b8f2f10f3780e10a' },
  { row: 'iec104', of: 'nDPI', file: 'IEC104.pcap', layer: 'iec60870_104', stream: 0,
    length: { field: 'iec60870_104.apdulen', plus: 2 },
    sha256: '340727cb7887ad139483b234e888bb6d25fec1fd21aa470bceb572a7f193b038' },
  { row: 'kerberosTcp', of: 'nDPI', file: 'kerberos.pcap', layer: 'kerberos', stream: 3,
    sha256: 'f4bd1dcc33201c1609d9e4e58cf9db9746c6f6bbbfdf646c67040f946e1299d5' },
  { row: 'modbusTcp', of: 'nDPI', file: 'modbus.pcap', layer: 'mbtcp', stream: 0,
    sha256: '9e055a2d15a8e447be131002137341ae5f8f8b91b64576cd2fdbd854e141373e' },
  { row: 'mqtt', of: 'nDPI', file: 'mqtt.pcap', layer: 'mqtt', stream: 0,
    sha256: '7d6552eb815eead6eabe0adbaa13366b4863b4c1c54dbb6fa65dec68a9738465' },
  { row: 'dnsOverTcp', of: 'nDPI', file: 'dns_fragmented.pcap', layer: 'dns', stream: 0,
    length: { field: 'dns.length', plus: 2 },
    sha256: '73f7649dbb450f8b9439c2ea9dab75e18d72024c13ddbdf47e395ca4be545aef' },
  { row: 'openvpnTcp', of: 'nDPI', file: '443-opvn.pcap', layer: 'openvpn', stream: 0,
    sha256: '23a8f6b94b5a96f42426653d20d909734131ee01c77ff107cd1b4a4eec682939' },
  { row: 'smpp', of: 'nDPI', file: 'smpp_in_general.pcap', layer: 'smpp', stream: 0,
    sha256: 'd1cc3f7ef2fcc4706d2bcffdc15dc4bcfd9ef20c7feda0eb6fbc4702a8ba9a26' },
  // A line of text first. Behind NEWKEYS the packets are encrypted, their lengths too.
  { row: 'sshBinaryPacket', of: 'nDPI', file: 'ssh.pcap', layer: 'ssh', stream: 0, first: 1, counts: [4, 2],
    sha256: 'ebc65640dab43c2a2cfe039489d4ff785fe4e2c6c55135c644e0d683336e5c73' },
  { row: 'tds', of: 'nDPI', file: 'mssql_tds.pcap', layer: 'tds', stream: 4,
    sha256: '8de89c7fa4ae159e6afe2c12a1460685f0941656278710e8caee30e2ba26ae7e' },
  { row: 'tlsRecord', of: 'Wireshark', file: 'tls-renegotiation.pcap', layer: 'tls', stream: 0,
    length: { field: 'tls.record.length', plus: 5 },
    sha256: 'a3472920f5080ac32ab56d86def19dcbb418f25f4e197674d0d2a6a6e59a34ae' },
  { row: 'tpkt', of: 'nDPI', file: 's7comm.pcap', layer: 'tpkt', stream: 0,
    length: { field: 'tpkt.length', plus: 0 },
    sha256: '7cd2098677a5a122146fe3089e1f1defcfd0024bb5f977ac62b58f75575b7a03' },
  { row: 'pkt-line', of: 'nDPI', file: 'git.pcap', layer: 'git', stream: 0,
    sha256: '6d13cb028cc1e7170a8c2c150cf27a3b5a1ab7f8dc1ae1857b759e00a5c9bcd4' },
  // The first answers were sent twice.
  { row: 'dnp3', of: 'nDPI', file: 'dnp3.pcap', layer: 'dnp3', stream: 0, counts: [3, 0],
    sha256: '98e898ce47209d1e202f65afc9988c62f989b0a6a3af92fb1041ed34037994d3' },
];

function framesOf(row: Seen['row'], stream: Uint8Array): readonly string[] {
  if (row === 'dnp3') {
    return framesUnderCuts(dnp3, stream);
  }
  return row === 'pkt-line' ? framesUnderCuts(pktLine, stream) : framesOfRow(row, stream);
}

/** Cuts a stream into frames of these lengths, which must be all of it. */
function cut(stream: Uint8Array, lengths: readonly number[]): string[] {
  let at = 0;
  const frames = lengths.map((length) => toHex(stream.subarray(at, (at += length))));
  expect(at).toBe(stream.length);
  return frames;
}

/** The frames of one direction as the dissector sees them, in hex. */
async function truth(
  { layer, stream, length, first = 0 }: Seen,
  { port, bytes }: Direction,
  { capture, count }: { readonly capture: string; readonly count: number },
): Promise<string[]> {
  const place = { capture, stream, layer, port };
  const frames =
    length === undefined
      ? (await messagesOf(place)).map(toHex)
      : cut(bytes, await lengthsOf(place, length));
  return frames.slice(first, first + count);
}

describe.skipIf(tshark === undefined || !hasDebianSource)(
  'a capture (needs tshark, and the source packages of Debian)',
  () => {
    /** The path of each capture, by its source and its name. */
    const paths = new Map<string, string>();
    beforeAll(async () => {
      for (const [of, source] of Object.entries(SOURCES)) {
        const files = CAPTURES.filter((each) => each.of === of);
        const wanted = files.map(({ file, sha256 }) => ({ name: file, sha256 }));
        for (const [name, path] of await debianFiles(source, wanted)) {
          paths.set(`${of}/${name}`, path);
        }
      }
    }, 300_000);

    test.each(CAPTURES.map((seen) => [seen.row, seen] as const))(
      'of %s has the frames that tshark finds',
      async (row, seen) => {
        const capture = paths.get(`${seen.of}/${seen.file}`) ?? '';
        let found = 0;
        for (const [side, direction] of (await follow(capture, seen.stream)).entries()) {
          const count = seen.counts?.[side] ?? Infinity;
          const frames = await truth(seen, direction, { capture, count });
          // They lie in the stream one behind the other, with nothing between them.
          expect(toHex(direction.bytes)).toContain(frames.join(''));
          expect(framesOf(row, hex(frames.join('')))).toEqual(frames);
          found += frames.length;
        }
        expect(found).toBeGreaterThan(0);
      },
    );
  },
);

test('every row that names a capture of nDPI or Wireshark is held against it', () => {
  const named = FORMAT_NAMES.flatMap((name) => {
    const { seen = '' } = ROWS[name];
    return /^(?:nDPI|Wireshark), /.test(seen) ? [`${name}: ${seen}`] : [];
  });
  const held = CAPTURES.map(({ row, of, file }) => `${row}: ${of}, ${file}`);
  expect(named.filter((one) => !held.includes(one))).toEqual([]);
});
