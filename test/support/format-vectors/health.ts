// Golden frames of the formats of the family `health`. How they are written: notation.ts.

// prettier-ignore
export const health: Readonly<Record<string, readonly string[]>> = {
  // A-RELEASE-RQ; A-ABORT
  dicom: ['0500 | 00000004 | | 00000000 |', '0700 | 00000004 | | 00000200 |'],
};
