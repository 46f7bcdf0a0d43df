// RabbitMQ: STOMP with the codec of docs/kit.md, and AMQP 1.0 with the row amqp10, behind its two headers of
// eight bytes.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { framing } from '../../src/entries/formats.ts';
import { fixedLength } from '../../src/entries/main.ts';
import { hex, toHex, utf8 } from '../support/bytes.ts';
import { stomp } from '../support/kit/stomp.ts';
import type { StompFrame } from '../support/kit/stomp.ts';

import { Exchange } from './support/exchange.ts';
import { foreignServer } from './support/foreign-process.ts';
import { framesOfRow, framesUnderCuts } from './support/row-stream.ts';
import { findProgram } from './support/software.ts';
import { freePort } from '../support/free-port.ts';

/** Debian's own start script changes the user. This one is that of the package. */
const home = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const rabbitmq = findProgram('rabbitmq-server') === undefined ? undefined : home;
const epmd = findProgram('epmd');

const amqp10 = framing('amqp10');

const concat = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const u32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Values of AMQP 1.0 as they are written (part 1, 1.6). */
const NULL = hex('40');
const TRUE = hex('41');
const FALSE = hex('42');
const uint = (value: number): Uint8Array => concat(hex('70'), u32(value));
const ubyte = (value: number): Uint8Array => Uint8Array.of(0x50, value);
const string = (text: string): Uint8Array =>
  concat(Uint8Array.of(0xa1, utf8(text).length), utf8(text));
const symbol = (text: string): Uint8Array => concat(Uint8Array.of(0xa3, text.length), utf8(text));
const binary = (bytes: Uint8Array): Uint8Array => concat(hex('b0'), u32(bytes.length), bytes);

/** A described list: what a performative is, and a source or a target. */
function list(code: number, ...fields: readonly Uint8Array[]): Uint8Array {
  const body = concat(u32(fields.length), ...fields);
  return concat(Uint8Array.of(0, 0x53, code, 0xd0), u32(body.length), body);
}

/** A payload of the row: data offset, type, channel, and what is in the frame. */
const frame = (type: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(2, type, 0, 0), ...parts);
const AMQP = 0;
const SASL = 1;

const [OPEN, BEGIN, ATTACH, FLOW, TRANSFER, CLOSE] = [0x10, 0x11, 0x12, 0x13, 0x14, 0x18] as const;
const [SASL_MECHANISMS, SASL_INIT, SASL_OUTCOME] = [0x40, 0x41, 0x44] as const;
const [SOURCE, TARGET] = [0x28, 0x29] as const;
/** A section of a message that is bytes. */
const DATA = hex('00 53 75');

/** Which performative a payload holds. */
const codeOf = (payload: Uint8Array): number => payload[6] ?? 0;
const isA =
  (code: number) =>
  (payload: Uint8Array): boolean =>
    codeOf(payload) === code;

function attach(name: string, handle: number, isReceiver: boolean): Uint8Array {
  const address = string('/queue/unstick');
  const [source, target] = isReceiver ? [address, NULL] : [NULL, address];
  const settled = ubyte(1);
  const fields = [string(name), uint(handle), isReceiver ? TRUE : FALSE, settled, NULL];
  const ends = [list(SOURCE, source), list(TARGET, target)];
  return frame(AMQP, list(ATTACH, ...fields, ...ends, NULL, NULL, uint(0)));
}

const empty = new Uint8Array();

