// framed() on a duplex that had already ended or broken waited for ever, because the events of the duplex had
// fired before.

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { readToEnd, tcpPair } from '../support/sockets.ts';
import { emitted, rejection } from '../support/waiting.ts';

test('a destroyed socket fails reads and sends at once', async () => {
  const { near } = await tcpPair();
  near.destroy();
  const connection = framed(near);
  expect(await rejection(connection.receive())).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(await rejection(connection.send(hex('61')))).toMatchObject({
    code: 'ERR_CONNECTION_LOST',
  });
  expect(await rejection(connection.end())).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
});

test('a socket that broke keeps the reason', async () => {
  const { near, far } = await tcpPair();
  const broken = emitted(near, 'close');
  near.resume();
  far.resetAndDestroy();
  await broken;
  expect(await rejection(framed(near).receive())).toMatchObject({
    code: 'ERR_CONNECTION_LOST',
    reason: 'ECONNRESET',
  });
});

test('a socket whose remote had ended reads as ended and still sends', async () => {
  const { near, far } = await tcpPair();
  near.allowHalfOpen = true;
  near.resume();
  far.end();
  await once(near, 'end');
  const connection = framed(near);
  expect(await connection.receive()).toBeUndefined();
  const received = readToEnd(far);
  await connection.send(hex('6869'));
  await connection.end();
  expect(await received).toEqual(Buffer.from(hex('00000002 6869')));
});

test('a socket that was ended here reads on and refuses to send', async () => {
  const { near, far } = await tcpPair();
  near.end();
  const connection = framed(near);
  expect(await rejection(connection.send(hex('61')))).toMatchObject({
    code: 'ERR_CONNECTION_CLOSED',
  });
  far.end(hex('00000002 6869'));
  expect(await connection.receive()).toEqual(Buffer.from('hi'));
  expect(await connection.receive()).toBeUndefined();
  await connection.end();
});
