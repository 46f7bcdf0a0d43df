// inspectConnection() on real sockets: the chunks and frames of both directions, remotes that die or send
// garbage, and what it holds.

import { describe, expect, test } from 'vitest';
import { framing } from '../../src/framing/framing.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { UsageError } from '../../src/errors.ts';
import { chunkChannel } from '../../src/stream/diagnostics.ts';
import { framed } from '../../src/stream/framed.ts';
import type { Connection } from '../../src/stream/connection.ts';
import { inspectConnection } from '../../src/watch/inspect-connection.ts';
import type {
  ConnectionFinding,
  InspectConnectionOptions,
} from '../../src/watch/inspect-connection.ts';
import { hex, join, toHex, utf8 } from '../support/bytes.ts';
import { tcpPair } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { turns, until } from '../support/waiting.ts';

const codec = lengthPrefixed({ maxPayloadLength: 1000 });
const FRAMES: InspectConnectionOptions['frames'] = {
  codec: 'lengthPrefixed',
  prefix: 'u32be',
  maxPayloadLength: 1000,
};

interface Watched extends Pair {
  readonly connection: Connection<Uint8Array, Uint8Array>;
  readonly findings: ConnectionFinding[];
  readonly inspection: ReturnType<typeof inspectConnection>;
}

async function watched(
  options: Partial<InspectConnectionOptions> = {},
  before?: (pair: Pair, connection: Connection<Uint8Array, Uint8Array>) => Promise<void>,
): Promise<Watched> {
  const pair = await tcpPair();
  const connection = framed(pair.near, codec);
  await before?.(pair, connection);
  const findings: ConnectionFinding[] = [];
  const inspection = inspectConnection(connection, {
    frames: FRAMES,
    tell: (finding) =>
      findings.push(
        finding.kind === 'frame' ? { ...finding, bytes: Uint8Array.from(finding.bytes) } : finding,
      ),
    ...options,
  });
  return { ...pair, connection, findings, inspection };
}

function ignored(): void {
  // For tests that look at the options only.
}

/** The findings in short: the direction, the kind, and where it lies. */
function short(findings: readonly ConnectionFinding[]): string[] {
  return findings.map((one) => {
    const where =
      one.kind === 'chunk' || one.kind === 'gap'
        ? `${one.offset}+${one.length}`
        : one.kind === 'frame'
          ? `${one.offset}+${one.length} in ${one.pieces.join('-')}`
          : one.kind === 'unfinished'
            ? `${one.offset}+${one.received}`
            : `${one.offset} ${one.code}`;
    return `${one.direction} ${one.kind} ${where}`;
  });
}

/** Sends the pieces so that each is read by itself. */
async function sendPieces({ far, connection }: Watched, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    const { bytes } = connection.stats.received;
    const sent = hex(piece);
    far.write(sent);
    await until(() => connection.stats.received.bytes === bytes + sent.length, 'the piece is read');
  }
}

/** Reads all frames, however the connection ends. */
async function drain(connection: Connection<Uint8Array, Uint8Array>): Promise<string[]> {
  const frames: string[] = [];
  try {
    for await (const frame of connection) {
      frames.push(toHex(frame));
    }
  } catch {
    // The tests look at what the inspection tells.
  }
  return frames;
}

