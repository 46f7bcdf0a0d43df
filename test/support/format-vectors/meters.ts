// Golden frames of the formats of the family `meters`. How they are written: notation.ts.

// prettier-ignore
export const meters: Readonly<Record<string, readonly string[]>> = {
  cjt188: [
    '6810aaaaaaaaaaaaaa01 | 03 | | 901f00 | d116',
  ],
  dlt645: [
    '68aaaaaaaaaaaa6813 | 00 | | | df16',
    '680000000000006811 | 04 | | 33333433 | b216',
  ],
  dlmsWrapper: [
    '000100100001 | 001f | | 601da109060760857405080101be10040e01000000065f1f040000bc3fffff |',
    '000100010010 | 002b | | 6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001c1f05dc0007 |',
  ],
};
