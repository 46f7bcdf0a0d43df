// Formats of the family `network`.

// prettier-ignore
export const network = {
  bgp: {
    codec: 'lengthPrefixed', before: 'ffffffffffffffffffffffffffffffff', prefix: 'u16be', after: 1, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 4_077,
    source: 'RFC 4271, 4.1',
    note: 'a marker of sixteen 0xff; after: type; 65535 - 19 with the extended messages of RFC 8654',
    known: 'capture', seen: 'nDPI, BGP_redist.pcap',
  },
  bmp: {
    codec: 'lengthPrefixed', before: '03', prefix: 'u32be', after: 1, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'RFC 7854, 4.1',
    note: 'BGP monitoring; after: message type',
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
    known: 'capture', seen: 'test/vectors/captures.json',
  },
  kerberosTcp: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 1_048_576,
    source: 'RFC 4120, 7.2.2',
    note: 'the top bit of the length is reserved and zero; a KDC limits requests itself',
    known: 'capture', seen: 'nDPI, kerberos.pcap',
  },
  ldp: {
    codec: 'lengthPrefixed', before: '00 01', prefix: 'u16be', maxPayloadLength: 4_096,
    source: 'RFC 5036, 3.1',
    note: 'before: version; the payload starts with the LDP identifier; 4096 unless the sessions agree on more',
    known: 'specification',
  },
  msdp: {
    codec: 'lengthPrefixed', before: 1, prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 9_189,
    source: 'RFC 3618, 12',
    note: 'before: type',
    known: 'specification',
  },
  openflow: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', after: 4, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts',
    source: 'OpenFlow 1.3, 7.1',
    note: 'before: version, type; after: transaction id',
    known: 'specification',
  },
  openvpnTcp: {
    codec: 'lengthPrefixed', prefix: 'u16be', maxPayloadLength: 65_535,
    source: 'OpenVPN protocol, TCP packet length',
    note: 'the payload starts with opcode and key id',
    known: 'capture', seen: 'nDPI, 443-opvn.pcap',
  },
  pcep: {
    codec: 'lengthPrefixed', before: ['20', 1], prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 65_531,
    source: 'RFC 5440, 6.1',
    note: 'before: version 1 and flags 0 are fixed; message type',
    known: 'specification',
  },
  proxyProtocolV2: {
    codec: 'lengthPrefixed', before: ['0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a', 2], prefix: 'u16be', deliver: 'parts', maxPayloadLength: 65_535,
    source: 'HAProxy, PROXY protocol, 2.2',
    note: 'one frame at the start of a connection; then release; before: version and command, family',
    known: 'device', seen: 'Signal-Server, ProxyProtocolDetectionHandlerTest',
  },
  radsec: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 4_092,
    source: 'RFC 6614; RFC 2865, 3',
    note: 'RADIUS over TLS; before: code, identifier; the payload starts with the authenticator',
    known: 'specification',
  },
  rpkiRtr: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 65_528,
    source: 'RFC 8210, 5.1',
    note: 'before: version, type, session id or flags',
    known: 'specification',
  },
  sshBinaryPacket: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 34_996,
    source: 'RFC 4253, 6',
    note: 'after the version lines and before encryption; the payload starts with the padding length; no MAC yet',
    known: 'capture', seen: 'nDPI, ssh.pcap',
  },
  stunTcp: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16be', after: ['21 12 a4 42', 12], deliver: 'parts', maxPayloadLength: 65_535,
    source: 'RFC 8489, 5 and 6.2.2',
    note: 'before: type; after: transaction id; channel data of TURN has another form',
    known: 'specification',
  },
  syslogLines: {
    codec: 'lines', maxLength: 65_536,
    source: 'RFC 6587, 3.4.2',
    note: 'the other framing of syslog over TCP; also RFC 3164 messages',
    known: 'specification',
  },
  syslogOctetCounting: {
    codec: 'lengthPrefixed', prefix: 'decimalAndSpace', maxPayloadLength: 65_536,
    source: 'RFC 6587, 3.4.1; RFC 5425',
    note: 'syslog over TCP and TLS',
    known: 'specification',
  },
  tacacsPlus: {
    codec: 'lengthPrefixed', before: 8, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 65_536,
    source: 'RFC 8907, 4.1',
    note: 'before: version, type, sequence number, flags, session id; the payload is obfuscated',
    known: 'specification',
  },
  tlsRecord: {
    codec: 'lengthPrefixed', before: 3, prefix: 'u16be', deliver: 'parts', maxPayloadLength: 18_432,
    source: 'RFC 5246, 6.2.3; RFC 8446, 5.1',
    note: 'before: type, version; to look at records, not to decrypt them',
    known: 'capture', seen: 'Wireshark, tls-renegotiation.pcap',
  },
} as const;