describe.skipIf(rabbitmq === undefined || epmd === undefined)(
  'RabbitMQ (needs rabbitmq-server)',
  () => {
    let stompPort = 0;
    const server = foreignServer(async ({ port, folder }) => {
      stompPort = await freePort();
      const file = (name: string): string => join(folder, name);
      const config = [
        `listeners.tcp.1 = 127.0.0.1:${port}`,
        `stomp.listeners.tcp.1 = 127.0.0.1:${stompPort}`,
      ];
      await writeFile(file('rabbitmq.conf'), `${config.join('\n')}\n`);
      await writeFile(file('plugins'), '[rabbitmq_stomp,rabbitmq_amqp1_0].\n');
      // Its own port mapper, so that none is left when it has ended.
      const start = `${epmd} -address 127.0.0.1 & exec ${rabbitmq}`;
      return {
        file: '/bin/sh',
        args: ['-c', start],
        ready: /completed with \d+ plugins/,
        env: {
          HOME: folder,
          ERL_EPMD_PORT: `${await freePort()}`,
          RABBITMQ_NODENAME: `unstick${port}@localhost`,
          RABBITMQ_DIST_PORT: `${await freePort()}`,
          RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
          RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins'),
          RABBITMQ_MNESIA_BASE: file('mnesia'),
          RABBITMQ_LOG_BASE: file('log'),
          RABBITMQ_PID_FILE: file('pid'),
        },
      };
    });

    test('queues and delivers bodies over STOMP', async () => {
      const talk = await Exchange.open(stompPort, stomp);
      const next = async (command: string): Promise<StompFrame> => {
        const [found] = (await talk.until((one) => one !== 'heart-beat')).slice(-1);
        expect(found).toMatchObject({ command });
        return typeof found === 'object' ? found : { command: '', headers: [], body: empty };
      };
      const login: StompFrame['headers'] = [
        ['accept-version', '1.2'],
        ['host', '/'],
        ['login', 'guest'],
        ['passcode', 'guest'],
        ['heart-beat', '0,500'],
      ];
      talk.send({ command: 'CONNECT', headers: login, body: empty });
      await next('CONNECTED');
      const destination = ['destination', '/queue/stomp'] as const;
      talk.send({ command: 'SUBSCRIBE', headers: [['id', '0'], destination], body: empty });
      const bodies = [empty, utf8('粘包'), utf8('a\0b\n\n'), new Uint8Array(100_000).fill(0x7a)];
      for (const body of bodies) {
        const headers = [
          destination,
          ['content-length', `${body.length}`],
          ['note', 'a:b\\c\n'],
        ] as const;
        talk.send({ command: 'SEND', headers, body });
      }
      for (const body of bodies) {
        const { headers, body: got } = await next('MESSAGE');
        expect(Buffer.compare(got, body)).toBe(0);
        expect(headers).toContainEqual(['note', 'a:b\\c\n']);
      }
      talk.send({ command: 'NOPE', headers: [], body: empty });
      await next('ERROR');
      expect(framesUnderCuts(stomp, talk.close()).length).toBeGreaterThan(bodies.length);
    });

    test('takes and delivers a message over AMQP 1.0', async () => {
      const header = fixedLength(8);
      const opening = await Exchange.open<Uint8Array>(server.port, header);
      const saslHeader = hex('414d5150 03010000');
      opening.send(saslHeader);
      expect(await opening.next()).toEqual(Buffer.from(saslHeader));
      const sasl = opening.become<Uint8Array>(amqp10);
      await sasl.until(isA(SASL_MECHANISMS));
      const plain = binary(utf8('\0guest\0guest'));
      sasl.send(frame(SASL, list(SASL_INIT, symbol('PLAIN'), plain)));
      const outcome = (await sasl.until(isA(SASL_OUTCOME))).at(-1);
      // The code 0 as ubyte: ok.
      expect(toHex(outcome ?? hex(''))).toContain('5000');
      const second = sasl.become<Uint8Array>(header);
      const amqpHeader = hex('414d5150 00010000');
      second.send(amqpHeader);
      expect(await second.next()).toEqual(Buffer.from(amqpHeader));

      const talk = second.become<Uint8Array>(amqp10);
      const maxFrame = 4096;
      talk.send(frame(AMQP, list(OPEN, string('unstick'), NULL, uint(maxFrame))));
      talk.send(frame(AMQP, list(BEGIN, NULL, uint(0), uint(1000), uint(1000))));
      await talk.until(isA(BEGIN));
      talk.send(attach('out', 0, false));
      await talk.until(isA(FLOW));
      // Several frames carry one message, because of what this side said of frames.
      const body = Buffer.alloc(20_000, 'm');
      const pieces = [body.subarray(0, 3000), body.subarray(3000)];
      const tag = binary(Uint8Array.of(1));
      const transfer = list(TRANSFER, uint(0), uint(0), tag, uint(0), TRUE, FALSE);
      talk.send(frame(AMQP, transfer, ...pieces.flatMap((piece) => [DATA, binary(piece)])));
      talk.send(attach('in', 1, true));
      await talk.until(isA(ATTACH));
      const credit = [uint(0), uint(1000), uint(1), uint(1000), uint(1), uint(0), uint(10)];
      talk.send(frame(AMQP, list(FLOW, ...credit)));
      let delivered = Buffer.alloc(0);
      let frames = 0;
      while (!delivered.includes('m'.repeat(17_000))) {
        const [payload = new Uint8Array()] = (await talk.until(isA(TRANSFER))).slice(-1);
        expect(payload.length + 4).toBeLessThanOrEqual(maxFrame);
        // Behind the performative, whose length stands in front of it.
        const at =
          payload[7] === 0xc0 ? 9 + (payload[8] ?? 0) : 12 + Buffer.from(payload).readUInt32BE(8);
        delivered = Buffer.concat([delivered, payload.subarray(at)]);
        frames++;
      }
      expect(frames).toBeGreaterThan(4);
      talk.send(frame(AMQP, list(CLOSE)));
      await talk.until(isA(CLOSE));
      expect(framesOfRow('amqp10', talk.close()).length).toBeGreaterThan(frames);
    });
  },
);
