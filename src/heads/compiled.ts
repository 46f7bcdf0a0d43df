// Generated from test/heads/declarations.ts by binary-parser. To change a head, edit that file, then run:
// UPDATE_HEADS=1 npx vitest run --project unit test/heads/compiled.test.ts

// @ts-nocheck -- the code of binary-parser has no types
/* oxlint-disable */

import type { PlannedHead } from './head-field.ts';

export const COMPILED: Readonly<Record<string, PlannedHead>> = {
  postgres: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'length', from: '$at1', to: '$at2' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.type = new TextDecoder('utf8').decode(buffer.subarray(offset, offset + 1));
      offset += 1;
      vars.type = vars.type.replace(/\x00+$/g, '');
      vars.$at1 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at2 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  postgresStartup: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'major', from: '$at1', to: '$at2' },
      { name: 'minor', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.major = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.minor = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  mysql: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'sequence', from: '$at1', to: '$at2' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      var $tmp0 = 0;
      $tmp0 = (dataView.getUint16(offset) << 8) | dataView.getUint8(offset + 2);
      offset += 3;
      vars.length = ($tmp0 >> 0) & 0xffffff;
      vars.$at1 = offset;
      vars.sequence = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  mysqlX: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'type', from: '$at1', to: '$at2' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at1 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  mongodb: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'requestId', from: '$at1', to: '$at2' },
      { name: 'responseTo', from: '$at2', to: '$at3' },
      { name: 'opCode', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at1 = offset;
      vars.requestId = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at2 = offset;
      vars.responseTo = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at3 = offset;
      vars.opCode = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  cassandra: {
    plan: [
      { name: 'isResponse', from: '$at0', to: '$at1' },
      { name: 'version', from: '$at0', to: '$at1' },
      { name: 'flags', from: '$at1', to: '$at2' },
      { name: 'stream', from: '$at2', to: '$at3' },
      { name: 'opcode', from: '$at3', to: '$at4' },
      { name: 'length', from: '$at4', to: '$at5' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      var $tmp0 = 0;
      $tmp0 = dataView.getUint8(offset);
      offset += 1;
      vars.isResponse = ($tmp0 >> 7) & 0x1;
      vars.version = ($tmp0 >> 0) & 0x7f;
      vars.$at1 = offset;
      vars.flags = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.stream = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.opcode = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at4 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at5 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  tds: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'status', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
      { name: 'spid', from: '$at3', to: '$at4' },
      { name: 'packetId', from: '$at4', to: '$at5' },
      { name: 'window', from: '$at5', to: '$at6' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.status = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.spid = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at4 = offset;
      vars.packetId = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at5 = offset;
      vars.window = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at6 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  memcachedBinary: {
    plan: [
      { name: 'magic', from: '$at0', to: '$at1' },
      { name: 'opcode', from: '$at1', to: '$at2' },
      { name: 'keyLength', from: '$at2', to: '$at3' },
      { name: 'extrasLength', from: '$at3', to: '$at4' },
      { name: 'dataType', from: '$at4', to: '$at5' },
      { name: 'status', from: '$at5', to: '$at6' },
      { name: 'length', from: '$at6', to: '$at7' },
      { name: 'opaque', from: '$at7', to: '$at8' },
      { name: 'cas', from: '$at8', to: '$at9' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.magic = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.opcode = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.keyLength = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.extrasLength = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at4 = offset;
      vars.dataType = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at5 = offset;
      vars.status = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at6 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at7 = offset;
      vars.opaque = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at8 = offset;
      vars.cas = dataView.getBigUint64(offset, false);
      offset += 8;
      vars.$at9 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  modbusTcp: {
    plan: [
      { name: 'transaction', from: '$at0', to: '$at1' },
      { name: 'protocol', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
      { name: 'unit', from: '$at3', to: '$at4' },
      { name: 'isException', from: '$at4', to: '$at5' },
      { name: 'function', from: '$at4', to: '$at5' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.transaction = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at1 = offset;
      vars.protocol = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.unit = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at4 = offset;
      var $tmp0 = 0;
      $tmp0 = dataView.getUint8(offset);
      offset += 1;
      vars.isException = ($tmp0 >> 7) & 0x1;
      vars.function = ($tmp0 >> 0) & 0x7f;
      vars.$at5 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  iec104: {
    plan: [
      { name: 'start', from: '$at0', to: '$at1' },
      { name: 'length', from: '$at1', to: '$at2' },
      { name: 'control', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.start = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.length = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.control = buffer.subarray(offset, offset + 4);
      offset += 4;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  tpkt: {
    plan: [
      { name: 'version', from: '$at0', to: '$at1' },
      { name: 'reserved', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.version = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.reserved = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  enip: {
    plan: [
      { name: 'command', from: '$at0', to: '$at1' },
      { name: 'length', from: '$at1', to: '$at2' },
      { name: 'session', from: '$at2', to: '$at3' },
      { name: 'status', from: '$at3', to: '$at4' },
      { name: 'context', from: '$at4', to: '$at5' },
      { name: 'options', from: '$at5', to: '$at6' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.command = dataView.getUint16(offset, true);
      offset += 2;
      vars.$at1 = offset;
      vars.length = dataView.getUint16(offset, true);
      offset += 2;
      vars.$at2 = offset;
      vars.session = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at3 = offset;
      vars.status = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at4 = offset;
      vars.context = buffer.subarray(offset, offset + 8);
      offset += 8;
      vars.$at5 = offset;
      vars.options = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at6 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  opcUa: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'chunk', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.type = new TextDecoder('utf8').decode(buffer.subarray(offset, offset + 3));
      offset += 3;
      vars.type = vars.type.replace(/\x00+$/g, '');
      vars.$at1 = offset;
      vars.chunk = new TextDecoder('utf8').decode(buffer.subarray(offset, offset + 1));
      offset += 1;
      vars.chunk = vars.chunk.replace(/\x00+$/g, '');
      vars.$at2 = offset;
      vars.length = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  knxIp: {
    plan: [
      { name: 'headerLength', from: '$at0', to: '$at1' },
      { name: 'version', from: '$at1', to: '$at2' },
      { name: 'service', from: '$at2', to: '$at3' },
      { name: 'length', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.headerLength = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.version = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.service = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  doIp: {
    plan: [
      { name: 'version', from: '$at0', to: '$at1' },
      { name: 'inverse', from: '$at1', to: '$at2' },
      { name: 'type', from: '$at2', to: '$at3' },
      { name: 'length', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.version = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.inverse = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.type = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  someIp: {
    plan: [
      { name: 'service', from: '$at0', to: '$at1' },
      { name: 'method', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
      { name: 'client', from: '$at3', to: '$at4' },
      { name: 'session', from: '$at4', to: '$at5' },
      { name: 'protocolVersion', from: '$at5', to: '$at6' },
      { name: 'interfaceVersion', from: '$at6', to: '$at7' },
      { name: 'messageType', from: '$at7', to: '$at8' },
      { name: 'returnCode', from: '$at8', to: '$at9' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.service = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at1 = offset;
      vars.method = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      vars.client = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at4 = offset;
      vars.session = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at5 = offset;
      vars.protocolVersion = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at6 = offset;
      vars.interfaceVersion = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at7 = offset;
      vars.messageType = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at8 = offset;
      vars.returnCode = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at9 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  gbt32960: {
    plan: [
      { name: 'start', from: '$at0', to: '$at1' },
      { name: 'command', from: '$at1', to: '$at2' },
      { name: 'answer', from: '$at2', to: '$at3' },
      { name: 'vin', from: '$at3', to: '$at4' },
      { name: 'encryption', from: '$at4', to: '$at5' },
      { name: 'length', from: '$at5', to: '$at6' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.start = new TextDecoder('utf8').decode(buffer.subarray(offset, offset + 2));
      offset += 2;
      vars.start = vars.start.replace(/\x00+$/g, '');
      vars.$at1 = offset;
      vars.command = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.answer = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at3 = offset;
      vars.vin = new TextDecoder('utf8').decode(buffer.subarray(offset, offset + 17));
      offset += 17;
      vars.vin = vars.vin.replace(/\x00+$/g, '');
      vars.$at4 = offset;
      vars.encryption = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at5 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at6 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  jtt808: {
    plan: [
      { name: 'messageId', from: '$at0', to: '$at1' },
      {
        name: 'properties',
        from: '$at1',
        to: '$at4',
        inside: [
          { name: 'reserved', from: '$at2', to: '$at3' },
          { name: 'isSplit', from: '$at2', to: '$at3' },
          { name: 'encryption', from: '$at2', to: '$at3' },
          { name: 'bodyLength', from: '$at2', to: '$at3' },
        ],
      },
      { name: 'phone', from: '$at4', to: '$at5' },
      { name: 'serial', from: '$at5', to: '$at6' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.messageId = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at1 = offset;
      vars.properties = {};
      vars.properties.$at2 = offset;
      var $tmp0 = 0;
      $tmp0 = dataView.getUint16(offset);
      offset += 2;
      vars.properties.reserved = ($tmp0 >> 14) & 0x3;
      vars.properties.isSplit = ($tmp0 >> 13) & 0x1;
      vars.properties.encryption = ($tmp0 >> 10) & 0x7;
      vars.properties.bodyLength = ($tmp0 >> 0) & 0x3ff;
      vars.properties.$at3 = offset;
      vars.$at4 = offset;
      vars.phone = buffer.subarray(offset, offset + 6);
      offset += 6;
      vars.$at5 = offset;
      vars.serial = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at6 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  mqtt: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'dup', from: '$at0', to: '$at1' },
      { name: 'qos', from: '$at0', to: '$at1' },
      { name: 'retain', from: '$at0', to: '$at1' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      var $tmp0 = 0;
      $tmp0 = dataView.getUint8(offset);
      offset += 1;
      vars.type = ($tmp0 >> 4) & 0xf;
      vars.dup = ($tmp0 >> 3) & 0x1;
      vars.qos = ($tmp0 >> 1) & 0x3;
      vars.retain = ($tmp0 >> 0) & 0x1;
      vars.$at1 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  amqp091: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'channel', from: '$at1', to: '$at2' },
      { name: 'size', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.channel = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.size = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  amqp10: {
    plan: [
      { name: 'size', from: '$at0', to: '$at1' },
      { name: 'dataOffset', from: '$at1', to: '$at2' },
      { name: 'type', from: '$at2', to: '$at3' },
      { name: 'channel', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.size = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.dataOffset = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at3 = offset;
      vars.channel = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  'kafka a>b': {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'apiKey', from: '$at1', to: '$at2' },
      { name: 'apiVersion', from: '$at2', to: '$at3' },
      { name: 'correlationId', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.apiKey = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.apiVersion = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.correlationId = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  'kafka b>a': {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'correlationId', from: '$at1', to: '$at2' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.correlationId = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at2 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  nsq: {
    plan: [
      { name: 'size', from: '$at0', to: '$at1' },
      { name: 'type', from: '$at1', to: '$at2' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.size = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.type = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at2 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  http2: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'type', from: '$at1', to: '$at2' },
      { name: 'flags', from: '$at2', to: '$at3' },
      { name: 'reserved', from: '$at3', to: '$at4' },
      { name: 'streamId', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      var $tmp0 = 0;
      $tmp0 = (dataView.getUint16(offset) << 8) | dataView.getUint8(offset + 2);
      offset += 3;
      vars.length = ($tmp0 >> 0) & 0xffffff;
      vars.$at1 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.flags = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at3 = offset;
      var $tmp1 = 0;
      $tmp1 = dataView.getUint32(offset);
      offset += 4;
      vars.reserved = ($tmp1 >> 31) & 0x1;
      vars.streamId = ($tmp1 >> 0) & 0x7fffffff;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  tlsRecord: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'major', from: '$at1', to: '$at2' },
      { name: 'minor', from: '$at2', to: '$at3' },
      { name: 'length', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.major = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.minor = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at3 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  dnsOverTcp: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'id', from: '$at1', to: '$at2' },
      {
        name: 'flags',
        from: '$at2',
        to: '$at5',
        inside: [
          { name: 'qr', from: '$at3', to: '$at4' },
          { name: 'opcode', from: '$at3', to: '$at4' },
          { name: 'aa', from: '$at3', to: '$at4' },
          { name: 'tc', from: '$at3', to: '$at4' },
          { name: 'rd', from: '$at3', to: '$at4' },
          { name: 'ra', from: '$at3', to: '$at4' },
          { name: 'z', from: '$at3', to: '$at4' },
          { name: 'rcode', from: '$at3', to: '$at4' },
        ],
      },
      { name: 'questions', from: '$at5', to: '$at6' },
      { name: 'answers', from: '$at6', to: '$at7' },
      { name: 'authorities', from: '$at7', to: '$at8' },
      { name: 'additionals', from: '$at8', to: '$at9' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at1 = offset;
      vars.id = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.flags = {};
      vars.flags.$at3 = offset;
      var $tmp0 = 0;
      $tmp0 = dataView.getUint16(offset);
      offset += 2;
      vars.flags.qr = ($tmp0 >> 15) & 0x1;
      vars.flags.opcode = ($tmp0 >> 11) & 0xf;
      vars.flags.aa = ($tmp0 >> 10) & 0x1;
      vars.flags.tc = ($tmp0 >> 9) & 0x1;
      vars.flags.rd = ($tmp0 >> 8) & 0x1;
      vars.flags.ra = ($tmp0 >> 7) & 0x1;
      vars.flags.z = ($tmp0 >> 4) & 0x7;
      vars.flags.rcode = ($tmp0 >> 0) & 0xf;
      vars.flags.$at4 = offset;
      vars.$at5 = offset;
      vars.questions = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at6 = offset;
      vars.answers = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at7 = offset;
      vars.authorities = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at8 = offset;
      vars.additionals = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at9 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  bgp: {
    plan: [
      { name: 'marker', from: '$at0', to: '$at1' },
      { name: 'length', from: '$at1', to: '$at2' },
      { name: 'type', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.marker = buffer.subarray(offset, offset + 16);
      offset += 16;
      vars.$at1 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at2 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  openflow: {
    plan: [
      { name: 'version', from: '$at0', to: '$at1' },
      { name: 'type', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
      { name: 'xid', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.version = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.length = dataView.getUint16(offset, false);
      offset += 2;
      vars.$at3 = offset;
      vars.xid = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  diameter: {
    plan: [
      { name: 'version', from: '$at0', to: '$at1' },
      { name: 'length', from: '$at1', to: '$at2' },
      { name: 'isRequest', from: '$at1', to: '$at2' },
      { name: 'isProxiable', from: '$at1', to: '$at2' },
      { name: 'isError', from: '$at1', to: '$at2' },
      { name: 'isRetransmitted', from: '$at1', to: '$at2' },
      { name: 'reserved', from: '$at1', to: '$at2' },
      { name: 'command', from: '$at1', to: '$at2' },
      { name: 'application', from: '$at2', to: '$at3' },
      { name: 'hopByHop', from: '$at3', to: '$at4' },
      { name: 'endToEnd', from: '$at4', to: '$at5' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.version = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      var $tmp0 = 0;
      $tmp0 = dataView.getUint32(offset);
      offset += 4;
      vars.length = ($tmp0 >> 8) & 0xffffff;
      vars.isRequest = ($tmp0 >> 7) & 0x1;
      vars.isProxiable = ($tmp0 >> 6) & 0x1;
      vars.isError = ($tmp0 >> 5) & 0x1;
      vars.isRetransmitted = ($tmp0 >> 4) & 0x1;
      vars.reserved = ($tmp0 >> 0) & 0xf;
      $tmp0 = (dataView.getUint16(offset) << 8) | dataView.getUint8(offset + 2);
      offset += 3;
      vars.command = ($tmp0 >> 0) & 0xffffff;
      vars.$at2 = offset;
      vars.application = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      vars.hopByHop = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at4 = offset;
      vars.endToEnd = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at5 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  smpp: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'command', from: '$at1', to: '$at2' },
      { name: 'status', from: '$at2', to: '$at3' },
      { name: 'sequence', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.command = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at2 = offset;
      vars.status = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      vars.sequence = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  cmpp: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'command', from: '$at1', to: '$at2' },
      { name: 'sequence', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.command = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at2 = offset;
      vars.sequence = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  smgp: {
    plan: [
      { name: 'length', from: '$at0', to: '$at1' },
      { name: 'command', from: '$at1', to: '$at2' },
      { name: 'sequence', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at1 = offset;
      vars.command = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at2 = offset;
      vars.sequence = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  dicom: {
    plan: [
      { name: 'type', from: '$at0', to: '$at1' },
      { name: 'reserved', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at1 = offset;
      vars.reserved = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.length = dataView.getUint32(offset, false);
      offset += 4;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  nineP: {
    plan: [
      { name: 'size', from: '$at0', to: '$at1' },
      { name: 'type', from: '$at1', to: '$at2' },
      { name: 'tag', from: '$at2', to: '$at3' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.size = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at1 = offset;
      vars.type = dataView.getUint8(offset, false);
      offset += 1;
      vars.$at2 = offset;
      vars.tag = dataView.getUint16(offset, true);
      offset += 2;
      vars.$at3 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
  bitcoin: {
    plan: [
      { name: 'magic', from: '$at0', to: '$at1' },
      { name: 'command', from: '$at1', to: '$at2' },
      { name: 'length', from: '$at2', to: '$at3' },
      { name: 'checksum', from: '$at3', to: '$at4' },
    ],
    read(buffer) {
      var dataView = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
      var offset = 0;
      var vars = {};
      vars.$parent = null;
      vars.$root = vars;
      vars.$at0 = offset;
      vars.magic = buffer.subarray(offset, offset + 4);
      offset += 4;
      vars.$at1 = offset;
      vars.command = new TextDecoder('utf8').decode(buffer.subarray(offset, offset + 12));
      offset += 12;
      vars.command = vars.command.replace(/\x00+$/g, '');
      vars.$at2 = offset;
      vars.length = dataView.getUint32(offset, true);
      offset += 4;
      vars.$at3 = offset;
      vars.checksum = buffer.subarray(offset, offset + 4);
      offset += 4;
      vars.$at4 = offset;
      delete vars.$parent;
      delete vars.$root;
      return vars;
    },
  },
};
