// Formats of the family `peers`.

// prettier-ignore
export const peers = {
  bitcoin: {
    codec: 'lengthPrefixed', before: 16, prefix: 'u32le', after: 4, deliver: 'parts', maxPayloadLength: 4_000_000,
    source: 'Bitcoin Core, src/protocol.h',
    note: 'before: network magic, command; after: first four bytes of the double SHA-256',
    known: 'capture', seen: 'nDPI, bitcoin.pcap',
  },
  bittorrent: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 1_048_576,
    source: 'BEP 3, peer protocol',
    note: 'after the 68-byte handshake; an empty frame is a keep-alive',
    known: 'capture', seen: 'nDPI, bittorrent.pcap',
  },
  minecraft: {
    codec: 'lengthPrefixed', prefix: 'varint', maxPayloadLength: 2_097_151,
    source: 'Minecraft Java Edition protocol',
    note: 'at most 3 bytes of length; the payload changes its form once compression is on',
    known: 'specification',
  },
} as const;
