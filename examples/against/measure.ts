// Helpers of the comparisons: times, the memory of a server with all its processes (Linux only), free ports,
// and a network that can stall.

import { readdirSync, readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const MS = 1000;
const MIB = 1024;
const LOOK_MS = 20;
const PATIENCE_MS = 60_000;

/** The median of the seconds that `run` takes. An error of `run` ends the measurement. */
export async function seconds(rounds: number, run: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await run();
    all.push((performance.now() - begun) / MS);
  }
  all.sort((one, other) => one - other);
  return all[Math.floor(rounds / 2)] ?? Number.NaN;
}

/** Memory in MiB of a process and its descendants. A page that they share is counted once (Pss). */
export function memoryOf(pid: number): number {
  return family(pid).reduce((sum, one) => sum + pssOf(one), 0) / MIB;
}

/** The ids of the process and of all its descendants. */
function family(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(/^PPid:\s*(\d+)/m.exec(contentOf(`/proc/${name}/status`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const one of found) {
    found.push(...(children.get(one) ?? []));
  }
  return found;
}

function pssOf(pid: number): number {
  return Number(/^Pss:\s*(\d+)/m.exec(contentOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // The process has ended.
  }
}

/** The load of the last minute. Much more than 0 before a measurement means that other programs are busy. */
export function load(): number {
  return loadavg()[0] ?? Number.NaN;
}

/** Waits until `holds` returns true. Throws when that takes longer than `patience` ms. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  patience: number = PATIENCE_MS,
): Promise<void> {
  for (const begun = performance.now(); !(await holds()); await sleep(LOOK_MS)) {
    if (performance.now() - begun > patience) {
      throw new Error(`What was waited for has not happened within ${patience} ms.`);
    }
  }
}

export interface Network {
  readonly port: number;
  /** Stops all bytes from now on, and tells neither side. */
  readonly stall: () => void;
  readonly close: () => void;
}

/** A proxy between a client and the server on `port`. It can stall, as a network does. */
export async function network(port: number): Promise<Network> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [client, far]) {
      sockets.add(socket.on('error', () => undefined));
    }
    client.pipe(far).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => sockets.forEach((socket) => socket.unpipe().pause()),
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
