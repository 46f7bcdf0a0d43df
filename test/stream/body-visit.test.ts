// message.body.visit shows a body in place. read-buffer.test.ts tests it among all ways of reading.

import { expect, test } from 'vitest';
import { messages } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';
import { messagesAt, PLACES } from '../support/library-sockets.ts';
import type { Place } from '../support/library-sockets.ts';
import { write } from '../support/sockets.ts';
import { deferred, reached, rejection, until } from '../support/waiting.ts';

const [TCP] = PLACES as [Place];

function stream(...bodies: string[]): Uint8Array {
  return join(bodies.flatMap((body) => messages().encode({ header: {}, body: utf8(body) })));
}

test('leaves the next message whole, which came in the same chunk', async () => {
  const { connection, far } = await messagesAt(TCP);
  far.end(stream('first', 'second', 'third'));
  const message = await connection.receive();
  await message?.body.visit(() => undefined);
  expect(await (await connection.receive())?.text()).toBe('second');
  expect(await (await connection.receive())?.text()).toBe('third');
  expect(await connection.receive()).toBeUndefined();
});

test('reads the body once, as every other way', async () => {
  const { connection, far } = await messagesAt(TCP);
  far.end(stream('the body'));
  const message = await connection.receive();
  await message?.body.visit(() => undefined);
  const calls: readonly (() => unknown)[] = [
    () => message?.bytes(),
    () => message?.body.visit(() => undefined),
  ];
  for (const again of calls) {
    expect(await rejection(Promise.resolve().then(again))).toMatchObject({
      code: 'ERR_BODY_DISCARDED',
    });
  }
});

test('goes on with the rest after a call that was given up, and only visit may', async () => {
  const { connection, far } = await messagesAt(TCP);
  const whole = stream('0123456789');
  await write(far, whole.subarray(0, -4));
  const message = await connection.receive();
  const seen: string[] = [];
  const visit = (bytes: Uint8Array): void => void seen.push(Buffer.from(bytes).toString());
  const call = message?.body.visit(visit, { timeout: 50 });
  expect(await rejection(call ?? Promise.resolve())).toMatchObject({ code: 'ERR_TIMEOUT' });
  expect(seen.join('')).toBe('012345');
  expect(await rejection(message?.bytes() ?? Promise.resolve())).toMatchObject({
    code: 'ERR_BODY_DISCARDED',
  });
  far.end(whole.subarray(-4));
  await message?.body.visit(visit);
  expect(seen.join('')).toBe('0123456789');
  expect(await connection.receive()).toBeUndefined();
});

test('shows first what a call of bytes that was given up had collected', async () => {
  const { connection, far } = await messagesAt(TCP);
  const whole = stream('0123456789');
  await write(far, whole.subarray(0, -4));
  const message = await connection.receive();
  const given = message?.bytes({ timeout: 50 }) ?? Promise.resolve();
  expect(await rejection(given)).toMatchObject({ code: 'ERR_TIMEOUT' });
  far.end(whole.subarray(-4));
  const seen: Buffer[] = [];
  await message?.body.visit((bytes) => void seen.push(Buffer.from(bytes)));
  expect(join(seen).length).toBe(10);
});

test('rejects with what the visitor throws, and the stream goes on', async () => {
  const { connection, far } = await messagesAt(TCP);
  const waiting = connection.receive();
  await write(far, stream('first').subarray(0, -5));
  const message = await waiting;
  const visit = message?.body.visit(() => {
    throw new RangeError('enough');
  });
  far.end(join([utf8('first'), stream('second')]));
  expect(await rejection(visit ?? Promise.resolve())).toBeInstanceOf(RangeError);
  expect(await (await connection.receive())?.text()).toBe('second');
});

test('fails when the next message is asked for, when the connection ends, and in mid-body', async () => {
  const { connection, far } = await messagesAt(TCP);
  await write(far, stream('0123456789').subarray(0, -4));
  const first = await connection.receive();
  const discarded = rejection(first?.body.visit(() => undefined) ?? Promise.resolve());
  const next = connection.receive();
  expect(await discarded).toMatchObject({ code: 'ERR_BODY_DISCARDED' });
  await write(far, join([utf8('6789'), stream('abcdef').subarray(0, -2)]));
  const second = await next;
  const truncated = rejection(second?.body.visit(() => undefined) ?? Promise.resolve());
  far.end();
  expect(await truncated).toMatchObject({ code: 'ERR_FRAME_TRUNCATED' });
});

test('fails as cut off when this side closes', async () => {
  const { connection, far } = await messagesAt(TCP);
  await write(far, stream('0123456789').subarray(0, -4));
  const message = await connection.receive();
  const cut = rejection(message?.body.visit(() => undefined) ?? Promise.resolve());
  const closed = connection.close();
  expect(await cut).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  far.end();
  await closed;
});

test('counts each piece as a frame: a slow body is not a stalled one', async () => {
  const { connection, far } = await messagesAt(TCP, { frameTimeout: 2000 });
  const whole = stream('0123456789');
  await write(far, whole.subarray(0, -10));
  const message = await connection.receive();
  const seen: Buffer[] = [];
  const visit = message?.body.visit((bytes) => void seen.push(Buffer.from(bytes)));
  for (const byte of '0123456789') {
    await reached(performance.now() + 250);
    await write(far, utf8(byte));
  }
  far.end();
  await visit;
  expect(Buffer.from(join(seen)).toString()).toBe('0123456789');
});

test('may send what it sees while a streamed body goes out', async () => {
  const { connection, far } = await messagesAt(TCP);
  const back: Buffer[] = [];
  far.on('data', (chunk: Buffer) => back.push(chunk));
  const gate = deferred();
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    yield utf8('slow');
    await gate.promise;
    yield utf8('body');
  };
  const streamed = connection.send({ header: {}, bodyLength: 8, body: slow() });
  far.end(stream('echo me'));
  const message = await connection.receive();
  const sent: Promise<void>[] = [];
  await message?.body.visit((body) => void sent.push(connection.send({ header: {}, body })));
  gate.resolve();
  await Promise.all([streamed, ...sent]);
  await connection.close();
  await until(() => Buffer.concat(back).includes('echo me'), 'the echo');
  expect(Buffer.concat(back).includes('slowbody')).toBe(true);
});
