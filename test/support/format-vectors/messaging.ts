// Golden frames of the formats of the family `messaging`. How they are written: notation.ts.

import { text } from './notation.ts';

const zeros = (count: number): string => '00'.repeat(count);

// prettier-ignore
export const messaging: Readonly<Record<string, readonly string[]>> = {
  // connection.open-ok; a content body; heartbeat
  amqp091: [
    '010000 | 00000005 | | 000a002900 | ce',
    '030001 | 00000005 | | 68656c6c6f | ce',
    '080000 | 00000000 | | | ce',
  ],
  // ApiVersions v0 of client "test"; an answer without keys
  kafka: [`| 0000000e | | 0012 0000 00000001 0004 ${text('test')} |`, '| 0000000a | | 00000001 0000 00000000 |'],
  // CONNECT of client "a"; PINGREQ; PUBLISH of 321 bytes
  mqtt: [
    `10 | 0d | | 0004 ${text('MQTT')} 04 02 003c 0001 61 |`, 'c0 | 00 | | |',
    `30 | c102 | | 0001 61 ${'62'.repeat(318)} |`,
  ],
  // connect request; ping
  zookeeper: [
    `| 0000002d | | 00000000 ${zeros(8)} 00007530 ${zeros(8)} 00000010 ${zeros(16)} 00 |`,
    '| 00000008 | | fffffffe 0000000b |',
  ],
  amqp10: [
    '| 00000008 | | 02000000 |',
    '| 0000000c | | 0200000100531845 |',
  ],
  gearman: [
    '0052455100000010 | 00000002 | | 6869 |',
    '0052455300000011 | 00000002 | | 6869 |',
  ],
  nanomsgTcp: [
    '| 0000000000000002 | | 6869 |',
  ],
  nsq: [
    '| 00000006 | 00000000 | 4f4b |',
  ],
  pulsar: [
    '| 00000009 | | 000000050812920100 |',
  ],
  rabbitStream: [
    '| 00000004 | | 00170001 |',
  ],
};
