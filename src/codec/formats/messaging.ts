// Formats of messaging.

// prettier-ignore
export const messaging = {
  amqp091: {
    codec: 'lengthPrefixed', before: 3, prefix: 'u32be', trailer: 'ce', deliver: 'parts', maxPayloadLength: 131_064,
    source: 'AMQP 0-9-1, 4.2.3',
    note: 'after the 8-byte protocol header "AMQP\\0\\0\\9\\1"; before: type, channel; every frame ends with 0xCE; connection.tune negotiates the limit, which counts the 8 bytes around the payload as well: 131072 in RabbitMQ',
    known: 'specification',
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
  zookeeper: {
    codec: 'lengthPrefixed', prefix: 'i32be', maxPayloadLength: 1_048_575,
    source: 'Apache ZooKeeper, jute.maxbuffer',
    note: 'the first frame of each side is the connect request and its answer',
    known: 'specification',
  },
} as const;
