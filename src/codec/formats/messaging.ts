// Formats of the family `messaging`.

// prettier-ignore
export const messaging = {
  amqp091: {
    codec: 'lengthPrefixed', before: 3, prefix: 'u32be', trailer: 'ce', deliver: 'parts', maxPayloadLength: 131_064,
    source: 'AMQP 0-9-1, 4.2.3',
    note: 'after the 8-byte protocol header "AMQP\\0\\0\\9\\1"; before: type, channel; every frame ends with 0xCE; connection.tune negotiates the limit, which counts the 8 bytes around the payload as well: 131072 in RabbitMQ',
    known: 'capture', seen: 'nDPI, amqp.pcap',
  },
  amqp10: {
    codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 1_048_572,
    source: 'OASIS AMQP 1.0, 2.3',
    note: 'after the 8-byte protocol header "AMQP\\0\\1\\0\\0"; the payload starts with data offset, type, channel; the smallest limit is 512',
    known: 'capture', seen: 'test/interop/rabbitmq.test.ts',
  },
  gearman: {
    codec: 'lengthPrefixed', before: ['00 52 45', 5], prefix: 'u32be', deliver: 'parts', maxPayloadLength: 67_108_864,
    source: 'Gearman protocol, binary packet',
    note: 'before: the last letter of "\\0REQ" or "\\0RES", type; text commands of administrators have no frames',
    known: 'capture', seen: 'test/interop/small-servers.test.ts',
  },
  kafka: {
    codec: 'lengthPrefixed', prefix: 'i32be', maxPayloadLength: 104_857_600,
    source: 'Apache Kafka protocol guide; socket.request.max.bytes',
    note: 'requests and responses alike; the payload starts with a header',
    known: 'specification',
  },
  mqtt: {
    codec: 'lengthPrefixed', before: 1, prefix: 'minimalVarint', deliver: 'parts', maxPayloadLength: 268_435_455,
    source: 'MQTT 5.0, 2.1.4; MQTT 3.1.1, 2.2.3',
    note: 'before: packet type and flags; at most 4 bytes of length',
    known: 'capture', seen: 'test/interop/mosquitto.test.ts',
  },
  nanomsgTcp: {
    codec: 'lengthPrefixed', prefix: 'u64be', maxPayloadLength: 1_048_576,
    source: 'nanomsg RFC: sp-tcp-mapping-01',
    note: 'after a handshake of 8 bytes in each direction, 00 53 50 00, type, 00 00; the limit is NN_RCVMAXSIZE',
    known: 'specification',
  },
  nsq: {
    codec: 'lengthPrefixed', prefix: 'u32be', after: 4, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 5_242_880,
    source: 'NSQ TCP protocol spec, data format',
    note: 'from nsqd to the client; after: frame type, which the length counts; commands of clients are lines',
    known: 'specification',
  },
  pulsar: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 5_253_120,
    source: 'Apache Pulsar binary protocol, framing',
    note: 'the payload starts with the length of the command; the limit is that of brokers: 5 MiB and 10 KiB',
    known: 'specification',
  },
  rabbitStream: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 1_048_576,
    source: 'RabbitMQ Stream protocol, frame structure',
    note: 'the payload starts with key and version; tune negotiates the limit',
    known: 'specification',
  },
  zookeeper: {
    codec: 'lengthPrefixed', prefix: 'i32be', maxPayloadLength: 1_048_575,
    source: 'Apache ZooKeeper, jute.maxbuffer',
    note: 'the first frame of each side is the connect request and its answer',
    known: 'specification',
  },
} as const;
