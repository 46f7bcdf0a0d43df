// The protocols of the evaluation: tshark's name for each, and the framing that the truth is made with.
//
// A label alone proves nothing, since tshark goes by ports. The truth of a conversation stands where tshark gives
// the label *and* the framing explains the stream.

import { ROWS } from '../../src/codec/formats/formats.ts';
import type { Format, Framing } from '../../src/codec/formats/framing-types.ts';
import { layoutKey } from '../../src/guess/described.ts';

export interface Protocol {
  readonly name: string;
  /** Names of its layer in tshark. */
  readonly labels: readonly string[];
  readonly framing: Framing;
  /** Formats that the guess must not know: those with the framing of this protocol. */
  readonly unknown: readonly string[];
  /**
   * Which half it is of. The rules of the guess were written for the tuning half, but the misses of the other
   * half were seen meanwhile, so that half is no blind test.
   */
  readonly half: 'tuning' | 'held back';
}

const PKT_LINE: Framing = {
  codec: 'lengthPrefixed',
  prefix: { hexDigits: 4 },
  counts: ['prefix', 'payload'],
};
const WHOLE_AT_2: Framing = {
  codec: 'lengthPrefixed',
  before: 2,
  prefix: 'u16be',
  counts: ['before', 'prefix', 'payload'],
  deliver: 'parts',
};
const LINES: Framing = { codec: 'lines' };

type Row = readonly [name: string, labels: string, framing: keyof typeof ROWS | Framing];

// prettier-ignore
const TABLE: readonly Row[] = [
  ['AJP', 'ajp13', 'ajp13'],
  ['AMQP 0-9-1', 'amqp', 'amqp091'],
  ['ANSI C12.22', 'c1222', 'berTlv'],
  ['BGP', 'bgp', 'bgp'],
  ['Bitcoin', 'bitcoin', 'bitcoin'],
  ['BitTorrent', 'bittorrent', 'bittorrent'],
  ['Cassandra', 'cql', 'cassandra'],
  ['DCE/RPC', 'dcerpc', 'dceRpc'],
  ['Diameter', 'diameter', 'diameter'],
  ['DNS over TCP', 'dns', 'dnsOverTcp'],
  ['DRDA', 'drda', 'drda'],
  ['EtherNet/IP', 'enip', 'enip'],
  ['FIX', 'fix', 'fix44'],
  ['FPM', 'fpm', WHOLE_AT_2],
  ['FTP', 'ftp', LINES],
  ['git', 'git', PKT_LINE],
  ['HTTP/2', 'http2', 'http2'],
  ['IEC 60870-5-104', 'iec60870_104', 'iec104'],
  ['IMAP', 'imap', LINES],
  ['Kerberos', 'kerberos', 'kerberosTcp'],
  ['LDAP', 'ldap', 'berTlv'],
  ['memcached', 'memcache', LINES],
  ['Modbus', 'mbtcp', 'modbusTcp'],
  ['MQTT', 'mqtt', 'mqtt'],
  ['MySQL', 'mysql', 'mysql'],
  ['NetBIOS sessions', 'nbss', 'directTcpSmb'],
  ['NetPerfMeter', 'netperfmeter', WHOLE_AT_2],
  ['OpenVPN', 'openvpn', 'openvpnTcp'],
  ['POP3', 'pop', LINES],
  ['SMPP', 'smpp', 'smpp'],
  ['SMTP', 'smtp', LINES],
  ['SSH', 'ssh', 'sshBinaryPacket'],
  ['TDS', 'tds', 'tds'],
  ['TLS', 'tls', 'tlsRecord'],
  ['TPKT', 'tpkt', 'tpkt'],
  ['Z39.50', 'z3950', 'berTlv'],
];

/** Names of the formats that have the same frames as a framing. */
export function formatsLike(framing: Framing): string[] {
  const key = layoutKey(framing);
  const rows: readonly (readonly [string, Format])[] = Object.entries(ROWS);
  return rows.flatMap(([name, row]) => (layoutKey(row) === key ? [name] : []));
}

/** The table. Every second protocol in the order of the alphabet is held back. */
export const PROTOCOLS: readonly Protocol[] = TABLE.map(([name, labels, given], i) => {
  const framing = typeof given === 'string' ? ROWS[given] : given;
  return {
    name,
    labels: labels.split(' '),
    framing,
    unknown:
      typeof given === 'string'
        ? [...new Set([given, ...formatsLike(framing)])]
        : formatsLike(framing),
    half: i % 2 === 0 ? 'tuning' : 'held back',
  };
});
