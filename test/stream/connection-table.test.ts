// docs/connection.md has a table of what each way of ending does. Here every cell of the table is played on a
// real socket. The last test compares the words of the table with what is expected here.

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { framed, isUnstickError } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex, join } from '../support/bytes.ts';
import { ownTlsPair, resetAfter, tcpPair, tlsPair, unixPair, write } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { rejection, settled, turns, until } from '../support/waiting.ts';

interface Stage extends Pair {
  readonly connection: Connection<Uint8Array, Uint8Array>;
  readonly controller: AbortController;
}

/** What the remote gets after a `send` in the same tick. */
type Farewell =
  'the rest, then the end' | 'the rest' | 'a reset' | 'the end, without the rest' | '–';

/** One row of the table. `act` is the way of ending. */
interface Row {
  readonly act: (stage: Stage) => unknown;
  /** State of the socket `near` afterwards. */
  readonly socket: 'open' | 'half-closed' | 'closed';
  readonly remote: Farewell;
  /** What the remote gets where the transport has no reset. */
  readonly remoteWithoutReset: Farewell;
  /** Outcome of a send that waits for the remote to read. */
  readonly pendingSend: string;
  readonly laterSend: string;
  /** Outcome of a `receive()` that waits, when the remote sends one more frame and ends. */
  readonly pendingRead: string;
  /** Outcome for a frame that had come and was not read. */
  readonly unread: string;
}

const HERE = 'ERR_CONNECTION_CLOSED';
const LOST = 'ERR_CONNECTION_LOST';
const shut = {
  socket: 'half-closed',
  remote: 'the rest, then the end',
  remoteWithoutReset: 'the rest, then the end',
  pendingSend: 'resolves',
  laterSend: HERE,
} as const;
const cut = {
  socket: 'closed',
  remote: 'a reset',
  remoteWithoutReset: 'the end, without the rest',
  pendingSend: HERE,
  laterSend: HERE,
  pendingRead: HERE,
  unread: HERE,
} as const;
const open = { socket: 'open', remote: 'the rest', remoteWithoutReset: 'the rest' } as const;

const rows: Record<string, Row> = {
  '`end()`': {
    act: ({ connection }) => void connection.end(),
    ...shut,
    pendingRead: 'goes on',
    unread: 'is read',
  },
  '`close()`': {
    act: ({ connection }) => void connection.close(),
    ...shut,
    pendingRead: '`undefined`',
    unread: 'is read',
  },
  '`await using`': {
    act: ({ connection }) => void connection[Symbol.asyncDispose](),
    ...shut,
    pendingRead: '`undefined`',
    unread: 'is read',
  },
  '`destroy()`': { act: ({ connection }) => connection.destroy(), ...cut },
  'abort of `signal`': { act: ({ controller }) => controller.abort(), ...cut },
  '`release()`': {
    act: ({ connection }) => connection.release(),
    ...open,
    pendingSend: 'resolves',
    laterSend: HERE,
    pendingRead: 'goes on, `release` throws ERR_CONCURRENT_READ',
    unread: 'is in the duplex',
  },
  '`break` out of a loop': {
    act: ({ connection }) => connection[Symbol.asyncIterator]().return?.(),
    ...open,
    pendingSend: 'resolves',
    laterSend: 'resolves',
    pendingRead: 'goes on',
    unread: 'is read',
  },
  'the remote ends': {
    act: ({ far }) => far.end(),
    ...open,
    pendingSend: 'resolves',
    laterSend: 'resolves',
    pendingRead: '`undefined`',
    unread: 'is read',
  },
  'the remote resets': {
    act: (stage) => resetAfter(stage, stage.near.bytesRead),
    socket: 'closed',
    remote: '–',
    remoteWithoutReset: '–',
    pendingSend: LOST,
    laterSend: LOST,
    pendingRead: LOST,
    unread: 'is read',
  },
};

interface Transport {
  readonly open: () => Promise<Pair>;
  readonly hasReset: boolean;
}

