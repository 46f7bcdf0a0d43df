// Golden frames of the formats of the family `databases`. How they are written: notation.ts.

import { text } from './notation.ts';

// prettier-ignore
export const databases: Readonly<Record<string, readonly string[]>> = {
  // OPTIONS; STARTUP with CQL_VERSION 3.0.0; READY
  cassandra: [
    '04 00 0000 05 | 00000000 | | |',
    `04 00 0000 01 | 00000016 | | 0001 000b ${text('CQL_VERSION')} 0005 ${text('3.0.0')} |`,
    '84 00 0000 02 | 00000000 | | |',
  ],
  // OP_MSG { hello: 1, $db: "admin" }
  mongodb: [
    `| 34000000 | | 01000000 00000000 dd070000 00000000 00 1f000000 10 ${text('hello')} 00 01000000 02 ${text('$db')} 00 06000000 ${text('admin')} 00 00 |`,
  ],
  // COM_PING; OK
  mysql: ['| 010000 | 00 | 0e |', '| 070000 | 01 | 00 00 00 0200 0000 |'],
  // AuthenticationOk; ReadyForQuery; Query
  postgres: ['52 | 00000008 | | 00000000 |', '5a | 00000005 | | 49 |', `51 | 0000000d | | ${text('SELECT 1')} 00 |`],
  // SSLRequest; StartupMessage 3.0 of user "u"; CancelRequest
  postgresStartup: [
    '| 00000008 | | 04d2162f |',
    `| 00000010 | | 00030000 ${text('user')} 00 7500 00 |`,
    '| 00000010 | | 04d2162e 00000001 00000002 |',
  ],
  // PRELOGIN with a version only
  tds: ['12 01 | 0014 | 0000 01 00 | 00 0006 0006 ff 0900000000 00 |'],
  aerospike: [
    '0201 | 000000000006 | | 6275696c640a |',
  ],
  boltChunk: [
    '| 0002 | | b00f |',
    '| 0000 | | |',
  ],
  drda: [
    '| 000a | d0010001 | 0004200e |',
  ],
  elasticTransport: [
    '4553 | 0000000d | | 0000000000000001000000006f |',
  ],
  memcachedBinary: [
    '8000000500000000 | 00000005 | 000000000000000000000000 | 48656c6c6f |',
  ],
  mysqlX: [
    '| 01000000 | 01 | |',
    '| 03000000 | 0b | 0801 |',
  ],
  oracleTns: [
    '| 0008 | 00000b000000 | |',
  ],
  rethinkDb: [
    '0100000000000000 | 0e000000 | | 5b312c22666f6f222c7b7d5d2020 |',
  ],
  riakPbc: [
    '| 00000001 | 01 | |',
    '| 00000001 | 02 | |',
  ],
};
