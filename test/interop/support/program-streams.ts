// Streams of real programs that answer requests of ours: what a program sent, as its socket was read. The
// requests vary, and some are sent together, so that answers lie in one chunk.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { Duplex } from 'node:stream';
import { FrameScanner } from '../../../src/framing/frame-scanner.ts';
import { framing, spotsOf } from '../../../src/framing/framing.ts';
import { ROWS } from '../../../src/codec/formats/formats.ts';
import { random as randomOf } from '../../../src/schedule/random.ts';
import { hex, join, utf8 } from '../../support/bytes.ts';
import type { RealStream } from './real-streams.ts';
import { findProgram } from './software.ts';

const REQUESTS = 60;
const sftpServer = '/usr/lib/openssh/sftp-server';

type Row = 'sftp' | 'sshAgent' | 'gearman' | 'nineP' | 'memcachedBinary';

interface Talk {
  readonly row: Row;
  /** Offset and width of the length in a frame. */
  readonly length: readonly [number, number];
  readonly duplex: Duplex;
  /** The requests, each of which has one answer. */
  readonly requests: readonly Uint8Array[];
}

/** Sends requests in groups of one to three, and reads until each is answered. */
async function streamOf({ row, length, duplex, requests }: Talk): Promise<RealStream> {
  const random = randomOf(1);
  const spots = spotsOf(ROWS[row]);
  const scanner = new FrameScanner(spots);
  const bounds = [0];
  const segments: Uint8Array[] = [];
  let sent = 0;
  const ask = (): void => {
    const group = requests.slice(sent, sent + 1 + random.below(3));
    sent += group.length;
    duplex.write(join(group));
  };
  duplex.on('error', () => undefined);
  ask();
  for await (const chunk of duplex) {
    const bytes = new Uint8Array(chunk as Uint8Array);
    segments.push(bytes);
    scanner.push(bytes, ({ end }) => bounds.push(end));
    if (bounds.length > requests.length) {
      break;
    }
    if (bounds.length > sent) {
      ask();
    }
  }
  duplex.destroy();
  return { name: `a real ${row}`, protocol: row, spots, length, segments, bounds };
}

function indices(): readonly number[] {
  return Array.from({ length: REQUESTS }, (_, i) => i);
}

function u32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Asks an sftp server for paths, and for what it knows of files that are there and that are not. */
async function sftpStream(): Promise<RealStream> {
  const child = spawn(sftpServer, { stdio: ['pipe', 'pipe', 'ignore'] });
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const paths = ['/', '/etc/hosts', '/etc/passwd', '/no/such/file', '/usr/bin', '/tmp/../etc'];
  const [init, realPath, stat] = [hex('01 00000003'), '10', '11'];
  const requests = indices().map((i) => {
    const path = utf8(paths[i % paths.length] ?? '/');
    const kind = i % 4 === 0 ? stat : realPath;
    const body = join([hex(`${kind}${u32(i + 1)}${u32(path.length)}`), path]);
    return join(framing('sftp').encode(body));
  });
  const talk = [join(framing('sftp').encode(init)), ...requests];
  try {
    return await streamOf({ row: 'sftp', length: [0, 4], duplex, requests: talk });
  } finally {
    child.kill('SIGKILL');
  }
}

/** Asks an agent for its keys, which are none, and for what no agent knows. */
async function agentStream(program: string): Promise<RealStream> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'unstick-agent-'));
  const path = joinPath(folder, 'socket');
  const child = spawn(program, ['-D', '-a', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    // It prints where it listens.
    await once(child.stdout, 'data');
    const duplex = connect(path);
    const requests = indices().map((i) =>
      join(framing('sshAgent').encode(hex(i % 3 === 0 ? 'fe' : '0b'))),
    );
    return await streamOf({ row: 'sshAgent', length: [0, 4], duplex, requests });
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Streams of programs that need no port. */
export async function pipeStreams(): Promise<readonly RealStream[]> {
  const agent = findProgram('ssh-agent');
  return [
    ...(existsSync(sftpServer) ? [await sftpStream()] : []),
    ...(agent === undefined ? [] : [await agentStream(agent)]),
  ];
}

/** Has gearmand echo texts, and take jobs. */
export function gearmanStream(port: number): Promise<RealStream> {
  const requests = indices().map((i) => {
    const [type, payload] =
      i % 3 === 0
        ? [18, utf8(`reverse\0id${i}\0hello`)]
        : [16, utf8('a text that comes back '.repeat(1 + (i % 7)))];
    return join(framing('gearman').encode({ before: Uint8Array.of(0x51, 0, 0, 0, type), payload }));
  });
  return streamOf({
    row: 'gearman',
    length: [8, 4],
    duplex: connect(port, '127.0.0.1'),
    requests,
  });
}

function nineP(body: Uint8Array): Uint8Array {
  return join(framing('nineP').encode(body));
}

/** Agrees on a version with a file server, and asks for handles that were never opened. */
export function ninePStream(port: number): Promise<RealStream> {
  const version = join([hex('64 ffff 00200000 0800'), utf8('9P2000.L')]);
  const requests = indices().map((i) => {
    const tag = (i + 1).toString(16).padStart(2, '0');
    return nineP(hex(`78${tag}00${tag}000000`));
  });
  return streamOf({
    row: 'nineP',
    length: [0, 4],
    duplex: connect(port, '127.0.0.1'),
    requests: [nineP(version), ...requests],
  });
}

/** Stores values in memcached, and reads them back. */
export function memcachedStream(port: number): Promise<RealStream> {
  const [get, set] = [0, 1];
  const requests = indices().map((i) => {
    const key = utf8(`key${i >> 1}`);
    const value = utf8('a value '.repeat(1 + (i % 9)));
    const isSet = i % 2 === 0;
    const extras = new Uint8Array(isSet ? 8 : 0);
    const before = Uint8Array.of(0x80, isSet ? set : get, 0, key.length, extras.length, 0, 0, 0);
    const after = new Uint8Array(12);
    after[3] = i;
    const payload = join([extras, key, ...(isSet ? [value] : [])]);
    return join(framing('memcachedBinary').encode({ before, after, payload }));
  });
  return streamOf({
    row: 'memcachedBinary',
    length: [8, 4],
    duplex: connect(port, '127.0.0.1'),
    requests,
  });
}