describe('an inspection of a connection', () => {
  test('tells chunks and frames of both directions, and where chunks cut frames', async () => {
    const world = await watched({ shownLength: 100 });
    const { connection, far, findings, inspection } = world;
    const frames = drain(connection);
    await sendPieces(world, ['0000', '0005 68656c', '6c6f 00000002 6869']);
    await connection.send(utf8('ok'));
    far.end();
    await frames;
    await connection.close();
    await connection.closed;
    await turns(1);
    expect(short(findings)).toEqual([
      'b>a chunk 0+2',
      'b>a chunk 2+5',
      'b>a chunk 7+8',
      'b>a frame 0+9 in 0-2',
      'b>a frame 9+6 in 2-2',
      'a>b chunk 0+6',
      'a>b frame 0+6 in 0-0',
    ]);
    expect(findings.flatMap((one) => (one.kind === 'frame' ? [toHex(one.bytes)] : []))).toEqual([
      '0000000568656c6c6f',
      '000000026869',
      '000000026f6b',
    ]);
    const names = new Set(findings.map(({ conversation }) => conversation));
    expect([...names]).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+>127\.0\.0\.1:\d+$/)]);
    expect(inspection.summary()).toMatchObject({ frames: 3, half: 1, pieces: 4, errors: 0 });
  });

  test('changes nothing for the reader, also while scan borrows the read buffer', async () => {
    const world = await watched({ shownLength: 8 });
    const { connection, far, findings } = world;
    const seen: string[] = [];
    const scanned = connection.scan((bytes, start, end) => {
      seen.push(toHex(bytes.subarray(start, end)));
    });
    await sendPieces(world, ['00000001 61 000000', '01 62']);
    far.end();
    await scanned;
    expect(seen).toEqual(['61', '62']);
    expect(short(findings).filter((line) => line.includes('frame'))).toEqual([
      'b>a frame 0+5 in 0-0',
      'b>a frame 5+5 in 0-1',
    ]);
    await connection.close();
  });

  test('tells of a remote that dies inside a frame', async () => {
    const world = await watched();
    const { connection, far, findings } = world;
    const frames = drain(connection);
    await sendPieces(world, ['00000001 61', '00000009 6162']);
    far.resetAndDestroy();
    await frames;
    await connection.closed;
    await turns(1);
    expect(short(findings).slice(2)).toEqual(['b>a chunk 5+6', 'b>a error 5 ERR_FRAME_TRUNCATED']);
  });

  test('tells of garbage, and names where frames go on though the connection does not', async () => {
    const world = await watched();
    const { connection, findings } = world;
    const frames = drain(connection);
    const good = Array.from({ length: 20 }, () => '00000003 616263').join('');
    await sendPieces(world, [good, `ffff0000 ${good}`]);
    await frames;
    connection.destroy();
    await connection.closed;
    await turns(1);
    const errors = findings.filter(({ kind }) => kind === 'error');
    expect(errors).toEqual([
      expect.objectContaining({ frame: 20, code: 'ERR_FRAME_TOO_LARGE', goodAgainAt: 144 }),
    ]);
  });

  test('begins in the middle of a connection', async () => {
    const world = await watched({}, async ({ far }, connection) => {
      const first = connection.receive();
      far.write(hex('00000001 61 0000'));
      await first;
    });
    const frames = drain(world.connection);
    const good = Array.from({ length: 20 }, () => '00000003 616263').join('');
    await sendPieces(world, ['0001 62', good]);
    world.far.end();
    await frames;
    await world.connection.close();
    await turns(1);
    const lines = short(world.findings).filter((line) => line.includes('frame'));
    expect(lines[0]).toBe('b>a frame 3+7 in 1-1');
    expect(lines).toHaveLength(20);
  });

  test('takes a format, and a codec, and refuses what is none', async () => {
    const { near } = await tcpPair();
    const connection = framed(near, framing('postgres'));
    const tell = ignored;
    inspectConnection(connection, { frames: 'postgres', tell }).stop();
    inspectConnection(connection, { frames: framing('postgres'), tell }).stop();
    const wrong: readonly unknown[] = [
      { tell },
      { frames: 'postgre', tell },
      { frames: 'postgres' },
      { frames: 'postgres', tell, shownLenght: 1 },
      { frames: 'postgres', tell, maxHeld: 0 },
    ];
    for (const options of wrong) {
      expect(() => inspectConnection(connection, options as InspectConnectionOptions)).toThrow(
        UsageError,
      );
    }
    expect(chunkChannel.hasSubscribers).toBe(false);
    connection.destroy();
  });

  test('holds at most maxHeld bytes, and leaves the connection alone', async () => {
    const frames = { codec: 'lengthPrefixed', maxPayloadLength: 10_000_000 } as const;
    const { near, far } = await tcpPair();
    const connection = framed(near, framing(frames));
    const findings: ConnectionFinding[] = [];
    const tell = (finding: ConnectionFinding): number => findings.push(finding);
    inspectConnection(connection, { frames, tell, maxHeld: 100_000 });
    const payload = new Uint8Array(1_000_000);
    far.write(join([hex('000f4240'), payload]));
    expect((await connection.receive())?.length).toBe(1_000_000);
    expect(findings.filter(({ kind }) => kind !== 'chunk')).toEqual([
      expect.objectContaining({ kind: 'error', code: 'ERR_FRAME_TOO_LARGE' }),
    ]);
    connection.destroy();
    await connection.closed;
  });

  test('ends when it is stopped, and with the connection', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec);
    const findings: ConnectionFinding[] = [];
    const tell = (finding: ConnectionFinding): number => findings.push(finding);
    const stopped = inspectConnection(connection, { frames: FRAMES, tell });
    const other = inspectConnection(connection, { frames: FRAMES, tell: () => undefined });
    stopped.stop();
    far.write(hex('00000001 61'));
    await connection.receive();
    expect(findings).toEqual([]);
    expect(other.summary().frames).toBe(1);
    expect(chunkChannel.hasSubscribers).toBe(true);
    connection.destroy();
    await connection.closed;
    await turns(1);
    expect(chunkChannel.hasSubscribers).toBe(false);
  });

  test('lets an error of tell become an uncaught exception, and goes on', async () => {
    const world = await watched({
      tell: () => {
        throw new RangeError('a bug of the caller');
      },
    });
    const others = process.listeners('uncaughtException');
    const thrown: unknown[] = [];
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    try {
      const received = world.connection.receive();
      world.far.write(hex('00000001 61'));
      expect(toHex((await received) ?? new Uint8Array(0))).toBe('61');
      await until(() => thrown.length === 2, 'both errors are thrown: of the chunk, of the frame');
      expect(thrown).toEqual([expect.any(RangeError), expect.any(RangeError)]);
      expect(world.inspection.summary()).toMatchObject({ frames: 1, errors: 0 });
    } finally {
      world.inspection.stop();
      process.removeAllListeners('uncaughtException');
      others.forEach((one) => process.on('uncaughtException', one));
    }
    world.connection.destroy();
  });
});
