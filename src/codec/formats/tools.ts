// Formats of the family `tools`.

// prettier-ignore
export const tools = {
  adb: {
    codec: 'lengthPrefixed', before: 12, prefix: 'u32le', after: 8, deliver: 'parts', maxPayloadLength: 1_048_576,
    source: 'Android adb/protocol.txt',
    note: 'before: command, arg0, arg1; after: data checksum, magic (command xor 0xffffffff)',
    known: 'specification',
  },
  adbHost: {
    codec: 'lengthPrefixed', prefix: { hexDigits: 4 }, maxPayloadLength: 65_535,
    source: 'Android adb, SERVICES.TXT',
    note: 'requests to the adb server on port 5037; answers start with OKAY or FAIL in front of such a frame',
    known: 'specification',
  },
  chromeNativeMessaging: {
    codec: 'lengthPrefixed', prefix: 'u32le', maxPayloadLength: 1_048_576,
    source: 'Chrome developers, Native messaging',
    note: 'native byte order; 1 MiB from the host to Chrome, 64 MiB to the host; JSON in UTF-8',
    known: 'specification',
  },
  dockerAttach: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'Docker Engine API, attach to a container',
    note: 'before: stream (0 stdin, 1 stdout, 2 stderr) and three zeros; only without a tty',
    known: 'specification',
  },
  gelfTcp: {
    codec: 'delimited', end: '00', maxLength: 2_097_152,
    source: 'Graylog, GELF via TCP',
    note: 'JSON without compression; the limit is that of the input',
    known: 'specification',
  },
  graphitePickle: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 1_048_576,
    source: 'Graphite, feeding carbon: pickle protocol',
    note: 'the payload is a Python pickle: never unpickle what a stranger sent',
    known: 'specification',
  },
  graphitePlain: {
    codec: 'lines', maxLength: 65_536,
    source: 'Graphite, feeding carbon: plaintext protocol',
    note: 'path, value, time',
    known: 'specification',
  },
  mumble: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 8_388_608,
    source: 'Mumble protocol, TCP packet',
    note: 'before: message type',
    known: 'specification',
  },
  ndjson: {
    codec: 'lines', maxLength: 1_048_576,
    source: 'ndjson specification 1.0.0',
    note: 'one JSON value a line; the limit is ours',
    known: 'specification',
  },
  sshAgent: {
    codec: 'lengthPrefixed', prefix: 'u32be', maxPayloadLength: 262_144,
    source: 'draft-miller-ssh-agent, 3',
    note: 'the payload starts with the type; OpenSSH takes 256 KiB',
    known: 'capture', seen: 'test/interop/small-servers.test.ts',
  },
  zabbix: {
    codec: 'lengthPrefixed', before: '5a 42 58 44 01', prefix: 'u32le', after: '00 00 00 00', maxPayloadLength: 134_217_728,
    source: 'Zabbix manual, header and data length',
    note: 'flag 01: no compression, no large packet; the payload is JSON',
    known: 'specification',
  },
} as const;
