// Golden frames of the formats of the family `serial`. How they are written: notation.ts.

// prettier-ignore
export const serial: Readonly<Record<string, readonly string[]>> = {
  cobsStream: [
    '03112202 33 00 => 11220033',
  ],
  kiss: [
    'c0 00 db dc db dd c0 => 00 c0 db',
  ],
  slip: [
    'c0 4500 dbdc dbdd 00 c0 => 4500c0db00',
  ],
  xbeeApi: [
    '7e | 0004 | | 08524e4a | 0d',
  ],
  nmea0183: [
    '2447504747412c3132333531392c343830372e3033382c4e2c30313133312e3030302c452c312c30382c302e392c3534352e342c4d2c34362e392c4d2c2c2a34370d0a => 47504747412c3132333531392c343830372e3033382c4e2c30313133312e3030302c452c312c30382c302e392c3534352e342c4d2c34362e392c4d2c2c2a3437',
  ],
  rtcm3: [
    'd3 | 0013 | | 3ed7d30202980edeef34b4bd62ac0941986f33 | 360b98',
  ],
  ubx: [
    'b5620501 | 0200 | | 0601 | 0f38',
    'b5620600 | 0000 | | | 0618',
    'b5621321 | 0600 | | 030102000004 | 443a',
  ],
};
