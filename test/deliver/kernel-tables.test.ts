// Both ways to ask the kernel of this machine for a socket, with real sockets.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openGate } from '../../src/deliver/gate.ts';
import { KernelTables, seek } from '../../src/deliver/kernel-tables.ts';
import type { SoughtSocket } from '../../src/deliver/kernel-tables.ts';
import { play } from '../../src/deliver/play.ts';
import { SockDiag } from '../../src/deliver/sock-diag.ts';
import { REQUEST_LENGTH } from '../../src/deliver/tables/sock-diag.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import { connect, serveWith } from '../chop/sockets.ts';

const isLinux = KernelTables.open() !== undefined;
const hasPerl = isLinux && spawnSync('perl', ['-e', '1']).status === 0;

/** Open tables; closed with the test. */
function open(): KernelTables {
  const tables = KernelTables.open();
  if (tables === undefined) {
    throw new Error('no tables');
  }
  onTestFinished(() => tables.close());
  return tables;
}

/** Lets `perl` be another program until the test has ended; '' for none. */
function withPerl(script: string): string {
  const before = process.env['PATH'];
  const folder = mkdtempSync(join(tmpdir(), 'unstick-perl-'));
  if (script !== '') {
    writeFileSync(join(folder, 'perl'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'perl'), 0o755);
  }
  process.env['PATH'] = folder;
  onTestFinished(() => {
    process.env['PATH'] = before;
    rmSync(folder, { recursive: true });
  });
  return folder;
}

function endsOf(socket: Socket) {
  const near = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
  const far = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  return { near, far };
}

/** The receiver's end of a connection. */
function receiverOf(socket: Socket): SoughtSocket {
  const { near, far } = endsOf(socket);
  return seek(far, near);
}

/** A connection to a server that reads nothing. */
async function unreadConnection(): Promise<Socket> {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return connect(typeof address === 'object' && address !== null ? address.port : 0);
}

const sent = (socket: Socket, text: string) =>
  new Promise((resolve) => socket.write(text, resolve));

describe.skipIf(!isLinux)('the kernel (needs /proc/net/tcp)', () => {
  test.skipIf(!hasPerl)('tells of a connection what came and what is unread', async () => {
    const tables = open();
    const socket = await unreadConnection();
    const sought = receiverOf(socket);
    expect(await tables.queues(sought)).toMatchObject({ state: 1, unread: 0, received: 0 });
    await sent(socket, 'hello');
    expect(await tables.queues(sought)).toMatchObject({ unread: 5, received: 5 });
    expect(sought.row.place).toBeUndefined(); // The table was not read.
  });

  test.skipIf(!hasPerl)('tells when a connection that it has shown is gone', async () => {
    const tables = open();
    const socket = await unreadConnection();
    const sought = receiverOf(socket);
    await tables.queues(sought);
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect(await tables.queues(sought)).toBeUndefined();
  });

  test.skipIf(!hasPerl)('answers many who ask at once, each its own', async () => {
    const tables = open();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => unreadConnection()));
    await Promise.all(sockets.map((socket, at) => sent(socket, 'x'.repeat(at))));
    const asked = Array.from({ length: 160 }, (_, index) => index % 8);
    const soughts = sockets.map((socket) => receiverOf(socket));
    const told = await Promise.all(
      asked.map((index) => tables.queues(soughts[index] ?? receiverOf(new net.Socket()))),
    );
    expect(told.map((queues) => queues?.unread)).toEqual(asked);
  });

  test.each([
    ['is no Perl', ''],
    ['is no netlink', 'exit 1'],
    ['is no such interface', `exec ${process.execPath} -e '${fakeReplies(-2)}'`],
    ['is another error', `exec ${process.execPath} -e '${fakeReplies(-1)}'`],
  ])('is read from its tables where there %s', async (_, script) => {
    withPerl(script);
    const tables = open();
    const socket = await unreadConnection();
    await sent(socket, 'hello');
    const sought = receiverOf(socket);
    expect(await tables.queues(sought)).toMatchObject({ unread: 5 });
    expect(sought.row.place).toBeDefined();
    expect(await tables.unreadOf(1)).toBeUndefined();
  });

  test('shows a gate each piece alone without Perl, too', async () => {
    withPerl('');
    const tables = open();
    const chunks: string[] = [];
    const port = await serveWith((socket) => {
      socket.on('data', (chunk) => chunks.push(String(chunk)));
    });
    const socket = await connect(port);
    const ops = ['cut 1', 'cut 1', 'cut 1'].map(parseOp);
    const schedule = { v: 1, seed: 0, direction: 'to-server', ops } as const;
    const gate = openGate(tables, socket);
    const played = await play(socket, { schedule, chunks: [Buffer.from('abcd')] }, { gate });
    expect(played.boundaries).toEqual(['exact', 'exact', 'exact']);
    await gate?.settled(1, 5000);
    expect(chunks).toEqual(['a', 'b', 'c', 'd']);
  });

  test.skipIf(!hasPerl)('shows a receiver that reads late each piece alone', async () => {
    const tables = open();
    const child = spawn('perl', ['-e', LATE_READER], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await lines.next()).value;
    const socket = await connect(Number(await next()));
    const ops = ['cut 1', 'cut 1', 'cut 1'].map(parseOp);
    const schedule = { v: 1, seed: 0, direction: 'to-server', ops } as const;
    const gate = openGate(tables, socket);
    const options = { gate, patience: 15_000 };
    const played = await play(socket, { schedule, chunks: [Buffer.from('abcd')] }, options);
    expect(played.boundaries).toEqual(['exact', 'exact', 'exact']);
    expect([await next(), await next(), await next(), await next()]).toEqual(['a', 'b', 'c', 'd']);
  });
});

