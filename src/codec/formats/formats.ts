// Well-known length-prefixed protocols as options of lengthPrefixed(): `lengthPrefixed(formats.postgres)`.
// Each format is one row, and docs/formats.md is made of this table. A limit is the protocol's own, or the
// default of its best-known server. Override it with { ...formats.kafka, maxPayloadLength }.

import { berTagAndLength, decimalAndSpace, i32OrU64, recordMark } from './format-fields.ts';
import type { LengthField, MaskedField } from '../length-field.ts';

// prettier-ignore
export const formats = {
  adb: {
    before: 12, prefix: 'u32le', after: 8, deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'Android adb/protocol.txt',
    note: 'before: command, arg0, arg1; after: data checksum, magic (command xor 0xffffffff)',
  },
  amqp091: {
    before: 3, prefix: 'u32be', trailer: Uint8Array.of(0xce) as Uint8Array, deliver: 'parts', maxPayloadLength: 131_064,
    source: 'AMQP 0-9-1, 4.2.3',
    note: 'after the 8-byte protocol header "AMQP\\0\\0\\9\\1"; before: type, channel; every frame ends with 0xCE; connection.tune negotiates the limit, which counts the 8 bytes around the payload as well: 131072 in RabbitMQ',
  },
  avroRpc: {
    prefix: 'u32be', maxPayloadLength: 67_108_864,
    source: 'Apache Avro specification, Message Framing',
    note: 'a message is a series of these buffers, ended by an empty one',
  },
  berTlv: {
    prefix: berTagAndLength as LengthField, deliver: 'frame', maxPayloadLength: 16_777_216,
    source: 'ITU-T X.690, 8.1; RFC 4511 (LDAP)',
    note: 'LDAP, SNMP over TCP; values are whole frames with their tag; definite lengths only',
  },
  bgp: {
    before: new Uint8Array(16).fill(0xff) as Uint8Array, prefix: 'u16be', after: 1, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 4_077,
    source: 'RFC 4271, 4.1',
    note: 'a marker of sixteen 0xff; after: type; 65535 - 19 with the extended messages of RFC 8654',
  },
  bitcoin: {
    before: 16, prefix: 'u32le', after: 4, deliver: 'parts', maxPayloadLength: 4_000_000,
    source: 'Bitcoin Core, src/protocol.h',
    note: 'before: network magic, command; after: first four bytes of the double SHA-256',
  },
  bittorrent: {
    prefix: 'u32be', maxPayloadLength: 1_048_576,
    source: 'BEP 3, peer protocol',
    note: 'after the 68-byte handshake; an empty frame is a keep-alive',
  },
  cassandra: {
    before: 5, prefix: 'i32be', deliver: 'parts', maxPayloadLength: 268_435_456,
    source: 'Cassandra native protocol v4, 2',
    note: 'before: version, flags, stream, opcode; v5 wraps these in frames of its own',
  },
  chromeNativeMessaging: {
    prefix: 'u32le', maxPayloadLength: 1_048_576,
    source: 'Chrome developers, Native messaging',
    note: 'native byte order; 1 MiB from the host to Chrome, 64 MiB to the host; JSON in UTF-8',
  },
  diameter: {
    before: Uint8Array.of(1) as Uint8Array, prefix: 'u24be', after: 16, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'RFC 6733, 3',
    note: 'before: version 1; after: flags, command, application, hop-by-hop and end-to-end ids',
  },
  dicom: {
    before: 2, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'DICOM PS3.8, 9.3',
    note: 'upper layer PDUs; before: type, reserved',
  },
  directTcpSmb: {
    before: Uint8Array.of(0) as Uint8Array, prefix: 'u24be', maxPayloadLength: 16_777_215,
    source: 'MS-SMB2, 2.1',
    note: 'port 445; NetBIOS sessions (port 139) have other types in the first byte',
  },
  dnsOverTcp: {
    prefix: 'u16be',
    source: 'RFC 1035, 4.2.2; RFC 7766',
    note: 'also DNS over TLS; send length and message in one write',
  },
  dockerAttach: {
    before: 4, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'Docker Engine API, attach to a container',
    note: 'before: stream (0 stdin, 1 stdout, 2 stderr) and three zeros; only without a tty',
  },
  erlangPacket1: {
    prefix: 'u8',
    source: 'Erlang/OTP inet, {packet, 1}',
    note: 'Erlang itself cuts the length of what is too long; encode refuses it here',
  },
  erlangPacket2: {
    prefix: 'u16be',
    source: 'Erlang/OTP inet, {packet, 2}',
    note: 'as erlangPacket1',
  },
  erlangPacket4: {
    prefix: 'u32be', maxPayloadLength: 67_108_864,
    source: 'Erlang/OTP inet, {packet, 4}',
    note: 'Erlang takes lengths of 2^31 and more as negative',
  },
  grpc: {
    before: 1, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 4_194_304,
    source: 'gRPC over HTTP/2, Length-Prefixed-Message',
    note: 'before: 1 when the message is compressed, else 0; inside HTTP/2 DATA, cut anywhere',
  },
  hadoopRpc: {
    prefix: 'i32be', maxPayloadLength: 134_217_728,
    source: 'Apache Hadoop RPC, ipc.maximum.data.length',
    note: 'after the 7-byte connection header',
  },
  http2: {
    prefix: 'u24be', after: 6, deliver: 'parts', maxPayloadLength: 16_384,
    source: 'RFC 9113, 4.1',
    note: 'after the 24-byte preface of the client; after: type, flags, stream; the limit is SETTINGS_MAX_FRAME_SIZE',
  },
  iec104: {
    before: Uint8Array.of(0x68) as Uint8Array, prefix: 'u8', maxPayloadLength: 253,
    source: 'IEC 60870-5-104, 5',
    note: 'the payload starts with four control octets',
  },
  kafka: {
    prefix: 'i32be', maxPayloadLength: 104_857_600,
    source: 'Apache Kafka protocol guide; socket.request.max.bytes',
    note: 'requests and responses alike; the payload starts with a header',
  },
  minecraft: {
    prefix: 'varint', maxPayloadLength: 2_097_151,
    source: 'Minecraft Java Edition protocol',
    note: 'at most 3 bytes of length; the payload changes its form once compression is on',
  },
  modbusTcp: {
    before: 4, prefix: 'u16be', after: 1, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 253,
    source: 'Modbus Messaging on TCP/IP, 3.1.3',
    note: 'before: transaction and protocol id; after: unit id, which is counted',
  },
  mongodb: {
    prefix: 'i32le', counts: ['prefix', 'payload'], maxPayloadLength: 47_999_996,
    source: 'MongoDB wire protocol, MsgHeader',
    note: 'the payload starts with requestID, responseTo, opCode; the limit is maxMessageSizeBytes, which counts the length as well',
  },
  mqtt: {
    before: 1, prefix: 'minimalVarint', deliver: 'parts', maxPayloadLength: 268_435_455,
    source: 'MQTT 5.0, 2.1.4; MQTT 3.1.1, 2.2.3',
    note: 'before: packet type and flags; at most 4 bytes of length',
  },
  mysql: {
    prefix: 'u24le', after: 1, deliver: 'parts', maxPayloadLength: 16_777_215,
    source: 'MySQL client/server protocol, packets',
    note: 'after: sequence number; a payload of 2^24-1 bytes is continued in the next packet',
  },
  oncRpc: {
    prefix: recordMark as MaskedField, deliver: 'frame', maxPayloadLength: 16_777_216,
    source: 'RFC 5531, 11',
    note: 'NFS, portmap; a fragment with its mark, whose top bit says that it is the last of its record',
  },
  opcUa: {
    before: 4, prefix: 'u32le', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'OPC UA part 6, 7.1.2',
    note: 'before: message type, chunk type',
  },
  openflow: {
    before: 2, prefix: 'u16be', after: 4, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts',
    source: 'OpenFlow 1.3, 7.1',
    note: 'before: version, type; after: transaction id',
  },
  postgres: {
    before: 1, prefix: 'i32be', counts: ['prefix', 'payload'], deliver: 'parts', maxPayloadLength: 1_073_741_818,
    source: 'PostgreSQL manual, Message Formats',
    note: 'before: type; the first message of a client has none: postgresStartup; the answer to SSLRequest is one byte without a frame',
  },
  postgresStartup: {
    prefix: 'i32be', counts: ['prefix', 'payload'], maxPayloadLength: 10_000,
    source: 'PostgreSQL manual, StartupMessage; MAX_STARTUP_PACKET_LENGTH',
    note: 'client only: startup, SSLRequest, GSSENCRequest, CancelRequest; then release and go on with postgres',
  },
  protobufDelimited: {
    prefix: 'varint', maxPayloadLength: 67_108_864,
    source: 'Protocol Buffers, writeDelimitedTo',
    note: 'also ProtobufVarint32 of Netty; the limit was for long that of the C++ and Java parsers, which now take 2 GiB',
  },
  pythonMultiprocessing: {
    prefix: i32OrU64 as LengthField, maxPayloadLength: 67_108_864,
    source: 'CPython, Lib/multiprocessing/connection.py',
    note: 'above 2^31-1 bytes: -1, then a 64-bit length; with an authkey the first messages are challenges',
  },
  radsec: {
    before: 2, prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 4_092,
    source: 'RFC 6614; RFC 2865, 3',
    note: 'RADIUS over TLS; before: code, identifier; the payload starts with the authenticator',
  },
  rsocket: {
    prefix: 'u24be', maxPayloadLength: 16_777_215,
    source: 'RSocket protocol, framing over TCP',
    note: 'the payload starts with stream id, type and flags',
  },
  rtpOverTcp: {
    prefix: 'u16be',
    source: 'RFC 4571, 2',
    note: 'RTP and RTCP over TCP; RTSP interleaving is another format',
  },
  smpp: {
    prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 65_536,
    source: 'SMPP 3.4, 3.2',
    note: 'the payload starts with command id, status, sequence number',
  },
  sshBinaryPacket: {
    prefix: 'u32be', maxPayloadLength: 34_996,
    source: 'RFC 4253, 6',
    note: 'after the version lines and before encryption; the payload starts with the padding length; no MAC yet',
  },
  syslogOctetCounting: {
    prefix: decimalAndSpace as LengthField, maxPayloadLength: 65_536,
    source: 'RFC 6587, 3.4.1; RFC 5425',
    note: 'syslog over TCP and TLS',
  },
  tds: {
    before: 2, prefix: 'u16be', after: 4, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 32_759,
    source: 'MS-TDS, 2.2.3.1',
    note: 'Microsoft SQL Server; before: type, status; after: SPID, packet id, window',
  },
  thriftFramed: {
    prefix: 'i32be', maxPayloadLength: 16_384_000,
    source: 'Apache Thrift, TFramedTransport',
    note: 'the limit is the Java default',
  },
  tlsRecord: {
    before: 3, prefix: 'u16be', deliver: 'parts', maxPayloadLength: 18_432,
    source: 'RFC 5246, 6.2.3; RFC 8446, 5.1',
    note: 'before: type, version; to look at records, not to decrypt them',
  },
  tpkt: {
    before: Uint8Array.of(3, 0) as Uint8Array, prefix: 'u16be', counts: ['before', 'prefix', 'payload'],
    source: 'RFC 1006, 6',
    note: 'before: version 3, reserved; RDP, S7, H.323',
  },
  zookeeper: {
    prefix: 'i32be', maxPayloadLength: 1_048_575,
    source: 'Apache ZooKeeper, jute.maxbuffer',
    note: 'the first frame of each side is the connect request and its answer',
  },
} as const;
