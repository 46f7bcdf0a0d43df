// How many MiB pass through the proxy `chop` in a second, with `--plan coalesce` and without a plan, and through the
// proxy of `inspect`, compared with socat and with `chop` without a plan in the same run. The proxies are pinned to one core, source and sink to another. The proxy's
// processor time is reported, too: on a busy machine it says more than the rate. Needs Linux, socat and a
// build. Run it by itself:
//
//   npx tsx bench/chop-rate.ts [--mebibytes N] [--turns N]

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './results.ts';
import { freePort } from '../test/support/free-port.ts';

const COMMAND_LINE = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TASKSET = 'taskset';
const MEBIBYTE = 1024 * 1024;
/** Length of the frames that pass, of which `inspect` finds each one. */
const FRAME = 1024;
/** Length in ms of one tick of the kernel's clock for processor time. */
const TICK = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '1024' },
    turns: { type: 'string', default: '5' },
  },
});
const total = Number(values.mebibytes) * MEBIBYTE;

/** Counts the bytes that come, and answers when all have come. */
const sink = net.createServer((socket) => {
  let length = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    length += chunk.length;
    if (length >= total) {
      socket.end('!');
    }
  });
});
await once(sink.listen(0, '127.0.0.1'), 'listening');
const { port: sinkPort } = sink.address() as AddressInfo;

const PROXIES: Readonly<Record<string, (port: number) => readonly string[]>> = {
  socat: (port) => [
    'socat',
    '-b65536',
    `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr`,
    `TCP:127.0.0.1:${sinkPort}`,
  ],
  'chop --plan coalesce': (port) => command('chop', port, ['--plan', 'coalesce']),
  'chop without a plan': (port) => command('chop', port, []),
  'inspect --errors': (port) => command('inspect', port, ['--frames', 'u32be', '--errors']),
};

function command(name: string, port: number, words: readonly string[]): readonly string[] {
  const listen = ['--listen', `127.0.0.1:${port}`, '--to', `127.0.0.1:${sinkPort}`];
  return [process.execPath, COMMAND_LINE, name, ...listen, ...words];
}

/** A piece of whole frames. */
function frames(): Buffer {
  const piece = Buffer.alloc(65_536, 'x');
  for (let at = 0; at < piece.length; at += FRAME) {
    piece.writeUInt32BE(FRAME - 4, at);
  }
  return piece;
}

/** Processor time in ms that a process has used. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

async function connect(port: number): Promise<net.Socket> {
  for (;;) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (isOpen) {
      return socket;
    }
    await sleep(20);
  }
}

interface Turn {
  readonly mebibytes: number;
  readonly perProcessor: number;
}

/** Runs one turn. Returns the MiB in a second, and the MiB in a second of the proxy's processor time. */
async function turn(words: (port: number) => readonly string[]): Promise<Turn> {
  const port = await freePort();
  const proxy: ChildProcess = spawn(TASKSET, ['-c', '1', ...words(port)], { stdio: 'ignore' });
  const pid = proxy.pid ?? 0; // taskset becomes the program that it starts.
  try {
    const socket = await connect(port);
    const before = processorTime(pid);
    const begin = performance.now();
    const chunk = frames();
    for (let sent = 0; sent < total; sent += chunk.length) {
      if (!socket.write(chunk)) {
        await once(socket, 'drain');
      }
    }
    await once(socket, 'data');
    const took = performance.now() - begin;
    const processor = processorTime(pid) - before;
    socket.destroy();
    const size = (total / MEBIBYTE) * 1000;
    return { mebibytes: size / took, perProcessor: size / Math.max(processor, TICK) };
  } finally {
    proxy.kill('SIGKILL');
  }
}

execFileSync(TASKSET, ['-cp', '0', `${process.pid}`], { stdio: 'ignore' });
const turns = new Map<string, Turn[]>(Object.keys(PROXIES).map((name) => [name, []]));
for (let count = 0; count < Number(values.turns); count++) {
  const order = Object.entries(PROXIES);
  for (const [name, words] of count % 2 === 0 ? order : order.toReversed()) {
    turns.get(name)?.push(await turn(words));
  }
}
const of = (name: string, key: keyof Turn): number =>
  median(turns.get(name)?.map((each) => each[key]) ?? []);
console.log(`${values.mebibytes} MiB, ${values.turns} turns, load ${loadavg()[0]?.toFixed(1)}`);
console.log(
  '| proxy | MiB/s | × socat | × chop | MiB per s of processor time | × socat | × chop |\n|---|---|---|---|---|---|---|',
);
for (const name of Object.keys(PROXIES)) {
  const cells = (['mebibytes', 'perProcessor'] as const).flatMap((key) => [
    of(name, key).toFixed(0),
    (of(name, key) / of('socat', key)).toFixed(2),
    (of(name, key) / of('chop without a plan', key)).toFixed(2),
  ]);
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
sink.close();
