// How a message stream ends. It ends like a framed connection, but with streamed bodies in its queue. Each
// cell of the table is played on a real socket while a streamed body waits for its source.

import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { isUnstickError, messageStream } from '../../src/entries/main.ts';
import type { MessageStream } from '../../src/entries/main.ts';
import { join } from '../support/bytes.ts';
import { encoded, gated } from '../support/message-streams.ts';
import { tcpPair, unixPair, write } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { deferred, settled, turns, until } from '../support/waiting.ts';

const HERE = 'ERR_CONNECTION_CLOSED';

interface Stage extends Pair {
  readonly stream: MessageStream<Record<string, unknown>>;
  readonly controller: AbortController;
}

interface Row {
  readonly act: (stage: Stage) => unknown;
  readonly socket: 'open' | 'half-closed' | 'closed';
  /** What the remote gets of a body whose source goes on afterwards. */
  readonly body: 'the whole body, then the end' | 'the whole body' | 'an unfinished body';
  /** Outcome of that streamed send. */
  readonly streamed: string;
  readonly laterSend: string;
  /** Outcome of a `receive()` that waits, when the remote sends one more message and ends. */
  readonly pendingRead: string;
  /** Outcome of reading on in a body of which a part had come, when the remote sends the rest. */
  readonly pendingBody: string;
  /** Outcome for a message that had come and was not read. */
  readonly unread: string;
  readonly closed: string;
}

const cut = {
  socket: 'closed',
  body: 'an unfinished body',
  streamed: HERE,
  laterSend: HERE,
  pendingRead: HERE,
  pendingBody: HERE,
  unread: HERE,
  closed: HERE,
} as const;
const shut = {
  socket: 'half-closed',
  body: 'the whole body, then the end',
  streamed: 'resolves',
  laterSend: HERE,
  unread: 'is read',
  closed: 'in order',
} as const;

const rows: Record<string, Row> = {
  'end()': {
    act: ({ stream }) => void stream.end(),
    ...shut,
    pendingRead: 'goes on',
    pendingBody: 'goes on',
  },
  'close()': {
    act: ({ stream }) => void stream.close(),
    ...shut,
    pendingRead: 'undefined',
    pendingBody: HERE,
  },
  'await using': {
    act: ({ stream }) => void stream[Symbol.asyncDispose](),
    ...shut,
    pendingRead: 'undefined',
    pendingBody: HERE,
  },
  'destroy()': { act: ({ stream }) => stream.destroy(), ...cut },
  'abort of `signal`': { act: ({ controller }) => controller.abort(), ...cut },
  '`break` out of a loop': {
    act: ({ stream }) => stream[Symbol.asyncIterator]().return?.(),
    socket: 'open',
    body: 'the whole body',
    streamed: 'resolves',
    laterSend: 'resolves',
    pendingRead: 'goes on',
    pendingBody: 'goes on',
    unread: 'is read',
    closed: 'in order',
  },
};

const transports = { TCP: tcpPair, 'a unix socket': unixPair };
const cases = Object.entries(transports).flatMap(([transport, connect]) =>
  Object.entries(rows).map(([name, row]) => ({ name, transport, connect, row })),
);

async function setUp(connect: () => Promise<Pair>): Promise<Stage> {
  const pair = await connect();
  const controller = new AbortController();
  const stream = messageStream(pair.near, { signal: controller.signal });
  pair.far.allowHalfOpen = true;
  return { ...pair, stream, controller };
}

async function wordOf(promise: Promise<unknown>, resolved: string): Promise<string> {
  try {
    await promise;
    return resolved;
  } catch (error) {
    return isUnstickError(error) ? error.code : String(error);
  }
}

async function perform(row: Row, stage: Stage): Promise<void> {
  await row.act(stage);
  await turns(10);
}

