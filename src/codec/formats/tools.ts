// Formats of tools.

// prettier-ignore
export const tools = {
  adb: {
    codec: 'lengthPrefixed', before: 12, prefix: 'u32le', after: 8, deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'Android adb/protocol.txt',
    note: 'before: command, arg0, arg1; after: data checksum, magic (command xor 0xffffffff)',
    known: 'specification',
  },
  chromeNativeMessaging: {
    codec: 'lengthPrefixed', prefix: 'u32le', maxPayloadLength: 1_048_576,
    source: 'Chrome developers, Native messaging',
    note: 'native byte order; 1 MiB from the host to Chrome, 64 MiB to the host; JSON in UTF-8',
    known: 'capture', seen: 'Chromium, recorded',
  },
  dockerAttach: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'Docker Engine API, attach to a container',
    note: 'before: stream (0 stdin, 1 stdout, 2 stderr) and three zeros; only without a tty',
    known: 'specification',
  },
} as const;
