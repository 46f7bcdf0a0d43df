// Formats of databases.

// prettier-ignore
export const databases = {
  cassandra: {
    codec: 'lengthPrefixed', before: 5, prefix: 'i32be', deliver: 'parts', maxPayloadLength: 268_435_456,
    source: 'Cassandra native protocol v4, 2',
    note: 'before: version, flags, stream, opcode; v5 wraps these in frames of its own',
    known: 'specification',
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
  tds: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', after: 4, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 32_759,
    source: 'MS-TDS, 2.2.3.1',
    note: 'Microsoft SQL Server; before: type, status; after: SPID, packet id, window',
    known: 'specification',
  },
} as const;
