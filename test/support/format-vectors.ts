// Golden frames of every row of `formats`: bytes from specifications, from the wire, and from the
// recorded streams. One string a frame, its parts between bars: before | prefix | after | payload |
// trailer. No code of ours made them.

import type { formats } from '../../src/codec/formats/formats.ts';
import { join, toHex, utf8 } from './bytes.ts';
import { load } from './vectors.ts';

export type FormatName = keyof typeof formats;

const text = (words: string): string => toHex(utf8(words));
const marker = 'ff'.repeat(16);
const zeros = (count: number): string => '00'.repeat(count);
const syslog = '<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - failed';

/** Where a recorded stream is one row from its first byte on. */
export const RECORDED: Readonly<Partial<Record<FormatName, string>>> = {
  chromeNativeMessaging: 'chrome-native-messaging',
  dnsOverTcp: 'dns-tcp-0-s2c',
  erlangPacket1: 'erlang-packet-1-s2c',
  erlangPacket4: 'erlang-packet-4-c2s',
  grpc: 'grpc-messages-identity',
  postgres: 'postgres-simple-query-server',
  pythonMultiprocessing: 'python-mp-connection-c2s',
};

/** The bytes of a recorded stream. */
export function recorded(name: string): Uint8Array {
  const captures = load('captures.json', 'captures') as readonly {
    readonly name: string;
    readonly chunks: readonly string[];
  }[];
  const { chunks } = captures.find((one) => one.name === name) ?? {};
  if (chunks === undefined) {
    throw new Error(`nothing was recorded as ${name}`);
  }
  return join(chunks.map((chunk) => Buffer.from(chunk, 'hex')));
}

