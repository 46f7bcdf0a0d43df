// The protocols of the evaluation: tshark's name for each, and the framing that the truth is made with.
//
// A label alone proves nothing, since tshark goes by ports. The truth of a conversation stands where tshark gives
// the label *and* the framing explains the stream.

import { ROWS } from '../../src/codec/formats/formats.ts';
import type {
  Format,
  Framing,
  LengthPrefixedFraming,
} from '../../src/codec/formats/framing-types.ts';
import { layoutKey } from '../../src/guess/described.ts';

export interface Protocol {
  readonly name: string;
  /** Names of its layer in tshark. */
  readonly labels: readonly string[];
  readonly framing: Framing;
  /** Formats that the guess must not know: those with the framing of this protocol. */
  readonly unknown: readonly string[];
  /**
   * Which part of the protocols it is of. The rules of the guess were written for the tuning half, but the misses
   * of the other half were seen meanwhile, so that half is no blind test. The rules were never tried on the new
   * protocols before they were finished.
   */
  readonly half: 'tuning' | 'held back' | 'new';
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

/** A number behind `before` bytes, with `after` bytes that it does not count behind it. */
function numberAt(before: number, prefix: LengthPrefixedFraming['prefix'], after = 0): Framing {
  return {
    codec: 'lengthPrefixed',
    ...(before === 0 ? {} : { before, deliver: 'parts' }),
    prefix,
    ...(after === 0 ? {} : { after, deliver: 'parts' }),
  };
}

/** A number behind `before` bytes that counts the whole frame. */
function wholeAt(before: number, prefix: LengthPrefixedFraming['prefix']): Framing {
  return {
    ...numberAt(before, prefix),
    codec: 'lengthPrefixed',
    prefix,
    counts: before === 0 ? ['prefix', 'payload'] : ['before', 'prefix', 'payload'],
  };
}

/**
 * Protocols that the rules of the guess were never tried on while they were written. The table was made from
 * what is known of the protocols, before the first run, and tshark's labels choose among them.
 */
// prettier-ignore
const NEW_TABLE: readonly Row[] = [
  ['9P', '9p', 'nineP'],
  ['ACAP', 'acap', LINES],
  ['ADB', 'adb', 'adb'],
  ['AFP', 'dsi', 'afpDsi'],
  ['AgentX', 'agentx', numberAt(16, 'u32be')],
  ['AMQP 1.0', 'amqp', 'amqp10'],
  ['AMS', 'ams amstcp', 'adsAms'],
  ['BMP', 'bmp', 'bmp'],
  ['Cast', 'cast', numberAt(0, 'u32be')],
  ['COPS', 'cops', wholeAt(4, 'u32be')],
  ['DHCP failover', 'dhcpfo', wholeAt(0, 'u16be')],
  ['DICOM', 'dicom', 'dicom'],
  ['DoIP', 'doip', 'doIp'],
  ['eDonkey', 'edonkey', numberAt(1, 'u32le')],
  ['Elasticsearch', 'elasticsearch', 'elasticTransport'],
  ['Etch', 'etch', numberAt(4, 'u32be')],
  ['FINS', 'omron', 'omronFins'],
  ['Gearman', 'gearman', 'gearman'],
  ['GIOP', 'giop', 'giop'],
  ['HART-IP', 'hart_ip', 'hartIp'],
  ['HiSLIP', 'hislip', numberAt(8, 'u64be')],
  ['HL7', 'hl7', 'hl7Mllp'],
  ['Ice', 'icep', 'iceRpc'],
  ['IPA', 'gsm_ipa ipa', numberAt(0, 'u16be', 1)],
  ['IPFIX', 'cflow', WHOLE_AT_2],
  ['IRC', 'irc', LINES],
  ['iSNS', 'isns', 'isns'],
  ['JDWP', 'jdwp', wholeAt(0, 'u32be')],
  ['Kafka', 'kafka', 'kafka'],
  ['LDP', 'ldp', 'ldp'],
  ['LISP', 'lisp-tcp', WHOLE_AT_2],
  ['memcached, binary', 'memcache couchbase', 'memcachedBinary'],
  ['MongoDB', 'mongo', 'mongodb'],
  ['MSDP', 'msdp', 'msdp'],
  ['NNTP', 'nntp', LINES],
  ['ONC RPC', 'rpc', 'oncRpc'],
  ['OPC UA', 'opcua', 'opcUa'],
  ['OpenFlow', 'openflow openflow_v1 openflow_v4 openflow_v5 openflow_v6', 'openflow'],
  ['Oracle TNS', 'tns', 'oracleTns'],
  ['OSCAR', 'aim', numberAt(4, 'u16be')],
  ['PCEP', 'pcep', 'pcep'],
  ['PostgreSQL', 'pgsql', 'postgres'],
  ['PPTP', 'pptp', wholeAt(0, 'u16be')],
  ['RADIUS', 'radius', 'radsec'],
  ['RPKI-Router', 'rpkirtr', 'rpkiRtr'],
  ['Skinny', 'skinny', 'skinny'],
  ['SNMP', 'snmp smux', 'berTlv'],
  ['SOME/IP', 'someip', 'someIp'],
  ['Soulseek', 'slsk', numberAt(0, 'u32le')],
  ['STUN', 'stun', 'stunTcp'],
  ['Synchrophasor', 'synphasor', 'c37118'],
  ['TACACS+', 'tacplus', 'tacacsPlus'],
  ['Thrift', 'thrift', 'thriftFramed'],
  ['UCP', 'ucp', 'emiUcp'],
  ['WINS replication', 'winsrepl', numberAt(0, 'u32be')],
  ['X.25 over TCP', 'xot', numberAt(2, 'u16be')],
  ['Yahoo', 'ymsg', numberAt(8, 'u16be', 10)],
  ['Zabbix', 'zabbix', 'zabbix'],
];

/** Names of the formats that have the same frames as a framing. */
export function formatsLike(framing: Framing): string[] {
  const key = layoutKey(framing);
  const rows: readonly (readonly [string, Format])[] = Object.entries(ROWS);
  return rows.flatMap(([name, row]) => (layoutKey(row) === key ? [name] : []));
}

function toProtocol([name, labels, given]: Row, half: Protocol['half']): Protocol {
  const framing = typeof given === 'string' ? ROWS[given] : given;
  const like = formatsLike(framing);
  return {
    name,
    labels: labels.split(' '),
    framing,
    unknown: typeof given === 'string' ? [...new Set([given, ...like])] : like,
    half,
  };
}

/** The protocols that the rules were written with. Every second one in the order of the alphabet is held back. */
export const PROTOCOLS: readonly Protocol[] = TABLE.map((row, i) =>
  toProtocol(row, i % 2 === 0 ? 'tuning' : 'held back'),
);

export const NEW_PROTOCOLS: readonly Protocol[] = NEW_TABLE.map((row) => toProtocol(row, 'new'));
