// Formats of rpc.

// prettier-ignore
export const rpc = {
  avroRpc: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 67_108_864,
    source: 'Apache Avro specification, Message Framing',
    note: 'a message is a series of these buffers, ended by an empty one',
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
} as const;