// prettier-ignore
export const FORMAT_VECTORS: Readonly<Record<FormatName, readonly string[]>> = {
  // CNXN host::
  adb: ['434e584e 01000001 00001000 | 07000000 | 32020000 bcb1a7b1 | 686f73743a3a00 |'],
  // connection.open-ok; a content body; heartbeat
  amqp091: [
    '010000 | 00000005 | | 000a002900 | ce',
    '030001 | 00000005 | | 68656c6c6f | ce',
    '080000 | 00000000 | | | ce',
  ],
  // one message of two buffers
  avroRpc: ['| 00000005 | | 68656c6c6f |', '| 00000001 | | 21 |', '| 00000000 | | |'],
  // LDAP: anonymous bind, its answer; the same in Active Directory's four-byte lengths; a two-byte tag
  berTlv: [
    '| 300c | | 020101 6007 020103 0400 8000 |',
    '| 300c | | 020101 6107 0a0100 0400 0400 |',
    '| 308400000010 | | 020101 618400000007 0a0100 0400 0400 |',
    '| 7f4903 | | 020103 |',
    '| 0500 | | |',
  ],
  // KEEPALIVE; OPEN of AS 65000, hold time 180, 10.0.0.1
  bgp: [`${marker} | 0013 | 04 | |`, `${marker} | 001d | 01 | 04 fde8 00b4 0a000001 00 |`],
  // verack; ping
  bitcoin: [
    'f9beb4d9 76657261636b000000000000 | 00000000 | 5df6e0e2 | |',
    'f9beb4d9 70696e670000000000000000 | 08000000 | 2502fa94 | 0102030405060708 |',
  ],
  // keep-alive; interested; request
  bittorrent: [
    '| 00000000 | | |', '| 00000001 | | 02 |', '| 0000000d | | 06 00000000 00000000 00004000 |',
  ],
  // OPTIONS; STARTUP with CQL_VERSION 3.0.0; READY
  cassandra: [
    '04 00 0000 05 | 00000000 | | |',
    `04 00 0000 01 | 00000016 | | 0001 000b ${text('CQL_VERSION')} 0005 ${text('3.0.0')} |`,
    '84 00 0000 02 | 00000000 | | |',
  ],
  chromeNativeMessaging: [`| 10000000 | | ${text('{"text":"hello"}')} |`],
  // Device-Watchdog-Request with Origin-Host and Origin-Realm
  diameter: [
    `01 | 000034 | 80 000118 00000000 00000001 00000002 | 00000108 4000000f ${text('a.local')} 00 00000128 4000000d ${text('local')} 000000 |`,
  ],
  // A-RELEASE-RQ; A-ABORT
  dicom: ['0500 | 00000004 | | 00000000 |', '0700 | 00000004 | | 00000200 |'],
  // SMB1 negotiate of NT LM 0.12
  directTcpSmb: [
    `00 | 00002f | | ff534d42 72 00000000 18 0128 0000 ${zeros(8)} 0000 0000 aef6 0000 0000 00 0c00 02 ${text('NT LM 0.12')} 00 |`,
  ],
  // example.com IN A
  dnsOverTcp: ['| 001d | | 1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001 |'],
  // stdout, stderr
  dockerAttach: [`01000000 | 00000006 | | ${text('hello\n')} |`, `02000000 | 00000001 | | 0a |`],
  erlangPacket1: ['| 05 | | 6516cb36af |', '| 00 | | |'],
  erlangPacket2: ['| 0005 | | 6516cb36af |', '| 0000 | | |'],
  erlangPacket4: ['| 00000005 | | 6516cb36af |', '| 00000000 | | |'],
  grpc: ['00 | 00000007 | | 030e0105090206 |', '01 | 00000000 | | |'],
  // a response header: call 0, success, version 9
  hadoopRpc: ['| 00000007 | | 06 0800 1000 1809 |'],
  // SETTINGS; its acknowledgement; WINDOW_UPDATE; PING
  http2: [
    '| 000006 | 04 00 00000000 | 0003 00000064 |',
    '| 000000 | 04 01 00000000 | |',
    '| 000004 | 08 00 00000000 | 000f0001 |',
    '| 000008 | 06 00 00000000 | 0001020304050607 |',
  ],
  // STARTDT act and con; general interrogation
  iec104: ['68 | 04 | | 07000000 |', '68 | 04 | | 0b000000 |', '68 | 0e | | 00000000 64 01 06 00 0100 000000 14 |'],
  // ApiVersions v0 of client "test"; an answer without keys
  kafka: [`| 0000000e | | 0012 0000 00000001 0004 ${text('test')} |`, '| 0000000a | | 00000001 0000 00000000 |'],
  // handshake of version 47 with localhost:25565; status request; a length of two bytes
  minecraft: [`| 0f | | 00 2f 09 ${text('localhost')} 63dd 01 |`, '| 01 | | 00 |', `| 8001 | | ${'61'.repeat(128)} |`],
  // read three holding registers of unit 17, and the answer
  modbusTcp: ['0001 0000 | 0006 | 11 | 03 006b 0003 |', '0001 0000 | 0009 | 11 | 03 06 ae41 5652 4340 |'],
  // OP_MSG { hello: 1, $db: "admin" }
  mongodb: [
    `| 34000000 | | 01000000 00000000 dd070000 00000000 00 1f000000 10 ${text('hello')} 00 01000000 02 ${text('$db')} 00 06000000 ${text('admin')} 00 00 |`,
  ],
  // CONNECT of client "a"; PINGREQ; PUBLISH of 321 bytes
  mqtt: [
    `10 | 0d | | 0004 ${text('MQTT')} 04 02 003c 0001 61 |`, 'c0 | 00 | | |',
    `30 | c102 | | 0001 61 ${'62'.repeat(318)} |`,
  ],
  // COM_PING; OK
  mysql: ['| 010000 | 00 | 0e |', '| 070000 | 01 | 00 00 00 0200 0000 |'],
  // portmap NULL, its answer; a record in two fragments
  oncRpc: [
    `| 80000028 | | 00000001 00000000 00000002 000186a0 00000002 ${zeros(20)} |`,
    `| 80000018 | | 00000001 00000001 ${zeros(16)} |`,
    '| 00000002 | | 6162 |', '| 80000000 | | |',
  ],
  // HEL, ACK
  opcUa: [
    `48454c46 | 38000000 | | 00000000 00000100 00000100 00000000 00000000 18000000 ${text('opc.tcp://localhost:4840')} |`,
    '41434b46 | 1c000000 | | 00000000 00000100 00000100 00000000 00000000 |',
  ],
  // HELLO; ECHO_REQUEST
  openflow: ['04 00 | 0008 | 00000001 | |', '04 02 | 000c | 00000002 | 61626364 |'],
  // AuthenticationOk; ReadyForQuery; Query
  postgres: ['52 | 00000008 | | 00000000 |', '5a | 00000005 | | 49 |', `51 | 0000000d | | ${text('SELECT 1')} 00 |`],
  // SSLRequest; StartupMessage 3.0 of user "u"; CancelRequest
  postgresStartup: [
    '| 00000008 | | 04d2162f |',
    `| 00000010 | | 00030000 ${text('user')} 00 7500 00 |`,
    '| 00000010 | | 04d2162e 00000001 00000002 |',
  ],
  // { a: 150 }, the example of the documentation; an empty message
  protobufDelimited: ['| 03 | | 089601 |', '| 00 | | |'],
  pythonMultiprocessing: ['| 00000005 | | 68656c6c6f |', '| 00000000 | | |'],
  // Access-Request of RFC 2865, 7.1
  radsec: [
    '01 00 | 0038 | | 0f403f9473978057bd83d5cb98f4227a 01066e656d6f 02120dbe708d93d413ce3196e43f782a0aee 0406c0a80110 050600000003 |',
  ],
  // KEEPALIVE that asks for an answer
  rsocket: [`| 00000e | | 00000000 0c80 ${zeros(8)} |`],
  // PCMU
  rtpOverTcp: ['| 0010 | | 80 00 0001 000000a0 12345678 d5d5d5d5 |'],
  // submit_sm "Hello wikipedia"
  smpp: [
    `| 0000003c | | 00000004 00000000 00000005 00 02 08 35353500 01 01 35353535353535353500 ${zeros(9)} 0f ${text('Hello wikipedia')} |`,
    '| 00000010 | | 00000015 00000000 00000001 |',
  ],
  // SSH_MSG_NEWKEYS
  sshBinaryPacket: [`| 0000000c | | 0a 15 ${zeros(10)} |`],
  syslogOctetCounting: [`| ${text(`${syslog.length} `)} | | ${text(syslog)} |`, `| ${text('5 ')} | | ${text('<13>a')} |`],
  // PRELOGIN with a version only
  tds: ['12 01 | 0014 | 0000 01 00 | 00 0006 0006 ff 0900000000 00 |'],
  // call of ping() in the binary protocol
  thriftFramed: [`| 00000011 | | 80010001 00000004 ${text('ping')} 00000000 00 |`],
  // ChangeCipherSpec; the alert close_notify
  tlsRecord: ['14 0303 | 0001 | | 01 |', '15 0303 | 0002 | | 0100 |'],
  // X.224 connection request of RDP
  tpkt: ['0300 | 0013 | | 0e e0 0000 0000 00 01 00 0800 03000000 |'],
  // connect request; ping
  zookeeper: [
    `| 0000002d | | 00000000 ${zeros(8)} 00007530 ${zeros(8)} 00000010 ${zeros(16)} 00 |`,
    '| 00000008 | | fffffffe 0000000b |',
  ],
};
