// Golden frames of the formats of the family `network`. How they are written: notation.ts.

import { text } from './notation.ts';

const marker = 'ff'.repeat(16);
const zeros = (count: number): string => '00'.repeat(count);
const syslog = '<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - failed';

// prettier-ignore
export const network: Readonly<Record<string, readonly string[]>> = {
  // KEEPALIVE; OPEN of AS 65000, hold time 180, 10.0.0.1
  bgp: [`${marker} | 0013 | 04 | |`, `${marker} | 001d | 01 | 04 fde8 00b4 0a000001 00 |`],
  // example.com IN A
  dnsOverTcp: ['| 001d | | 1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001 |'],
  // SETTINGS; its acknowledgement; WINDOW_UPDATE; PING
  http2: [
    '| 000006 | 04 00 00000000 | 0003 00000064 |',
    '| 000000 | 04 01 00000000 | |',
    '| 000004 | 08 00 00000000 | 000f0001 |',
    '| 000008 | 06 00 00000000 | 0001020304050607 |',
  ],
  // HELLO; ECHO_REQUEST
  openflow: ['04 00 | 0008 | 00000001 | |', '04 02 | 000c | 00000002 | 61626364 |'],
  // Access-Request of RFC 2865, 7.1
  radsec: [
    '01 00 | 0038 | | 0f403f9473978057bd83d5cb98f4227a 01066e656d6f 02120dbe708d93d413ce3196e43f782a0aee 0406c0a80110 050600000003 |',
  ],
  // SSH_MSG_NEWKEYS
  sshBinaryPacket: [`| 0000000c | | 0a 15 ${zeros(10)} |`],
  syslogOctetCounting: [`| ${text(`${syslog.length} `)} | | ${text(syslog)} |`, `| ${text('5 ')} | | ${text('<13>a')} |`],
  // ChangeCipherSpec; the alert close_notify
  tlsRecord: ['14 0303 | 0001 | | 01 |', '15 0303 | 0002 | | 0100 |'],
  bmp: [
    '03 | 00000006 | 04 | |',
    '03 | 0000000c | 05 | 000100020001 |',
  ],
  kerberosTcp: [
    '| 00000005 | | 7e03300100 |',
  ],
  ldp: [
    '0001 | 000e | | 0a00000100000201000400000001 |',
  ],
  msdp: [
    '04 | 0003 | | |',
  ],
  openvpnTcp: [
    '| 000e | | 3801020304050607080000000000 |',
  ],
  pcep: [
    '2002 | 0004 | | |',
  ],
  proxyProtocolV2: [
    '0d0a0d0a000d0a515549540a2000 | 0000 | | |',
    '0d0a0d0a000d0a515549540a2111 | 000c | | 7f0000017f000001c3500050 |',
    '0d0a0d0a000d0a515549540a2111 | 000c | | 0a0000010a000002303901bb |',
  ],
  rpkiRtr: [
    '01020000 | 00000008 | | |',
    '01031234 | 00000008 | | |',
  ],
  stunTcp: [
    '0001 | 0000 | 2112a4420102030405060708090a0b0c | |',
  ],
  tacacsPlus: [
    'c001010412345678 | 00000008 | | 0101010000000000 |',
  ],
  syslogLines: [
    '3c33343e4f63742031312032323a31343a3135206d796d616368696e652073753a206661696c65640a => 3c33343e4f63742031312032323a31343a3135206d796d616368696e652073753a206661696c6564',
  ],
};
