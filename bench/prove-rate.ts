// Measures how many schedules of ten pieces `proveServer` plays in a second. It fails unless the prover saw
// every boundary kept. The target is a Python server that echoes lines. There are three runs, each with 1 job
// and with 8: answers at once, answers after 10 ms, and answers at once beside thousands of connections in
// TIME_WAIT. Run nothing else meanwhile:
//
//   npx tsx bench/prove-rate.ts [--time-wait 5000] [--schedules 200]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { proveServer } from '../src/entries/testing.ts';

/**
 * The server in Python. Answers each line with the line, after the pause in s that is its argument. Prints
 * its port.
 */
const SERVER = `
import socket, sys, threading, time
pause = float(sys.argv[1])
server = socket.create_server(('127.0.0.1', 0), backlog=100)
print(server.getsockname()[1], flush=True)
def serve(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = b''
    while chunk := client.recv(4096):
        line += chunk
        while b'\\n' in line:
            one, line = line.split(b'\\n', 1)
            time.sleep(pause)
            client.sendall(one + b'\\n')
    client.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
`;

const PIECES = 10;
const REQUEST = Buffer.from('twenty bytes, a line\n');

/** Leaves `count` connections in TIME_WAIT: connections that this side ended first. */
async function leaveTimeWait(count: number): Promise<void> {
  const server = createServer((socket) => void socket.resume().on('end', () => socket.end()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  let left = count;
  const some = async (): Promise<void> => {
    while (left-- > 0) {
      const socket = connect(port, '127.0.0.1').resume();
      await once(socket, 'connect');
      await once(socket.end(), 'close');
    }
  };
  await Promise.all(Array.from({ length: 16 }, some));
  server.close();
}

/** The number of schedules played in a second. */
async function rate(port: number, runs: number, jobs: number): Promise<number> {
  const replay = Array.from({ length: runs }, (_, seed) => ({
    v: 1 as const,
    seed,
    direction: 'to-server' as const,
    ops: Array.from({ length: PIECES - 1 }, (_op, at) => ({
      kind: 'cut' as const,
      n: 1 + ((seed + at) % 2),
    })),
  }));
  let begin = 0;
  let end = 0;
  const report = await proveServer({
    to: `127.0.0.1:${port}`,
    send: REQUEST,
    replay,
    runs,
    jobs,
    time: 600_000,
    onProgress: ({ played }) => {
      begin ||= performance.now();
      end = performance.now();
      runs = played;
    },
  });
  if (report.verdict !== 'SAFE' || report.evidence.exact !== runs) {
    throw new Error(`Not SAFE, or not every boundary exact: ${JSON.stringify(report.evidence)}`);
  }
  return ((runs - jobs) / (end - begin)) * 1000;
}

const { values } = parseArgs({
  options: {
    'time-wait': { type: 'string', default: '5000' },
    schedules: { type: 'string', default: '200' },
  },
});
const rows = Number(values['time-wait']);
const runs = Number(values.schedules);

async function measure(title: string, pause: number): Promise<void> {
  const child = spawn('python3', ['-c', SERVER, String(pause)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const found: string[] = [];
    for (const jobs of [1, 8]) {
      found.push(`${(await rate(Number(line), runs, jobs)).toFixed(0)}/s with jobs ${jobs}`);
    }
    console.log(`${title}: ${found.join(', ')} (load ${loadavg()[0]?.toFixed(1)})`);
  } finally {
    child.kill();
  }
}

await measure('answers at once', 0);
await measure('answers after 10 ms', 0.01);
await leaveTimeWait(rows);
await measure(`answers at once, ${rows} connections in TIME_WAIT`, 0);
