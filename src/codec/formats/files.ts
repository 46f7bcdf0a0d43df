// Formats of files.

// prettier-ignore
export const files = {
  directTcpSmb: {
    codec: 'lengthPrefixed', before: '00', prefix: 'u24be', maxPayloadLength: 16_777_215,
    source: 'MS-SMB2, 2.1',
    note: 'port 445; NetBIOS sessions (port 139) have other types in the first byte',
    known: 'specification',
  },
} as const;
