// Golden frames of the formats of the family `health`. How they are written: notation.ts.

// prettier-ignore
export const health: Readonly<Record<string, readonly string[]>> = {
  // A-RELEASE-RQ; A-ABORT
  dicom: ['0500 | 00000004 | | 00000000 |', '0700 | 00000004 | | 00000200 |'],
  hl7Mllp: [
    '0b4d53487c5e7e5c267c417c427c437c447c32303234303130317c7c41434b7c317c507c322e350d4d53417c41417c310d1c0d => 4d53487c5e7e5c267c417c427c437c447c32303234303130317c7c41434b7c317c507c322e350d4d53417c41417c310d',
  ],
};
