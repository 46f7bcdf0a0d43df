// The heads of well-known formats, declared with binary-parser: the bytes in front of the payload, and the
// first fixed fields of it. test/heads/compiled.test.ts compiles them into src/heads/compiled.ts.
//
// A name with a direction is for frames of that direction only.

import { Parser } from 'binary-parser';
import type { Formats } from '../../src/codec/formats/formats.ts';

const big = (): Parser => new Parser().endianness('big');
const little = (): Parser => new Parser().endianness('little');
const hexBytes = (length: number): { readonly length: number } => ({ length });
const text = (length: number): { readonly length: number; readonly stripNull: true } => ({
  length,
  stripNull: true,
});

/** Command, sequence and status of the protocols of Chinese SMS gateways, which follow SMPP. */
const sms = (): Parser => big().uint32('length').uint32('command').uint32('sequence');

type Name = keyof Formats;

export const DECLARATIONS: Readonly<Partial<Record<Name | `${Name} a>b` | `${Name} b>a`, Parser>>> =
  {
    postgres: big().string('type', text(1)).uint32('length'),
    postgresStartup: big().uint32('length').uint16('major').uint16('minor'),
    mysql: little().bit24('length').uint8('sequence'),
    mysqlX: little().uint32('length').uint8('type'),
    mongodb: little().uint32('length').uint32('requestId').uint32('responseTo').uint32('opCode'),
    cassandra: big()
      .bit1('isResponse')
      .bit7('version')
      .uint8('flags')
      .uint16('stream')
      .uint8('opcode')
      .uint32('length'),
    tds: big()
      .uint8('type')
      .uint8('status')
      .uint16('length')
      .uint16('spid')
      .uint8('packetId')
      .uint8('window'),
    memcachedBinary: big()
      .uint8('magic')
      .uint8('opcode')
      .uint16('keyLength')
      .uint8('extrasLength')
      .uint8('dataType')
      .uint16('status')
      .uint32('length')
      .uint32('opaque')
      .uint64('cas'),
    modbusTcp: big()
      .uint16('transaction')
      .uint16('protocol')
      .uint16('length')
      .uint8('unit')
      .bit1('isException')
      .bit7('function'),
    iec104: big().uint8('start').uint8('length').buffer('control', hexBytes(4)),
    tpkt: big().uint8('version').uint8('reserved').uint16('length'),
    enip: little()
      .uint16('command')
      .uint16('length')
      .uint32('session')
      .uint32('status')
      .buffer('context', hexBytes(8))
      .uint32('options'),
    opcUa: little().string('type', text(3)).string('chunk', text(1)).uint32('length'),
    knxIp: big().uint8('headerLength').uint8('version').uint16('service').uint16('length'),
    doIp: big().uint8('version').uint8('inverse').uint16('type').uint32('length'),
    someIp: big()
      .uint16('service')
      .uint16('method')
      .uint32('length')
      .uint16('client')
      .uint16('session')
      .uint8('protocolVersion')
      .uint8('interfaceVersion')
      .uint8('messageType')
      .uint8('returnCode'),
    gbt32960: big()
      .string('start', text(2))
      .uint8('command')
      .uint8('answer')
      .string('vin', text(17))
      .uint8('encryption')
      .uint16('length'),
    jtt808: big()
      .uint16('messageId')
      .nest('properties', {
        type: big().bit2('reserved').bit1('isSplit').bit3('encryption').bit10('bodyLength'),
      })
      .buffer('phone', hexBytes(6))
      .uint16('serial'),
    mqtt: big().bit4('type').bit1('dup').bit2('qos').bit1('retain'),
    amqp091: big().uint8('type').uint16('channel').uint32('size'),
    amqp10: big().uint32('size').uint8('dataOffset').uint8('type').uint16('channel'),
    'kafka a>b': big()
      .uint32('length')
      .uint16('apiKey')
      .uint16('apiVersion')
      .uint32('correlationId'),
    'kafka b>a': big().uint32('length').uint32('correlationId'),
    nsq: big().uint32('size').uint32('type'),
    http2: big().bit24('length').uint8('type').uint8('flags').bit1('reserved').bit31('streamId'),
    tlsRecord: big().uint8('type').uint8('major').uint8('minor').uint16('length'),
    dnsOverTcp: big()
      .uint16('length')
      .uint16('id')
      .nest('flags', {
        type: big()
          .bit1('qr')
          .bit4('opcode')
          .bit1('aa')
          .bit1('tc')
          .bit1('rd')
          .bit1('ra')
          .bit3('z')
          .bit4('rcode'),
      })
      .uint16('questions')
      .uint16('answers')
      .uint16('authorities')
      .uint16('additionals'),
    bgp: big().buffer('marker', hexBytes(16)).uint16('length').uint8('type'),
    openflow: big().uint8('version').uint8('type').uint16('length').uint32('xid'),
    diameter: big()
      .uint8('version')
      .bit24('length')
      .bit1('isRequest')
      .bit1('isProxiable')
      .bit1('isError')
      .bit1('isRetransmitted')
      .bit4('reserved')
      .bit24('command')
      .uint32('application')
      .uint32('hopByHop')
      .uint32('endToEnd'),
    smpp: big().uint32('length').uint32('command').uint32('status').uint32('sequence'),
    cmpp: sms(),
    smgp: sms(),
    dicom: big().uint8('type').uint8('reserved').uint32('length'),
    nineP: little().uint32('size').uint8('type').uint16('tag'),
    bitcoin: little()
      .buffer('magic', hexBytes(4))
      .string('command', text(12))
      .uint32('length')
      .buffer('checksum', hexBytes(4)),
  };
