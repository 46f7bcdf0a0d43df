// Formats of the family `rpc`.

// prettier-ignore
export const rpc = {
  ajp13: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', deliver: 'parts', maxPayloadLength: 8_188,
    source: 'Apache Tomcat Connectors, AJPv13',
    note: 'before: 12 34 from the web server, 41 42 from the container; the limit is that of packetSize; the body of a request follows in frames of its own',
    known: 'capture', seen: 'nDPI, ajp.pcap',
  },
  avroRpc: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 67_108_864,
    source: 'Apache Avro specification, Message Framing',
    note: 'a message is a series of these buffers, ended by an empty one',
    known: 'specification',
  },
  brpcStd: {
    codec: 'lengthPrefixed', before: '50 52 50 43', prefix: 'u32be', after: 4, deliver: 'parts', maxPayloadLength: 67_108_864,
    source: 'Apache bRPC, baidu_std',
    note: 'after: length of the meta data, which the payload starts with',
    known: 'specification',
  },
  dceRpc: {
    codec: 'lengthPrefixed', before: ['05 00', 6], prefix: { type: 'u16be', swapIf: { at: 4, mask: '10' } }, counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 65_525,
    source: 'C706 (DCE 1.1: RPC), 12.6',
    note: 'before: type, flags, data representation, whose bit 10 says little-endian',
    known: 'capture', seen: 'nDPI, kerberos.pcap',
  },
  dubbo: {
    codec: 'lengthPrefixed', before: ['da bb', 10], prefix: 'u32be', deliver: 'parts', maxPayloadLength: 8_388_608,
    source: 'Apache Dubbo, dubbo2 protocol',
    note: 'before: flags and serialization, status, request id; the limit is the default of payload',
    known: 'specification',
  },
  erlangPacket1: {
    codec: 'lengthPrefixed', prefix: 'u8',
    source: 'Erlang/OTP inet, {packet, 1}',
    note: 'Erlang itself cuts the length of what is too long; encode refuses it here',
    known: 'capture', seen: 'test/interop/erlang.test.ts',
  },
  erlangPacket2: {
    codec: 'lengthPrefixed', prefix: 'u16be',
    source: 'Erlang/OTP inet, {packet, 2}',
    note: 'as erlangPacket1',
    known: 'capture', seen: 'test/interop/erlang.test.ts',
  },
  erlangPacket4: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 67_108_864,
    source: 'Erlang/OTP inet, {packet, 4}',
    note: 'Erlang takes lengths of 2^31 and more as negative',
    known: 'capture', seen: 'test/interop/erlang.test.ts',
  },
  giop: {
    codec: 'lengthPrefixed', before: ['47 49 4f 50', 4], prefix: { type: 'u32be', swapIf: { at: 6, mask: '01' } }, deliver: 'parts', maxPayloadLength: 67_108_864,
    source: 'OMG CORBA 3.3 part 2, 9.4.1',
    note: 'before: version, flags, type; bit 01 of the flags says little-endian',
    known: 'specification',
  },
  grpc: {
    codec: 'lengthPrefixed', before: 1, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 4_194_304,
    source: 'gRPC over HTTP/2, Length-Prefixed-Message',
    note: 'before: 1 when the message is compressed, else 0; inside HTTP/2 DATA, cut anywhere',
    known: 'capture', seen: 'test/interop/grpc.test.ts',
  },
  hadoopRpc: {
    codec: 'lengthPrefixed', prefix: 'i32be', maxPayloadLength: 134_217_728,
    source: 'Apache Hadoop RPC, ipc.maximum.data.length',
    note: 'after the 7-byte connection header',
    known: 'specification',
  },
  iceRpc: {
    codec: 'lengthPrefixed', before: ['49 63 65 50', 6], prefix: 'u32le', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_562,
    source: 'ZeroC Ice manual, protocol messages',
    note: 'before: versions of protocol and encoding, type, compression; the limit is Ice.MessageSizeMax',
    known: 'specification',
  },
  oncRpc: {
    codec: 'lengthPrefixed', prefix: { type: 'u32be', mask: '7fffffff' }, deliver: 'frame', maxPayloadLength: 16_777_216,
    source: 'RFC 5531, 11',
    note: 'NFS, portmap; a fragment with its mark, whose top bit says that it is the last of its record',
    known: 'specification',
  },
  protobufDelimited: {
    codec: 'lengthPrefixed', prefix: 'varint', maxPayloadLength: 67_108_864,
    source: 'Protocol Buffers, writeDelimitedTo',
    note: 'also ProtobufVarint32 of Netty; the limit was for long that of the C++ and Java parsers, which now take 2 GiB',
    known: 'capture', seen: 'test/interop/netty.test.ts',
  },
  pythonMultiprocessing: {
    codec: 'lengthPrefixed', prefix: 'i32OrU64', maxPayloadLength: 67_108_864,
    source: 'CPython, Lib/multiprocessing/connection.py',
    note: 'above 2^31-1 bytes: -1, then a 64-bit length; with an authkey the first messages are challenges',
    known: 'capture', seen: 'test/interop/python-multiprocessing.test.ts',
  },
  rocketMq: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 16_777_216,
    source: 'Apache RocketMQ, RemotingCommand',
    note: 'the payload is the length of the header with its serialization in the first byte, header, body; the limit is com.rocketmq.remoting.frameMaxLength',
    known: 'specification',
  },
  rsocket: {
    codec: 'lengthPrefixed', prefix: 'u24be', maxPayloadLength: 16_777_215,
    source: 'RSocket protocol, framing over TCP',
    note: 'the payload starts with stream id, type and flags',
    known: 'specification',
  },
  thriftFramed: {
    codec: 'lengthPrefixed', prefix: 'i32be', maxPayloadLength: 16_384_000,
    source: 'Apache Thrift, TFramedTransport',
    note: 'the limit is the Java default',
    known: 'specification',
  },
  ttrpc: {
    codec: 'lengthPrefixed', prefix: 'u32be', after: 6, deliver: 'parts', maxPayloadLength: 4_194_304,
    source: 'containerd ttrpc, PROTOCOL.md',
    note: 'after: stream id, type, flags',
    known: 'specification',
  },
} as const;
