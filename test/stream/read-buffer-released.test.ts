// A socket that was read into the read buffer and is then released must go on like any other socket.

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeStream, dial, framed, lengthPrefixed } from '../../src/entries/main.ts';
import { lend } from '../../src/stream/read-buffer.ts';
import { inPieces, join, utf8 } from '../support/bytes.ts';
import { FRAME_KINDS, plainAt, PLACES, poison } from '../support/library-sockets.ts';
import { cert, key } from '../support/self-signed.ts';
import { start as startServer } from '../support/servers.ts';
import { write } from '../support/sockets.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const VALUES = [0, 1, 5, 100, 0, 3000, 70_000, 1, 200_000].map((length, i) =>
  Buffer.alloc(length, `value ${i} `),
);
const STREAM = join(VALUES.flatMap((value) => codec.encode(value)));

/** Ways to go on with a released duplex. Each resolves to all bytes that the duplex gives until its end. */
const released: Readonly<Record<string, (duplex: Duplex) => Promise<Uint8Array[]>>> = {
  "'data'": async (duplex) => {
    const kept: Uint8Array[] = [];
    duplex.on('data', (chunk: Uint8Array) => kept.push(chunk));
    await once(duplex, 'end');
    return kept;
  },
  "'readable'": async (duplex) => {
    const kept: Uint8Array[] = [];
    duplex.on('readable', () => {
      for (let chunk: unknown = duplex.read(); chunk instanceof Uint8Array; chunk = duplex.read()) {
        kept.push(chunk);
      }
    });
    await once(duplex, 'end');
    return kept;
  },
  'for await': async (duplex) => {
    const kept: Uint8Array[] = [];
    for await (const chunk of duplex.iterator({ destroyOnReturn: false })) {
      kept.push(chunk);
    }
    return kept;
  },
  decodeStream: async (duplex) => {
    const kept: Uint8Array[] = [];
    for await (const value of duplex.pipe(decodeStream(codec))) {
      kept.push(...codec.encode(value));
    }
    return kept;
  },
  'framed again': async (duplex) => {
    const kept: Uint8Array[] = [];
    await framed(duplex, codec).scan((bytes, start, end) => {
      kept.push(...codec.encode(Uint8Array.from(bytes.subarray(start, end))));
    });
    return kept;
  },
};

describe.each(FRAME_KINDS)('a duplex that was released, with %s memory', (kind) => {
  describe.each(PLACES)('$name', (place) => {
    test.each(Object.entries(released))('%s gives the rest, for good', async (_, readOn) => {
      const { connection, far } = await plainAt(place, kind);
      const first = connection.receive();
      // Send the first frame, and half of the next one.
      await write(far, STREAM.slice(0, 8));
      expect(await first).toHaveLength(0);
      const duplex = connection.release();
      expect(duplex).toBe(connection.duplex);
      const reading = readOn(duplex);
      for (const piece of inPieces(STREAM.slice(8), 50_000)) {
        await write(far, piece);
        await new Promise(setImmediate);
      }
      far.end();
      expect(Buffer.from(join(await reading))).toEqual(Buffer.from(STREAM.slice(4)));
    });
  });
});

describe('a released socket', () => {
  test('goes on as TLS', async () => {
    poison();
    const server = await startServer(async (connection) => {
      lend(connection.duplex);
      expect(Buffer.from((await connection.receive()) ?? []).toString()).toBe('starttls');
      await connection.send(utf8('go'));
      const secure = new TLSSocket(connection.release(), { isServer: true, key, cert });
      const inner = framed(secure, codec);
      for await (const value of inner) {
        await inner.send(value);
      }
      await inner.close();
    });
    const client = await dial(codec, { port: server.port });
    lend(client.duplex);
    await client.send(utf8('starttls'));
    expect(await client.receive()).toEqual(Buffer.from('go'));
    const secure = connectTls({ socket: client.release(), ca: cert });
    onTestFinished(() => void secure.destroy());
    await once(secure, 'secureConnect');
    const inner = framed(secure, codec);
    const value = Buffer.alloc(200_000, 'encrypted ');
    void inner.send(value);
    expect(await inner.receive()).toEqual(value);
    await inner.close();
  });

  test('goes on as HTTP', async () => {
    poison();
    const http = createHttpServer((request, response) => {
      request.pipe(response);
    });
    const server = await startServer(async (connection) => {
      lend(connection.duplex);
      await connection.receive();
      http.emit('connection', connection.release());
    });
    const far = connect({ port: server.port });
    onTestFinished(() => {
      far.destroy();
    });
    const back: Buffer[] = [];
    far.on('data', (chunk: Buffer) => back.push(chunk));
    const body = 'x'.repeat(100_000);
    const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    await write(far, join([frame('http'), utf8(head.slice(0, 20))]));
    await write(far, utf8(head.slice(20) + body));
    await once(far, 'end');
    const answer = Buffer.concat(back).toString();
    expect(answer).toContain('200 OK');
    expect(answer.match(/x/g)?.length).toBe(body.length);
  });
});
