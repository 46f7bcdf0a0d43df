// Formats of the family `finance`.

// prettier-ignore
export const finance = {
  emiUcp: {
    codec: 'delimited', start: '02', end: '03', maxLength: 8_192,
    source: 'EMI-UCP Interface 4.6, 2',
    note: 'text between STX and ETX: transaction number, length, O or R, operation, data, checksum',
    known: 'specification',
  },
  fix42: {
    codec: 'lengthPrefixed', before: '38 3d 46 49 58 2e 34 2e 32 01 39 3d', prefix: { digitsUntil: '01' }, trailer: ['31 30 3d', 3, '01'], deliver: 'parts', maxPayloadLength: 65_536,
    source: 'FIX 4.2, Message Format; FIX TagValue encoding',
    note: 'trailer: three digits, the sum of all bytes in front of "10=" modulo 256; the payload ends with 01; a length with zeros in front, which FIX allows, is refused unless prefix says leadingZeros: ignore; encode writes none, so sum such a message again before you send it on',
    known: 'specification',
  },
  fix44: {
    codec: 'lengthPrefixed', before: '38 3d 46 49 58 2e 34 2e 34 01 39 3d', prefix: { digitsUntil: '01' }, trailer: ['31 30 3d', 3, '01'], deliver: 'parts', maxPayloadLength: 65_536,
    source: 'FIX 4.4, Message Format; FIX TagValue encoding',
    note: 'as fix42',
    known: 'specification',
  },
  fixt11: {
    codec: 'lengthPrefixed', before: '38 3d 46 49 58 54 2e 31 2e 31 01 39 3d', prefix: { digitsUntil: '01' }, trailer: ['31 30 3d', 3, '01'], deliver: 'parts', maxPayloadLength: 65_536,
    source: 'FIXT 1.1; FIX 5.0',
    note: 'as fix42',
    known: 'specification',
  },
  iso8583Ascii: {
    codec: 'lengthPrefixed', prefix: { digits: 4 }, maxPayloadLength: 9_999,
    source: 'ISO 8583 over TCP; jPOS ASCIIChannel',
    note: 'four decimal digits; the payload starts with the message type, or with a TPDU',
    known: 'specification',
  },
  iso8583Bcd: {
    codec: 'lengthPrefixed', prefix: { bcd: 2 }, maxPayloadLength: 9_999,
    source: 'ISO 8583 over TCP; jPOS BCDChannel',
    note: 'two bytes of BCD',
    known: 'specification',
  },
  iso8583Binary: {
    codec: 'lengthPrefixed', prefix: 'u16be', maxPayloadLength: 65_535,
    source: 'ISO 8583 over TCP; jPOS NACChannel',
    note: 'two bytes; the payload usually starts with a TPDU of five bytes, such as 60 00 00 00 00',
    known: 'specification',
  },
  soupBinTcp: {
    codec: 'lengthPrefixed', prefix: 'u16be', after: 1, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 65_534,
    source: 'Nasdaq SoupBinTCP 4.00, 2',
    note: 'after: packet type, which the length counts; ITCH and OUCH messages are payloads of S and U packets',
    known: 'specification',
  },
} as const;
