// Formats of the family `telecom`.

// prettier-ignore
export const telecom = {
  berTlv: {
    codec: 'lengthPrefixed', prefix: 'berTagAndLength', deliver: 'frame', maxPayloadLength: 16_777_216,
    source: 'ITU-T X.690, 8.1; RFC 4511 (LDAP)',
    note: 'LDAP, SNMP over TCP; values are whole frames with their tag; definite lengths only',
    known: 'capture', seen: 'nDPI, z3950.pcapng',
  },
  cmpp: {
    codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 65_536,
    source: 'CMPP 3.0 (China Mobile), 7.3',
    note: 'the payload starts with command id and sequence number',
    known: 'specification',
  },
  diameter: {
    codec: 'lengthPrefixed', before: '01', prefix: 'u24be', after: 16, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'RFC 6733, 3',
    note: 'before: version 1; after: flags, command, application, hop-by-hop and end-to-end ids',
    known: 'capture', seen: 'nDPI, diameter.pcap',
  },
  rtpOverTcp: {
    codec: 'lengthPrefixed', prefix: 'u16be',
    source: 'RFC 4571, 2',
    note: 'RTP and RTCP over TCP; RTSP interleaving is another format',
    known: 'specification',
  },
  rtspInterleaved: {
    codec: 'lengthPrefixed', before: ['24', 1], prefix: 'u16be', deliver: 'parts', maxPayloadLength: 65_535,
    source: 'RFC 7826, 14',
    note: 'before: channel; between these there are RTSP messages in text: not a format from the first byte to the last',
    known: 'specification',
  },
  sgip: {
    codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 65_536,
    source: 'SGIP 1.2 (China Unicom), 4.1',
    note: 'the payload starts with command id and a sequence number of twelve bytes',
    known: 'specification',
  },
  skinny: {
    codec: 'lengthPrefixed', prefix: 'u32le', after: 4, deliver: 'parts', maxPayloadLength: 65_536,
    source: 'Cisco SCCP; Wireshark, packet-skinny.c',
    note: 'after: header version; the payload starts with the message id, which the length counts',
    known: 'specification',
  },
  smgp: {
    codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 65_536,
    source: 'SMGP 3.0 (China Telecom), 5.1',
    note: 'the payload starts with request id and sequence number',
    known: 'specification',
  },
  smpp: {
    codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 65_536,
    source: 'SMPP 3.4, 3.2',
    note: 'the payload starts with command id, status, sequence number',
    known: 'capture', seen: 'nDPI, smpp_in_general.pcap',
  },
} as const;
