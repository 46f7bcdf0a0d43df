// Golden frames of the formats of the family `rpc`. How they are written: notation.ts.

import { text } from './notation.ts';

const zeros = (count: number): string => '00'.repeat(count);

// prettier-ignore
export const rpc: Readonly<Record<string, readonly string[]>> = {
  // CPING, CPONG; END_RESPONSE that keeps the connection
  ajp13: ['1234 | 0001 | | 0a |', '4142 | 0001 | | 09 |', '4142 | 0002 | | 0501 |'],
  // one message of two buffers
  avroRpc: ['| 00000005 | | 68656c6c6f |', '| 00000001 | | 21 |', '| 00000000 | | |'],
  erlangPacket1: ['| 05 | | 6516cb36af |', '| 00 | | |'],
  erlangPacket2: ['| 0005 | | 6516cb36af |', '| 0000 | | |'],
  erlangPacket4: ['| 00000005 | | 6516cb36af |', '| 00000000 | | |'],
  grpc: ['00 | 00000007 | | 030e0105090206 |', '01 | 00000000 | | |'],
  // a response header: call 0, success, version 9
  hadoopRpc: ['| 00000007 | | 06 0800 1000 1809 |'],
  // portmap NULL, its answer; a record in two fragments
  oncRpc: [
    `| 80000028 | | 00000001 00000000 00000002 000186a0 00000002 ${zeros(20)} |`,
    `| 80000018 | | 00000001 00000001 ${zeros(16)} |`,
    '| 00000002 | | 6162 |', '| 80000000 | | |',
  ],
  // { a: 150 }, the example of the documentation; an empty message
  protobufDelimited: ['| 03 | | 089601 |', '| 00 | | |'],
  pythonMultiprocessing: ['| 00000005 | | 68656c6c6f |', '| 00000000 | | |'],
  // KEEPALIVE that asks for an answer
  rsocket: [`| 00000e | | 00000000 0c80 ${zeros(8)} |`],
  // call of ping() in the binary protocol
  thriftFramed: [`| 00000011 | | 80010001 00000004 ${text('ping')} 00000000 00 |`],
  brpcStd: [
    '50525043 | 00000004 | 00000002 | 08016869 |',
  ],
  dceRpc: [
    '05000b0300000000 | 0018 | | 00000000000110b810b800000000 |',
    '05000b0310000000 | 1800 | | 000001000000b810b81000000000 |',
  ],
  dubbo: [
    'dabbe2000000000000000000 | 00000001 | | 4e |',
    'dabb22140000000000000000 | 00000001 | | 4e |',
  ],
  giop: [
    '47494f5001020005 | 00000000 | | |',
    '47494f5001020103 | 04000000 | | 01000000 |',
  ],
  iceRpc: [
    '49636550010001000300 | 0e000000 | | |',
  ],
  rocketMq: [
    '| 00000006 | | 000000027b7d |',
  ],
  ttrpc: [
    '| 00000002 | 000000010100 | 0a00 |',
  ],
};
