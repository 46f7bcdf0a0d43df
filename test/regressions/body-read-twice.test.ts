// A body can be read once. A second reading must fail, because an empty body would be a silent loss.

import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import {
  encodeStream,
  framed,
  lengthPrefixed,
  messages,
  UsageError,
} from '../../src/entries/main.ts';
import type { IncomingMessage } from '../../src/entries/main.ts';
import { streams } from '../support/message-streams.ts';

async function received(): Promise<IncomingMessage<unknown>> {
  const { a, b } = await streams();
  await a.send({ header: {}, body: 'hello' });
  const message = await b.receive();
  if (message === undefined) {
    throw new Error('no message came');
  }
  return message;
}

const READ_ALREADY = { code: 'ERR_BODY_DISCARDED' };

describe('a body', () => {
  test('is refused to a second collector', async () => {
    const message = await received();
    expect(await message.text()).toBe('hello');
    await expect(message.text()).rejects.toMatchObject(READ_ALREADY);
    await expect(message.bytes()).rejects.toMatchObject(READ_ALREADY);
  });

  test('is refused to one of two collectors at once', async () => {
    const message = await received();
    const first = message.text();
    await expect(message.json()).rejects.toMatchObject(READ_ALREADY);
    expect(await first).toBe('hello');
  });

  test('fails as a stream after it was collected, and after it was read as a stream', async () => {
    const message = await received();
    await message.bytes();
    await expect(message.body.toArray()).rejects.toMatchObject(READ_ALREADY);
    const other = await received();
    await other.body.toArray();
    await expect(other.body.toArray()).rejects.toMatchObject(READ_ALREADY);
  });

  test('that was left in the middle is refused to a collector', async () => {
    const message = await received();
    for await (const bytes of message.body) {
      if (bytes instanceof Uint8Array) {
        break;
      }
    }
    await expect(message.bytes()).rejects.toMatchObject(READ_ALREADY);
  });
});

describe('beside it', () => {
  test('encodeStream gives the frames before a bad value to a pipeline', async () => {
    const seen: string[] = [];
    const piped = pipeline(
      Readable.from([Buffer.from('a'), 'text']),
      encodeStream(lengthPrefixed({ prefix: 'u8' })),
      async function collect(frames: AsyncIterable<Uint8Array>) {
        for await (const frame of frames) {
          seen.push(Buffer.from(frame).toString('hex'));
        }
      },
    );
    await expect(piped).rejects.toMatchObject({ code: 'ERR_FRAME_UNENCODABLE' });
    expect(seen).toEqual(['0161']);
  });

  test('a header whose getter throws is unencodable', () => {
    const header = {
      get secret(): string {
        throw new Error('mine');
      },
    };
    expect(() => messages().encode({ header })).toThrow(UsageError);
  });

  test('a duplex is framed once at a time', () => {
    const duplex = new PassThrough();
    const first = framed(duplex);
    expect(() => framed(duplex)).toThrow(UsageError);
    first.release();
    expect(framed(duplex).stats.received.frames).toBe(0);
  });

  test('scan wants a visitor, and end waits until the visit is over', () => {
    const decoder = lengthPrefixed({ prefix: 'u8' }).decoder();
    expect(() =>
      Reflect.apply(decoder['scan'].bind(decoder), undefined, [Uint8Array.of(1, 97)]),
    ).toThrow(UsageError);
    expect(() => decoder.scan(Uint8Array.of(1, 97), () => decoder.end())).toThrow(UsageError);
  });
});
