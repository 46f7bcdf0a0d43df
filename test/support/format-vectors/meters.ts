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
  // heat meter; a new primary address
  mBus: [
    '68 | 38 | 38 68 | 08 c8 72 09315403 b405 b0 04 c9 10 ffff 03229a0000 052ea0c85146 053eb4e3d742 055b90d30743 055f0eaae741 05639cbcd542 046d100905c5 | 77 16',
    '68 | 06 | 06 68 | 53 fe 51 01 7a 08 | 25 16',
  ],
};