const transports: Record<string, Transport> = {
  TCP: { open: tcpPair, hasReset: true },
  'TLS over a socket of ours': { open: ownTlsPair, hasReset: true },
  "a user's TLSSocket": { open: tlsPair, hasReset: false },
  'a unix socket': { open: unixPair, hasReset: false },
};

const cases = Object.entries(transports).flatMap(([transport, { open: connect, hasReset }]) =>
  Object.entries(rows)
    .filter(([name]) => transport === 'TCP' || name !== 'the remote resets')
    .map(([name, row]) => ({ name, transport, connect, hasReset, row })),
);

async function setUp(connect: () => Promise<Pair> = tcpPair): Promise<Stage> {
  const pair = await connect();
  const controller = new AbortController();
  const connection = framed(pair.near, undefined, { signal: controller.signal });
  pair.far.allowHalfOpen = true;
  return { ...pair, connection, controller };
}

async function wordOf(promise: Promise<unknown>, resolved: string): Promise<string> {
  try {
    await promise;
    return resolved;
  } catch (error) {
    return isUnstickError(error) ? error.code : String(error);
  }
}

/** Plays a row, and waits until the other side has noticed. */
async function perform(row: Row, set: Stage): Promise<unknown> {
  const result = await row.act(set);
  await turns(10);
  return result;
}

describe.each(cases)('$name over $transport', ({ row, connect, hasReset }) => {
  const isGone = row.socket === 'closed';

  test(`leaves the socket ${row.socket}`, async () => {
    const set = await setUp(connect);
    await perform(row, set);
    await until(() => set.near.destroyed === isGone, 'destroyed or not');
    expect(set.near.writableEnded).toBe(row.socket === 'half-closed');
  });

  test(`a send that waits: ${row.pendingSend}`, async () => {
    const set = await setUp(connect);
    const sent = set.connection.send(Buffer.alloc(8 * 1024 * 1024));
    await settled(() => set.connection.stats.queued);
    expect(set.connection.stats.queued).toBeGreaterThan(0);
    const word = wordOf(sent, 'resolves');
    await perform(row, set);
    set.far.resume();
    expect(await word).toBe(row.pendingSend);
  });

  test(`a send afterwards: ${row.laterSend}`, async () => {
    const set = await setUp(connect);
    await perform(row, set);
    await until(() => set.near.destroyed === isGone, 'destroyed or not');
    const word = await wordOf(set.connection.send(hex('61')), 'resolves');
    expect(word).toBe(row.laterSend);
    if (word === 'resolves') {
      await until(() => set.far.bytesRead === 5, 'it came');
    }
  });

  test(`a read that waits: ${row.pendingRead}`, async () => {
    const set = await setUp(connect);
    const reading = set.connection.receive();
    const word = wordOf(
      reading.then((value) => {
        if (value === undefined) {
          throw new RangeError('over');
        }
      }),
      'goes on',
    );
    const refused = await wordOf(perform(row, set), '');
    if (set.far.writable) {
      set.far.end(hex('00000001 61'));
    }
    const words = [(await word).replace('RangeError: over', '`undefined`')];
    if (refused !== '') {
      words.push(`\`release\` throws ${refused}`);
    }
    expect(words.join(', ')).toBe(row.pendingRead);
  });

  test(`a frame that was not read: ${row.unread}`, async () => {
    const set = await setUp(connect);
    const frames = join([hex('00000001 61'), hex('00000001 62')]);
    await write(set.far, frames);
    await until(() => set.connection.stats.buffered === frames.length, 'both came');
    expect(String(await set.connection.receive())).toBe('a');
    const result = await perform(row, set);
    const given = result === set.near ? set.near.read() : undefined;
    const word =
      given === undefined
        ? await wordOf(set.connection.receive(), 'is read')
        : `${Buffer.from(hex('00000001 62')).equals(given) ? 'is' : 'is not'} in the duplex`;
    expect(word).toBe(row.unread);
  });

  const remote = hasReset ? row.remote : row.remoteWithoutReset;

  test(`the remote gets: ${remote}`, async () => {
    if (remote === '–') {
      return;
    }
    const set = await setUp(connect);
    const received: Buffer[] = [];
    let farewell = '';
    set.far.on('data', (chunk) => received.push(chunk)).on('end', () => (farewell ||= 'end'));
    set.far.on('error', () => (farewell ||= 'reset'));
    // To Node a reset that is found together with bytes looks like an end. (Here they are the bytes of a
    // handshake.)
    await settled(() => set.far.bytesRead + set.near.bytesRead, 20);
    void set.connection.send(hex('6c617374'));
    await perform(row, set);
    const expected = remote.includes('reset') ? 'reset' : remote.includes('end') ? 'end' : '';
    await until(() => farewell === expected, 'the end, a reset, or neither');
    await settled(() => set.far.bytesRead, 20);
    expect(farewell).toBe(expected);
    const bytes = row.socket === 'closed' ? '' : '00000004 6c617374';
    expect(Buffer.concat(received)).toEqual(Buffer.from(hex(bytes)));
  });
});

