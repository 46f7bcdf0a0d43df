// Formats of the family `vehicles`.

// prettier-ignore
export const vehicles = {
  doIp: {
    codec: 'lengthPrefixed', before: ['02 fd', 2], prefix: 'u32be', deliver: 'parts', maxPayloadLength: 65_536,
    source: 'ISO 13400-2:2012, 7',
    note: 'diagnostics over IP; before: payload type; 03 fc begins frames of the 2019 edition',
    known: 'specification',
  },
  gbt32960: {
    codec: 'lengthPrefixed', before: ['23 23', 20], prefix: 'u16be', trailer: { checksum: 'xor8', over: [{ part: 'before', from: 2 }, 'prefix', 'payload'] }, deliver: 'parts', maxPayloadLength: 65_531,
    source: 'GB/T 32960.3-2016, 6.2',
    note: 'electric vehicles in China; before: command, answer flag, VIN (17), encryption; the 2025 edition begins with 24 24',
    known: 'device', seen: 'the test message of a public GB/T 32960 tool (OTAGBData)',
  },
  mavlink1: {
    codec: 'lengthPrefixed', before: 'fe', prefix: 'u8', after: 4, trailer: 2, deliver: 'parts', maxPayloadLength: 255,
    source: 'MAVLink 1, packet serialization',
    note: 'drones; after: sequence, system, component, message id; the CRC needs a byte of the message definition, so it is yours',
    known: 'specification',
  },
  mavlink2: {
    codec: 'lengthPrefixed', before: 'fd', prefix: 'u8', after: 8, trailer: 2, deliver: 'parts', maxPayloadLength: 255,
    source: 'MAVLink 2, packet serialization',
    note: 'after: incompatibility and compatibility flags, sequence, system, component, message id (24 bits); signed frames (flag 1) have 13 bytes more and are not of this format',
    known: 'specification',
  },
  someIp: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32be', after: 8, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'AUTOSAR SOME/IP Protocol Specification, 4.1',
    note: 'before: message id; after: client and session id, versions, type, return code, which the length counts; magic cookies have the ids ffff0000 and ffff8000',
    known: 'specification',
  },
} as const;
