// Formats of network.

// prettier-ignore
export const network = {
  bgp: {
    codec: 'lengthPrefixed', before: 'ffffffffffffffffffffffffffffffff', prefix: 'u16be', after: 1, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 4_077,
    source: 'RFC 4271, 4.1',
    note: 'a marker of sixteen 0xff; after: type; 65535 - 19 with the extended messages of RFC 8654',
    known: 'specification',
  },
  dnsOverTcp: {
    codec: 'lengthPrefixed', prefix: 'u16be',
    source: 'RFC 1035, 4.2.2; RFC 7766',
    note: 'also DNS over TLS; send length and message in one write',
    known: 'capture', seen: 'test/interop/dnsmasq.test.ts',
  },
  http2: {
    codec: 'lengthPrefixed', prefix: 'u24be', after: 6, deliver: 'parts', maxPayloadLength: 16_384,
    source: 'RFC 9113, 4.1',
    note: 'after the 24-byte preface of the client; after: type, flags, stream; the limit is SETTINGS_MAX_FRAME_SIZE',
    known: 'capture', seen: 'recorded',
  },
  openflow: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', after: 4, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts',
    source: 'OpenFlow 1.3, 7.1',
    note: 'before: version, type; after: transaction id',
    known: 'specification',
  },
  radsec: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 4_092,
    source: 'RFC 6614; RFC 2865, 3',
    note: 'RADIUS over TLS; before: code, identifier; the payload starts with the authenticator',
    known: 'specification',
  },
  sshBinaryPacket: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 34_996,
    source: 'RFC 4253, 6',
    note: 'after the version lines and before encryption; the payload starts with the padding length; no MAC yet',
    known: 'specification',
  },
  syslogOctetCounting: {
    codec: 'lengthPrefixed', prefix: 'decimalAndSpace', maxPayloadLength: 65_536,
    source: 'RFC 6587, 3.4.1; RFC 5425',
    note: 'syslog over TCP and TLS',
    known: 'specification',
  },
  tlsRecord: {
    codec: 'lengthPrefixed', before: 3, prefix: 'u16be', deliver: 'parts', maxPayloadLength: 18_432,
    source: 'RFC 5246, 6.2.3; RFC 8446, 5.1',
    note: 'before: type, version; to look at records, not to decrypt them',
    known: 'specification',
  },
} as const;
