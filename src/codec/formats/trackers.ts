// Formats of the family `trackers`.

// prettier-ignore
export const trackers = {
  astra: {
    codec: 'lengthPrefixed', before: 1, prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 65_532,
    source: 'Astra Telematics protocol; Traccar, AstraProtocol',
    note: 'before: protocol letter, such as K; the payload ends with a checksum',
    known: 'device', seen: 'Traccar, AstraProtocolDecoderTest',
  },
  castel: {
    codec: 'lengthPrefixed', before: '40 40', prefix: 'u16le', counts: ['before', 'prefix', 'payload', 'trailer'], trailer: [{ checksum: 'CRC-16/IBM-SDLC', order: 'le' }, '0d 0a'], maxPayloadLength: 65_527,
    source: 'Castel OBD and GPS terminals; Traccar, CastelProtocolDecoder',
    note: 'the length is that of the whole frame; CRC over all in front of it; older devices begin with 24 24',
    known: 'device', seen: 'Traccar, CastelProtocolDecoderTest',
  },
  cityeasy: {
    codec: 'lengthPrefixed', before: '54 54', prefix: 'u16be', counts: ['before', 'prefix', 'payload', 'trailer'], trailer: '0d 0a', maxPayloadLength: 1_024,
    source: 'Cityeasy protocol; Traccar, CityeasyProtocol',
    note: 'from the device; to it frames begin with 53 53; the payload ends with a checksum',
    known: 'device', seen: 'Traccar, CityeasyProtocolDecoderTest',
  },
  eelink: {
    codec: 'lengthPrefixed', before: ['67 67', 1], prefix: 'u16be', deliver: 'parts',
    source: 'Eelink Protocol V2.0, Package',
    note: 'before: type; the payload starts with a sequence number',
    known: 'device', seen: 'Traccar, EelinkProtocolDecoderTest',
  },
  galileosky: {
    codec: 'lengthPrefixed', before: '01', prefix: { type: 'u16le', mask: '7fff' }, trailer: { checksum: 'CRC-16/MODBUS', order: 'le' }, deliver: 'parts', maxPayloadLength: 32_767,
    source: 'Galileosky protocol, main packet',
    note: 'flags 8000: there are unsent packets in the archive; CRC over the whole frame; the answer is 02 and that CRC',
    known: 'device', seen: 'Traccar, GalileoFrameDecoderTest',
  },
  gt06: {
    codec: 'lengthPrefixed', before: '78 78', prefix: 'u8', adjust: 2, trailer: [{ checksum: 'CRC-16/IBM-SDLC', over: ['prefix', 'payload'] }, '0d 0a'], maxPayloadLength: 253,
    source: 'Concox GT06 GPS Tracker Communication Protocol V1.8.1',
    note: 'the length counts the CRC as well; the payload is protocol number, content, serial number; long frames begin with 79 79: gt06Long',
    known: 'device', seen: 'Traccar, Gt06FrameDecoderTest',
  },
  gt06Long: {
    codec: 'lengthPrefixed', before: '79 79', prefix: 'u16be', adjust: 2, trailer: [{ checksum: 'CRC-16/IBM-SDLC', over: ['prefix', 'payload'] }, '0d 0a'], maxPayloadLength: 65_533,
    source: 'Concox GT06 GPS Tracker Communication Protocol V1.8.1; Traccar, Gt06FrameDecoder',
    note: 'the long frames of gt06, which a device mixes with the short ones',
    known: 'device', seen: 'Traccar, Gt06ProtocolDecoderTest',
  },
  h02: {
    codec: 'delimited', start: '2a', end: '23', maxLength: 1_024,
    source: 'Sinotrack H02 protocol; Traccar, H02FrameDecoder',
    note: 'text frames *HQ,…#; devices may mix in binary frames that begin with $ and have no length: those are not of this format',
    known: 'device', seen: 'Traccar, H02FrameDecoderTest',
  },
  jtt808: {
    codec: 'delimited', start: '7e', end: '7e', escape: 'jt808', checksum: 'xor8', maxLength: 1_044,
    source: 'JT/T 808-2019, 4.4',
    note: 'commercial vehicles in China; the payload is header and body; a body has at most 1023 bytes, longer messages go in packets',
    known: 'device', seen: 'Traccar, HuabaoProtocolDecoderTest',
  },
  jtt809: {
    codec: 'delimited', start: '5b', end: '5d', escape: 'jt809', checksum: 'CRC-16/IBM-3740', maxLength: 65_536,
    source: 'JT/T 809-2011, 4.5',
    note: 'between platforms; the payload is header and body; the length in the header counts markers and CRC as well',
    known: 'specification',
  },
  khd: {
    codec: 'lengthPrefixed', before: ['29 29', 1], prefix: 'u16be', counts: ['payload', 'trailer'], trailer: [{ checksum: 'xor8' }, '0d'], deliver: 'parts', maxPayloadLength: 512,
    source: 'KHD GPRS protocol; Traccar, KhdProtocol',
    note: 'before: command; the length counts checksum and end',
    known: 'device', seen: 'Traccar, KhdProtocolDecoderTest',
  },
  meiligao: {
    codec: 'lengthPrefixed', before: '24 24', prefix: 'u16be', counts: ['before', 'prefix', 'payload', 'trailer'], trailer: [{ checksum: 'CRC-16/IBM-3740' }, '0d 0a'], maxPayloadLength: 65_527,
    source: 'Meiligao GPRS communication protocol',
    note: 'from the device; to it frames begin with 40 40; the payload is id (7), command, data',
    known: 'device', seen: 'Traccar, MeiligaoProtocolDecoderTest',
  },
  meitrack: {
    codec: 'lengthPrefixed', before: ['24 24', 1], prefix: { digitsUntil: '2c' }, counts: ['payload', 'trailer'], adjust: 1, trailer: '0d 0a', deliver: 'parts', maxPayloadLength: 1_024,
    source: 'Meitrack GPRS protocol, command format',
    note: 'from the device; to it frames begin with @@; before: a letter that numbers frames; the payload ends with * and two hex digits, the sum of all bytes in front',
    known: 'device', seen: 'Traccar, MeitrackFrameDecoderTest',
  },
  niot: {
    codec: 'lengthPrefixed', before: ['58 58', 1], prefix: 'u16be', counts: ['payload', 'trailer'], trailer: [{ checksum: 'xor8' }, '0d'], deliver: 'parts', maxPayloadLength: 1_024,
    source: 'Niot protocol; Traccar, NiotProtocol',
    note: 'as khd',
    known: 'device', seen: 'Traccar, NiotProtocolDecoderTest',
  },
  queclink: {
    codec: 'delimited', end: '24', maxLength: 4_096,
    source: 'Queclink @Track protocol',
    note: 'text frames +RESP:…$, +ACK:…$; binary frames (+RSP, +BSP) end with CRLF and are not of this format',
    known: 'device', seen: 'Traccar, Gl200FrameDecoderTest',
  },
  ruptela: {
    codec: 'lengthPrefixed', prefix: 'u16be', trailer: { checksum: 'CRC-16/KERMIT', over: ['payload'] }, maxPayloadLength: 65_535,
    source: 'Ruptela communication protocol, packet structure',
    note: 'from the device the payload is IMEI (8), command, data; to it command, data; devices send at most 1 KiB',
    known: 'device', seen: 'Traccar, RuptelaProtocolDecoderTest',
  },
  teltonikaAvl: {
    codec: 'lengthPrefixed', before: '00 00 00 00', prefix: 'u32be', trailer: ['00 00', { checksum: 'CRC-16/ARC', over: ['payload'] }], maxPayloadLength: 65_536,
    source: 'Teltonika Data Sending Protocols, Codec 8',
    note: 'after teltonikaImei; the payload is codec id, number of records, records, number again; answer with the number as u32be',
    known: 'device', seen: 'Traccar, TeltonikaProtocolDecoderTest',
  },
  teltonikaImei: {
    codec: 'lengthPrefixed', prefix: 'u16be', maxPayloadLength: 17,
    source: 'Teltonika Data Sending Protocols, first packet',
    note: 'the first frame of a device, its IMEI in digits; answer with the byte 01, then release and go on with teltonikaAvl',
    known: 'device', seen: 'Traccar, TeltonikaFrameDecoderTest',
  },
  thuraya: {
    codec: 'lengthPrefixed', before: '23 54', prefix: 'u16be', counts: ['before', 'prefix', 'payload'], maxPayloadLength: 1_024,
    source: 'Thuraya tracker protocol; Traccar, ThurayaProtocol',
    note: 'the payload ends with a checksum of two bytes',
    known: 'device', seen: 'Traccar, ThurayaProtocolDecoderTest',
  },
  tk103: {
    codec: 'delimited', start: '28', end: '29', maxLength: 1_024,
    source: 'GPS103/TK103 protocol; Traccar, Tk103FrameDecoder',
    note: 'text frames (…) of Xexun and clones; a text with brackets in it is cut at the first )',
    known: 'device', seen: 'Traccar, Tk103FrameDecoderTest',
  },
  topflytech: {
    codec: 'lengthPrefixed', before: ['27 27', 1], prefix: 'u16be', counts: ['before', 'prefix', 'payload'], deliver: 'parts',
    source: 'TOPFLYtech TLP/TLD protocol',
    note: 'before: type; the length is that of the whole frame; 25 25, 23 23 and 26 26 begin frames of other models',
    known: 'device', seen: 'Traccar, T800xProtocolDecoderTest',
  },
  ulbotech: {
    codec: 'delimited', start: 'f8', end: 'f8', escape: { escape: 'f7', codes: { f8: '00', f7: '0f' } }, maxLength: 4_096,
    source: 'Ulbotech T300 protocol; Traccar, UlbotechFrameDecoder',
    note: 'the payload ends with a CRC of two bytes',
    known: 'device', seen: 'Traccar, UlbotechProtocolDecoderTest',
  },
  watch: {
    codec: 'lengthPrefixed', before: ['5b', 2, '2a', 10, '2a'], prefix: { hexDigits: 4 }, after: '2a', trailer: '5d', deliver: 'parts',
    source: 'Beijing watch (3G/SeTracker) protocol; Traccar, WatchFrameDecoder',
    note: 'before: maker, device id of ten digits; some devices have an id of fifteen',
    known: 'device', seen: 'Traccar, WatchFrameDecoderTest',
  },
  wialonIps: {
    codec: 'lines', maxLength: 65_536, newline: 'crlf',
    source: 'Wialon IPS 2.1',
    note: 'text frames #TYPE#…',
    known: 'device', seen: 'Traccar, WialonProtocolDecoderTest',
  },
} as const;
