// Golden frames of the formats of the family `vehicles`. How they are written: notation.ts.

// prettier-ignore
export const vehicles: Readonly<Record<string, readonly string[]>> = {
  doIp: [
    '02fd0005 | 00000007 | | 0e000000000000 |',
    '02fd8001 | 00000006 | | 0e0010003e00 |',
  ],
  someIp: [
    'ffff0000 | 00000008 | deadbeef01010100 | |',
    '12345678 | 0000000a | 0001000201010000 | abcd |',
  ],
  mavlink1: [
    'fe | 09 | 4e010100 | 000000000203510403 | 1c7f',
  ],
  mavlink2: [
    'fd | 09 | 0000000101000000 | 000000000203510403 | e71e',
  ],
  gbt32960: [
    '232301fe4c4d47464531473030303030303053593101 | 001e | | 1205100b0b30000138393836303631363031303035343538373630310100 | ec',
  ],
};