describe('after the table', () => {
  test('a frame left unread at a reset is followed by the loss', async () => {
    const set = await setUp();
    await write(set.far, hex('00000001 61 0000'));
    await until(() => set.connection.stats.buffered === 7, 'it came');
    await resetAfter(set, 7);
    await until(() => set.near.destroyed, 'the reset was seen');
    expect(String(await set.connection.receive())).toBe('a');
    expect(await rejection(set.connection.receive())).toMatchObject({ code: LOST });
  });

  test('close twice is one close, and close after destroy resolves', async () => {
    const set = await setUp();
    set.far.on('end', () => set.far.end()).resume();
    expect(set.connection.close()).toBe(set.connection.close());
    await set.connection.close();
    const other = await setUp();
    other.connection.destroy();
    await other.connection.close();
    expect(other.near.destroyed).toBe(true);
  });

  test('a connection that both sides have ended is closed by itself', async () => {
    const set = await setUp();
    set.far.end();
    expect(await set.connection.receive()).toBeUndefined();
    expect(set.near.destroyed).toBe(false);
    set.far.resume();
    await set.connection.end();
    await until(() => set.near.destroyed && set.far.destroyed, 'both sockets are gone');
  });

  test('Symbol.asyncDispose of a lost connection does not throw', async () => {
    const set = await setUp();
    await resetAfter(set, 0);
    await until(() => set.near.destroyed, 'the reset was seen');
    await set.connection[Symbol.asyncDispose]();
    expect(await rejection(set.connection.receive())).toMatchObject({ code: LOST });
  });

  test('bytes that come after close() are dropped, and the end is seen', async () => {
    const set = await setUp();
    const closing = set.connection.close();
    set.far.end(Buffer.alloc(1024 * 1024));
    await closing;
    expect(set.near.destroyed).toBe(true);
    expect(set.connection.stats).toMatchObject({ buffered: 0, received: { frames: 0 } });
    expect(await set.connection.closed).toBeUndefined();
  });

  test('a waiting read is not blamed for half a frame that close() drops', async () => {
    const set = await setUp();
    const reading = set.connection.receive();
    await write(set.far, hex('0000000b 6865'));
    await until(() => set.connection.stats.buffered === 6, 'half of it came');
    const closing = set.connection.close();
    set.far.end(hex('6c6c6f20776f726c64'));
    expect(await reading).toBeUndefined();
    await closing;
  });
});

test('docs/connection.md shows this table', async () => {
  const docs = await readFile(new URL('../../docs/connection.md', import.meta.url), 'utf8');
  const shown = docs
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()));
  for (const [name, row] of Object.entries(rows)) {
    const { socket, remote, remoteWithoutReset, pendingSend } = row;
    const { laterSend, pendingRead, unread } = row;
    expect(shown).toContainEqual([
      name,
      socket,
      remote,
      remoteWithoutReset,
      pendingSend,
      laterSend,
      pendingRead,
      unread,
    ]);
  }
});
