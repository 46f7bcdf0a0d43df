// Formats of telecom.

// prettier-ignore
export const telecom = {
  berTlv: {
    codec: 'lengthPrefixed', prefix: 'berTagAndLength', deliver: 'frame', maxPayloadLength: 16_777_216,
    source: 'ITU-T X.690, 8.1; RFC 4511 (LDAP)',
    note: 'LDAP, SNMP over TCP; values are whole frames with their tag; definite lengths only',
    known: 'specification',
  },
  diameter: {
    codec: 'lengthPrefixed', before: '01', prefix: 'u24be', after: 16, counts: ['before', 'prefix', 'after', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'RFC 6733, 3',
    note: 'before: version 1; after: flags, command, application, hop-by-hop and end-to-end ids',
    known: 'specification',
  },
  rtpOverTcp: {
    codec: 'lengthPrefixed', prefix: 'u16be',
    source: 'RFC 4571, 2',
    note: 'RTP and RTCP over TCP; RTSP interleaving is another format',
    known: 'specification',
  },
  smpp: {
    codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'], maxPayloadLength: 65_536,
    source: 'SMPP 3.4, 3.2',
    note: 'the payload starts with command id, status, sequence number',
    known: 'specification',
  },
} as const;
