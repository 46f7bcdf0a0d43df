// Formats of the family `industrial`.

// prettier-ignore
export const industrial = {
  adsAms: {
    codec: 'lengthPrefixed', before: '00 00', prefix: 'u32le', maxPayloadLength: 1_048_576,
    source: 'Beckhoff ADS/AMS specification, AMS/TCP header',
    note: 'TwinCAT; the payload is an AMS header of 32 bytes and its data',
    known: 'specification',
  },
  c37118: {
    codec: 'lengthPrefixed', before: ['aa', 1], prefix: 'u16be', counts: ['before', 'prefix', 'payload', 'trailer'], trailer: { checksum: 'CRC-16/IBM-3740' }, deliver: 'parts', maxPayloadLength: 65_529,
    source: 'IEEE C37.118.2-2011, 6.2',
    note: 'synchrophasors; before: frame type and version',
    known: 'specification',
  },
  enip: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u16le', after: 20, deliver: 'parts', maxPayloadLength: 65_511,
    source: 'EtherNet/IP, CIP volume 2, 2-3',
    note: 'before: command; after: session handle, status, sender context, options',
    known: 'capture', seen: 'nDPI, ethernetIP.pcap',
  },
  hartIp: {
    codec: 'lengthPrefixed', before: 6, prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 65_527,
    source: 'HART-IP, FieldComm TP10300, message header',
    note: 'before: version, type, id, status, sequence number',
    known: 'specification',
  },
  hsms: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 16_777_226,
    source: 'SEMI E37, 8.2',
    note: 'semiconductor fabs (SECS/GEM); the payload is a header of ten bytes and its text',
    known: 'specification',
  },
  iec104: {
    codec: 'lengthPrefixed', before: '68', prefix: 'u8', maxPayloadLength: 253,
    source: 'IEC 60870-5-104, 5',
    note: 'the payload starts with four control octets',
    known: 'capture', seen: 'nDPI, IEC104.pcap',
  },
  knxIp: {
    codec: 'lengthPrefixed', before: ['06 10', 2], prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 65_529,
    source: 'KNX Standard 03_08_02, KNXnet/IP header',
    note: 'before: service type; over TCP since version 2 of the core services',
    known: 'device', seen: 'Qt KNX, tst_qknxnetipframe; knx-link, KnxBody',
  },
  melsec3E: {
    codec: 'lengthPrefixed', before: ['50 00', 5], prefix: 'u16le', deliver: 'parts', maxPayloadLength: 65_535,
    source: 'MELSEC Communication Protocol Reference Manual, 3E frame',
    note: 'a request in binary; before: network, PC, I/O and station; the payload starts with the timer; answers begin with d0 00: melsec3EAnswer',
    known: 'device', seen: 'go-mcprotocol, mcp/station_test.go',
  },
  melsec3EAnswer: {
    codec: 'lengthPrefixed', before: ['d0 00', 5], prefix: 'u16le', deliver: 'parts', maxPayloadLength: 65_535,
    source: 'MELSEC Communication Protocol Reference Manual, 3E frame',
    note: 'before: network, PC, I/O and station; the payload starts with the end code',
    known: 'specification',
  },
  modbusTcp: {
    codec: 'lengthPrefixed', before: [2, '00 00'], prefix: 'u16be', after: 1, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 253,
    source: 'Modbus Messaging on TCP/IP, 3.1.3',
    note: 'before: transaction id; the protocol id is 0; after: unit id, which is counted',
    known: 'capture', seen: 'nDPI, modbus.pcap',
  },
  omronFins: {
    codec: 'lengthPrefixed', before: '46 49 4e 53', prefix: 'u32be', after: 8, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 65_536,
    source: 'OMRON W421, FINS/TCP header',
    note: 'after: command, error code, which the length counts; the payload of command 2 is a FINS frame',
    known: 'specification',
  },
  opcUa: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32le', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'OPC UA part 6, 7.1.2',
    note: 'before: message type, chunk type',
    known: 'specification',
  },
  tpkt: {
    codec: 'lengthPrefixed', before: '03 00', prefix: 'u16be', counts: ['before', 'prefix', 'payload'],
    source: 'RFC 1006, 6',
    note: 'before: version 3, reserved; RDP, S7, H.323',
    known: 'capture', seen: 'nDPI, s7comm.pcap',
  },
} as const;
