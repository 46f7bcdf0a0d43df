// Formats of the family `health`.

// prettier-ignore
export const health = {
  dicom: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'DICOM PS3.8, 9.3',
    note: 'upper layer PDUs; before: type, reserved',
    known: 'capture', seen: 'test/interop/small-servers.test.ts',
  },
  hl7Mllp: {
    codec: 'delimited', start: '0b', end: '1c 0d', maxLength: 16_777_216,
    source: 'HL7 Transport Specification: MLLP, Release 1',
    note: 'a message is text with CR behind each segment',
    known: 'capture', seen: 'test/interop/mllp.test.ts',
  },
} as const;
