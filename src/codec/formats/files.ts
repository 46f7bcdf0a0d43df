// Formats of the family `files`.

// prettier-ignore
export const files = {
  afpDsi: {
    codec: 'lengthPrefixed', before: 8, prefix: 'u32be', after: 4, deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'Apple Filing Protocol, DSI; Wireshark, packet-dsi.c',
    note: 'before: flags, command, request id, error code or offset; after: reserved',
    known: 'specification',
  },
  directTcpSmb: {
    codec: 'lengthPrefixed', before: '00', prefix: 'u24be', maxPayloadLength: 16_777_215,
    source: 'MS-SMB2, 2.1',
    note: 'port 445; NetBIOS sessions (port 139) have other types in the first byte',
    known: 'capture', seen: 'nDPI, smb_deletefile.pcap',
  },
  isns: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u16be', after: 6, deliver: 'parts', maxPayloadLength: 65_532,
    source: 'RFC 4171, 5.1',
    note: 'before: version, function; after: flags, transaction id, sequence id',
    known: 'specification',
  },
  nineP: {
    codec: 'lengthPrefixed', prefix: 'u32le', counts: ['prefix', 'payload'], maxPayloadLength: 1_048_572,
    source: 'Plan 9 manual, intro(5)',
    note: 'the payload starts with type and tag; Tversion negotiates the limit',
    known: 'capture', seen: 'test/interop/small-servers.test.ts',
  },
  nvmeTcp: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32le', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'NVMe/TCP transport specification, 3.6',
    note: 'before: type, flags, header length, data offset',
    known: 'specification',
  },
  sftp: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 262_144,
    source: 'draft-ietf-secsh-filexfer-02, 3',
    note: 'inside of an SSH channel; the payload starts with type and request id; servers must take 34000 bytes, OpenSSH takes 256 KiB',
    known: 'capture', seen: 'test/interop/small-servers.test.ts',
  },
} as const;