describe.each(cases)('$name over $transport', ({ row, connect }) => {
  test(`leaves the socket ${row.socket}`, async () => {
    const stage = await setUp(connect);
    await perform(row, stage);
    const isGone = row.socket === 'closed';
    await until(() => stage.near.destroyed === isGone, 'destroyed or not');
    expect(stage.near.writableEnded).toBe(row.socket === 'half-closed');
  });

  test(`in a body whose source goes on: the remote gets ${row.body}`, async () => {
    const stage = await setUp(connect);
    const gate = deferred();
    const word = wordOf(
      stage.stream.send({ header: {}, bodyLength: 6, body: gated(gate.promise) }),
      'resolves',
    );
    const behind = wordOf(stage.stream.send({ header: { n: 2 } }), 'resolves');
    const expected = join([encoded({}, 'before'.slice(0, 6)), encoded({ n: 2 })]);
    const received: Buffer[] = [];
    let farewell = '';
    stage.far.on('data', (chunk: Buffer) => received.push(chunk));
    stage.far.on('end', () => (farewell ||= 'end')).on('error', () => (farewell ||= 'reset'));
    await until(() => stage.far.bytesRead > 0, 'the body is begun');
    await perform(row, stage);
    gate.resolve();
    expect(await word).toBe(row.streamed);
    expect(await behind).toBe(row.streamed);
    const wantsEnd = row.socket !== 'open';
    await until(() => (farewell === '') !== wantsEnd, 'the end, or none');
    await settled(() => stage.far.bytesRead, 20);
    const isWhole = Buffer.concat(received).equals(Buffer.from(expected));
    expect(isWhole).toBe(row.body !== 'an unfinished body');
  });

  test(`a send afterwards: ${row.laterSend}`, async () => {
    const stage = await setUp(connect);
    await perform(row, stage);
    expect(await wordOf(stage.stream.send({ header: {} }), 'resolves')).toBe(row.laterSend);
    const source = Readable.from(['x']);
    const streamed = stage.stream.send({ header: {}, body: source, bodyLength: 1 });
    expect(await wordOf(streamed, 'resolves')).toBe(row.laterSend);
    await until(() => source.destroyed, 'the source is let go');
  });

  test(`a read that waits: ${row.pendingRead}`, async () => {
    const stage = await setUp(connect);
    const word = stage.stream.receive().then(
      (message) => (message === undefined ? 'undefined' : 'goes on'),
      (error: unknown) => (isUnstickError(error) ? error.code : String(error)),
    );
    await perform(row, stage);
    if (stage.far.writable) {
      stage.far.end(encoded({ n: 1 }));
    }
    expect(await word).toBe(row.pendingRead);
  });

  test(`a body of which a part had come: ${row.pendingBody}`, async () => {
    const stage = await setUp(connect);
    const bytes = encoded({}, 'half, and half');
    await write(stage.far, bytes.subarray(0, -7));
    const message = await stage.stream.receive();
    const word = wordOf(message?.text() ?? Promise.resolve(), 'goes on');
    await perform(row, stage);
    if (stage.far.writable) {
      stage.far.end(bytes.subarray(-7));
    }
    expect(await word).toBe(row.pendingBody);
  });

  test(`a message that was not read: ${row.unread}`, async () => {
    const stage = await setUp(connect);
    const bytes = join([encoded({ n: 1 }, 'one'), encoded({ n: 2 }, 'two')]);
    await write(stage.far, bytes);
    await until(() => stage.stream.stats.buffered === bytes.length, 'both came');
    await stage.stream.receive();
    await perform(row, stage);
    const read = (async () => {
      expect(await (await stage.stream.receive())?.text()).toBe('two');
    })();
    expect(await wordOf(read, 'is read')).toBe(row.unread);
  });

  test(`closed: ${row.closed}`, async () => {
    const stage = await setUp(connect);
    await perform(row, stage);
    if (row.socket === 'open') {
      void stage.stream.close();
    }
    stage.far.on('error', () => undefined).resume();
    if (stage.far.writable) {
      stage.far.end();
    }
    const reading = stage.stream.receive().catch(() => undefined);
    const error = await stage.stream.closed;
    expect(error?.code ?? 'in order').toBe(row.closed);
    await reading;
  });
});
