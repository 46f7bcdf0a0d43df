// Formats of the family `databases`.

// prettier-ignore
export const databases = {
  aerospike: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u48be', deliver: 'parts', maxPayloadLength: 134_217_728,
    source: 'Aerospike client, proto header',
    note: 'before: version 2, type',
    known: 'specification',
  },
  boltChunk: {
    codec: 'lengthPrefixed', prefix: 'u16be', maxPayloadLength: 65_535,
    source: 'Bolt protocol, chunking',
    note: 'after the handshake; a message is a series of these, ended by an empty one',
    known: 'specification',
  },
  cassandra: {
    codec: 'lengthPrefixed', before: 5, prefix: 'i32be', deliver: 'parts', maxPayloadLength: 268_435_456,
    source: 'Cassandra native protocol v4, 2',
    note: 'before: version, flags, stream, opcode; v5 wraps these in frames of its own',
    known: 'capture', seen: 'nDPI, cassandra.pcap',
  },
  drda: {
    codec: 'lengthPrefixed', prefix: 'u16be', after: ['d0', 3], counts: ['prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 32_761,
    source: 'DRDA volume 3, DSS; Wireshark, packet-drda.c',
    note: 'IBM Db2, Derby; after: format, correlation id; objects above 32 KiB are continued, with the top bit of the length set',
    known: 'capture', seen: 'nDPI, drda_db2.pcap',
  },
  elasticTransport: {
    codec: 'lengthPrefixed', before: '45 53', prefix: 'u32be', maxPayloadLength: 104_857_600,
    source: 'Elasticsearch, TcpHeader',
    note: 'between nodes; a length of −1 is a ping, which is not of this format; the payload starts with request id, status, version',
    known: 'specification',
  },
  memcachedBinary: {
    codec: 'lengthPrefixed', before: 8, prefix: 'u32be', after: 12, deliver: 'parts', maxPayloadLength: 1_048_832,
    source: 'memcached binary protocol, packet structure',
    note: 'before: magic, opcode, lengths of key and extras, status; after: opaque, CAS; also Couchbase; an item has at most 1 MiB by default',
    known: 'capture', seen: 'test/interop/memcached.test.ts',
  },
  mongodb: {
    codec: 'lengthPrefixed', prefix: 'i32le', counts: ['prefix', 'payload'], maxPayloadLength: 47_999_996,
    source: 'MongoDB wire protocol, MsgHeader',
    note: 'the payload starts with requestID, responseTo, opCode; the limit is maxMessageSizeBytes, which counts the length as well',
    known: 'specification',
  },
  mysql: {
    codec: 'lengthPrefixed', prefix: 'u24le', after: 1, deliver: 'parts', maxPayloadLength: 16_777_215,
    source: 'MySQL client/server protocol, packets',
    note: 'after: sequence number; a payload of 2^24-1 bytes is continued in the next packet',
    known: 'capture', seen: 'test/interop/mariadb.test.ts',
  },
  mysqlX: {
    codec: 'lengthPrefixed', prefix: 'u32le', after: 1, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 67_108_864,
    source: 'MySQL X Protocol, message structure',
    note: 'after: message type, which the length counts; the limit is mysqlx_max_allowed_packet',
    known: 'specification',
  },
  oracleTns: {
    codec: 'lengthPrefixed', prefix: 'u16be', after: 6, counts: ['prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 65_527,
    source: 'Oracle Net; Wireshark, packet-tns.c',
    note: 'after: checksum, type, flags, header checksum; from version 315 on, the length of packets after the accept has 32 bits',
    known: 'specification',
  },
  postgres: {
    codec: 'lengthPrefixed', before: 1, prefix: 'i32be', counts: ['prefix', 'payload'], deliver: 'parts', maxPayloadLength: 1_073_741_818,
    source: 'PostgreSQL manual, Message Formats',
    note: 'before: type; the first message of a client has none: postgresStartup; the answer to SSLRequest is one byte without a frame',
    known: 'capture', seen: 'test/interop/postgres.test.ts',
  },
  postgresStartup: {
    codec: 'lengthPrefixed', prefix: 'i32be', counts: ['prefix', 'payload'], maxPayloadLength: 10_000,
    source: 'PostgreSQL manual, StartupMessage; MAX_STARTUP_PACKET_LENGTH',
    note: 'client only: startup, SSLRequest, GSSENCRequest, CancelRequest; then release and go on with postgres',
    known: 'capture', seen: 'test/interop/postgres-client.test.ts',
  },
  rethinkDb: {
    codec: 'lengthPrefixed', before: 8, prefix: 'u32le', deliver: 'parts', maxPayloadLength: 134_217_728,
    source: 'RethinkDB, writing drivers',
    note: 'after the handshake; before: token',
    known: 'specification',
  },
  riakPbc: {
    codec: 'lengthPrefixed', prefix: 'u32be', after: 1, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 67_108_864,
    source: 'Riak protocol buffers client API',
    note: 'after: message code, which the length counts',
    known: 'specification',
  },
  tds: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', after: 4, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 32_759,
    source: 'MS-TDS, 2.2.3.1',
    note: 'Microsoft SQL Server; before: type, status; after: SPID, packet id, window',
    known: 'capture', seen: 'nDPI, mssql_tds.pcap',
  },
} as const;
