// Connects to ports where nobody listens, while the kernel has two ports to give to clients, one of them the very
// port: so it connects sockets to themselves. Prints as JSON how a plain socket, dial() and a proxy ended.
// For a network namespace of its own, as root.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dial, isUnstickError, lengthPrefixed } from '../../../src/entries/main.ts';
import { chop } from '../../../src/entries/testing.ts';

const ATTEMPTS = 20;
const RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

let to = { host: '127.0.0.1', port: 40_000 };

/** The next port: a socket that was connected to itself keeps its port for a minute. */
function nextPort(): void {
  to = { ...to, port: to.port + 2 };
  writeFileSync(RANGE, `${to.port} ${to.port + 1}`);
}

async function ofPlain(): Promise<string> {
  const socket = connect(to);
  try {
    await once(socket, 'connect');
    return 'itself';
  } catch {
    return 'refused';
  } finally {
    socket.destroy();
  }
}

async function ofDial(): Promise<string> {
  try {
    (await dial(lengthPrefixed(), to)).destroy();
    return 'connected';
  } catch (error) {
    return isUnstickError(error) ? error.code : String(error);
  }
}

async function ofProxy(): Promise<string> {
  const ends: string[] = [];
  const proxy = await chop({
    listen: '127.0.0.1:5000',
    to,
    onClose: ({ end }) => void ends.push(end),
  });
  const client = connect(proxy.port, proxy.host).on('error', () => undefined);
  await new Promise((resolve) => client.resume().once('close', resolve));
  await proxy.close();
  return ends.join();
}

async function counted(attempt: () => Promise<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < ATTEMPTS; i++) {
    nextPort();
    const outcome = await attempt();
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

console.log(
  JSON.stringify({
    plain: await counted(ofPlain),
    dial: await counted(ofDial),
    proxy: await counted(ofProxy),
  }),
);