/** Whether a process runs; one that has ended may wait for whoever collects it. */
function runs(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !readFileSync(path, 'latin1').includes(') Z ');
}

/** Prints its port, and what each of its reads gets; it waits before each. */
const LATE_READER = `
  use Socket; $| = 1;
  socket(my $server, PF_INET, SOCK_STREAM, 0);
  bind($server, sockaddr_in(0, INADDR_LOOPBACK)); listen($server, 1);
  print +(sockaddr_in(getsockname($server)))[0], "\\n";
  accept(my $client, $server);
  for (;;) {
    select(undef, undef, undef, 0.03);
    sysread($client, my $chunk, 100) or last;
    print "$chunk\\n";
  }`;

/** A program that answers each request with an error of the kernel. */
function fakeReplies(code: number): string {
  return `let rest = 0; process.stdin.on("data", (chunk) => {
    for (rest += chunk.length; rest >= ${REQUEST_LENGTH}; rest -= ${REQUEST_LENGTH}) {
      const reply = Buffer.alloc(22); reply.writeUInt16BE(20); reply.writeUInt32LE(20, 2);
      reply.writeUInt16LE(2, 6); reply.writeInt32LE(${code}, 18); process.stdout.write(reply);
    } })`;
}

describe.skipIf(!isLinux)('the carrier of questions', () => {
  const request = new Uint8Array(REQUEST_LENGTH);

  test('leaves questions unanswered, those that wait and later ones, when it hangs', async () => {
    withPerl('exec /bin/sleep 600');
    const diag = new SockDiag(50);
    expect(await Promise.all([diag.ask(request), diag.ask(request)])).toEqual([
      undefined,
      undefined,
    ]);
    expect(await diag.ask(request)).toBeUndefined();
  });

  test('leaves questions unanswered when there are no descriptors for the carrier', () => {
    const script = fileURLToPath(new URL('no-descriptors.ts', import.meta.url));
    const command = 'ulimit -n 200; exec "$0" --import tsx "$1"';
    const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, script]);
    expect(`${String(stdout)}${String(stderr)}`).toBe('undefined,undefined\n');
  });

  test('leaves questions unanswered after close', async () => {
    const diag = new SockDiag();
    const waiting = diag.ask(request);
    diag.close();
    diag.close();
    expect(await waiting).toBeUndefined();
    expect(await diag.ask(request)).toBeUndefined();
  });

  test.skipIf(!hasPerl)('neither keeps the process of its user nor survives it', async () => {
    const perl = spawnSync('sh', ['-c', 'command -v perl'], { encoding: 'utf8' }).stdout.trim();
    const folder = withPerl(`echo $$ > "$0.pid"; exec ${perl} "$@"`);
    const [diag, messages] = ['sock-diag.ts', 'tables/sock-diag.ts'].map((name) =>
      JSON.stringify(new URL(`../../src/deliver/${name}`, import.meta.url).href),
    );
    const program = `
      const { SockDiag } = await import(${diag});
      const { unixRequest } = await import(${messages});
      const reply = await new SockDiag().ask(unixRequest(1, true));
      console.log(reply.length > 0);`;
    const tsx = import.meta.resolve('tsx');
    const args = ['--import', tsx, '--input-type=module', '-e', program];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output).toBe('true\n');
    const pid = Number(readFileSync(join(folder, 'perl.pid'), 'latin1'));
    await expect.poll(() => runs(pid)).toBe(false);
  });
});
