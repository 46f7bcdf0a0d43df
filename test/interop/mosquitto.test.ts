// MQTT 3.1.1: a broker on the other end, and its clients on ours.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formats, framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection, PartsOf } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';
import { foreignServer } from './support/foreign-process.ts';
import { findProgram } from './support/software.ts';

type FrameParts = PartsOf<typeof formats.mqtt>;

const broker = findProgram('mosquitto');
const publisher = findProgram('mosquitto_pub');
const mqtt = lengthPrefixed(formats.mqtt);
const timeout = 60_000;

const CONNECT = 0x10;
const CONNACK = 0x20;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
const SUBACK = 0x90;
const PINGREQ = 0xc0;
const PINGRESP = 0xd0;
const DISCONNECT = 0xe0;

function text(words: string): Buffer {
  const bytes = Buffer.from(words);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function frame(type: number, ...parts: readonly Uint8Array[]): FrameParts {
  return { before: Buffer.of(type), payload: Buffer.concat(parts) };
}

async function next(conn: Connection<FrameParts, FrameParts>): Promise<[number, Buffer]> {
  const parts = await conn.receive({ timeout });
  return [parts?.before?.[0] ?? 0, Buffer.from(parts?.payload ?? [])];
}

/** Messages whose lengths take one to three bytes, and lie around the borders between them. */
const topic = text('\u7c98\u5305/frames');
const bodies = [0, 1, 127, 128, 16_383, 16_384, 300_000].map((length) =>
  Buffer.alloc(Math.max(length - topic.length, 0), 'm'),
);

describe.skipIf(broker === undefined)('mosquitto (needs mosquitto)', () => {
  const server = foreignServer(async ({ port, folder }) => {
    const file = join(folder, 'mosquitto.conf');
    const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'user root', ''];
    await writeFile(file, lines.join('\n'));
    return { file: broker ?? '', args: ['-c', file] };
  });

  test('connects, subscribes, and gives back what is published', async () => {
    const conn = framed(connect(server.port, '127.0.0.1'), mqtt);
    await conn.send(frame(CONNECT, text('MQTT'), Buffer.of(4, 2, 0, 60), text('unstick')));
    expect(await next(conn)).toEqual([CONNACK, Buffer.of(0, 0)]);
    await conn.send(frame(SUBSCRIBE, Buffer.of(0, 1), topic, Buffer.of(0)));
    expect(await next(conn)).toEqual([SUBACK, Buffer.of(0, 1, 0)]);
    for (const body of bodies) {
      await conn.send(frame(PUBLISH, topic, body));
    }
    await conn.send(frame(PINGREQ));
    for (const body of bodies) {
      expect(await next(conn)).toEqual([PUBLISH, Buffer.concat([topic, body])]);
    }
    expect(await next(conn)).toEqual([PINGRESP, Buffer.alloc(0)]);
    await conn.send(frame(DISCONNECT));
    expect(await conn.receive({ timeout })).toBeUndefined();
    await conn.end();
  });
});

/** A broker for one client that publishes: answers CONNECT, and gives what was published. */
async function serveOne(socket: Socket): Promise<[number, Buffer][]> {
  const conn = framed(socket, mqtt);
  const seen: [number, Buffer][] = [];
  for await (const { before, payload } of conn) {
    const type = before?.[0] ?? 0;
    if (type === CONNECT) {
      await conn.send(frame(CONNACK, Buffer.of(0, 0)));
    }
    seen.push([type, Buffer.from(payload)]);
  }
  await conn.end();
  return seen;
}

describe.skipIf(publisher === undefined)('mosquitto_pub (needs mosquitto-clients)', () => {
  test.each([0, 113, 114, 20_000])('publishes %i bytes to us', async (length) => {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const served = once(server, 'connection').then(([socket]: Socket[]) => {
      if (socket === undefined) {
        throw new Error('no client came');
      }
      return serveOne(socket);
    });
    const body = 'm'.repeat(length);
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      `${portOf(server)}`,
      '-t',
      '\u7c98\u5305/frames',
      '-V',
      '311',
    ];
    const what = length === 0 ? ['-n'] : ['-m', body];
    await promisify(execFile)(publisher ?? '', [...args, ...what], { timeout });
    const seen = await served;
    expect(seen.map(([type]) => type)).toEqual([CONNECT, PUBLISH, DISCONNECT]);
    expect(seen[1]?.[1].toString()).toBe(Buffer.concat([topic, Buffer.from(body)]).toString());
    server.close();
  });
});
