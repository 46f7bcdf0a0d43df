// Formats of health.

// prettier-ignore
export const health = {
  dicom: {
    codec: 'lengthPrefixed', before: 2, prefix: 'u32be', deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'DICOM PS3.8, 9.3',
    note: 'upper layer PDUs; before: type, reserved',
    known: 'specification',
  },
} as const;
