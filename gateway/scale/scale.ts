// How much a gateway costs: memory of idle devices, memory of frames that never become whole, and processor time
// of a frame. Gateways and devices are processes of their own, on addresses of the loopback network.
//
//   devices on 127.0.0.6 ──▶ gateway on 127.0.0.2 ──▶ the bus: in the process, or a nats-server
//   devices on 127.0.0.7 ──▶ gateway on 127.0.0.3 ──▶ …

import { readFileSync } from 'node:fs';
import { NatsServer } from '../test/support/nats-server.ts';
import { Child } from './child.ts';
import type { ClientsProgramOptions } from './clients-program.ts';
import type { GatewayProgramOptions, GatewayState } from './gateway-program.ts';

export interface ScaleOptions {
  /** Number of idle devices. */
  readonly devices: number;
  /** Number of gateways, and of processes with devices. */
  readonly gateways: number;
  /** Number of devices that send half a frame. */
  readonly halves: number;
  /** Number of devices that publish, and of frames that each of them sends. */
  readonly publishers: number;
  readonly frames: number;
  /** Called with what happens. */
  readonly tell: (line: string) => void;
}

/** Memory of idle devices in bytes for each of them. */
export interface Idle {
  readonly devices: number;
  /** Resident memory of the gateways. */
  readonly resident: number;
  /** Objects and buffers of the gateways, after a collection. */
  readonly held: number;
  /** Memory of the kernel for both ends of a connection. */
  readonly kernel: number;
  /** Resident memory of the nats-server; 0 without one. */
  readonly broker: number;
  /** Resident memory of a gateway before the devices. */
  readonly base: number;
  /** Devices that connected, were claimed and got their first acknowledgement, in a second. */
  readonly rate: number;
}

/** Processor time of publishing in µs for each frame. */
export interface Publish {
  readonly frames: number;
  readonly gateway: number;
  readonly broker: number;
  /** Part of the gateway's time in which it decodes frames. */
  readonly decoding: number;
  /** Bytes that the stream takes on disk for each frame. */
  readonly disk: number;
}

export interface ScaleResult {
  readonly alone: Idle;
  /** Bytes that all unfinished frames hold. */
  readonly halves: { readonly count: number; readonly held: number };
  readonly onNats: Idle;
  readonly publish: Publish;
}

/** Devices that do something before a measurement of it, so that it counts no code that is compiled. */
const WARM = 100;
/** Claims are renewed three times in it, so never while we measure. */
const TIME_TO_LIVE_MS = 24 * 3600 * 1000;
const FIRST_ADDRESS = 2;
/** Phone numbers of a process of devices, more than it has descriptors. */
const PHONES = 100_000;

type GatewayKind = Omit<GatewayProgramOptions, 'host' | 'timeToLive'>;

/** Gateways, and as many processes of devices, each on an address of its own. */
class Stage {
  readonly gateways: readonly Child[];
  readonly clients: Child[] = [];

  constructor(count: number, kind: GatewayKind) {
    this.gateways = Array.from({ length: count }, (_, at) => {
      const host = `127.0.0.${FIRST_ADDRESS + at}`;
      const options: GatewayProgramOptions = { host, timeToLive: TIME_TO_LIVE_MS, ...kind };
      return new Child('gateway-program.ts', options);
    });
  }

  /** Starts the devices' processes as soon as the gateways listen. */
  async open(): Promise<void> {
    const count = this.gateways.length;
    const ports = await Promise.all(this.gateways.map((gateway) => gateway.ask<number>('port')));
    for (const [at, port] of ports.entries()) {
      const options: ClientsProgramOptions = {
        host: `127.0.0.${FIRST_ADDRESS + at}`,
        port,
        localAddress: `127.0.0.${FIRST_ADDRESS + count + at}`,
        first: at * PHONES,
      };
      this.clients.push(new Child('clients-program.ts', options));
    }
  }

  async connect(count: number): Promise<void> {
    await Promise.all(this.clients.map((client) => client.ask('open', count)));
  }

  states(): Promise<GatewayState[]> {
    return Promise.all(this.gateways.map((gateway) => gateway.ask<GatewayState>('state')));
  }

  async end(): Promise<void> {
    await Promise.all([...this.clients, ...this.gateways].map((child) => child.end()));
  }
}

export async function runScale(options: ScaleOptions): Promise<ScaleResult> {
  const { tell } = options;
  tell(`${options.devices} idle devices, the bus in each gateway`);
  const alone = await onStage(options.gateways, {}, async (stage) => {
    const idle = await measureIdle(stage, options);
    return { idle, halves: await measureHalves(stage, options.halves) };
  });
  const broker = await NatsServer.start();
  try {
    const nats = broker.url;
    tell(`${options.devices} idle devices on NATS`);
    const onNats = await onStage(options.gateways, { nats }, (stage) =>
      measureIdle(stage, options, broker),
    );
    tell(`${options.publishers * options.frames} frames to NATS`);
    const publish = await onStage(1, { nats, records: true }, (stage) =>
      measurePublish(stage, options, broker),
    );
    return { alone: alone.idle, halves: alone.halves, onNats, publish };
  } finally {
    await broker.remove();
  }
}

async function onStage<T>(
  count: number,
  kind: GatewayKind,
  measure: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = new Stage(count, kind);
  try {
    await stage.open();
    return await measure(stage);
  } finally {
    await stage.end();
  }
}

async function measureIdle(
  stage: Stage,
  { devices, gateways }: ScaleOptions,
  broker?: NatsServer,
): Promise<Idle> {
  await stage.connect(WARM);
  const before = await stage.states();
  const [kernel, brokerBefore] = [kernelMemory(), broker?.memory ?? 0];
  const since = performance.now();
  await stage.connect(Math.ceil(devices / gateways));
  const seconds = (performance.now() - since) / 1000;
  const grown = kernelMemory() - kernel;
  const after = await stage.states();
  const count = sum(after, 'devices') - sum(before, 'devices');
  return {
    devices: count,
    resident: (sum(after, 'resident') - sum(before, 'resident')) / count,
    held: (sum(after, 'held') - sum(before, 'held')) / count,
    kernel: grown / count,
    broker: ((broker?.memory ?? 0) - brokerBefore) / count,
    base: sum(before, 'resident') / gateways,
    rate: count / seconds,
  };
}

/** What the first gateway holds when devices have sent half a frame each, and nothing behind it. */
async function measureHalves(
  { clients: [client], gateways: [gateway] }: Stage,
  count: number,
): Promise<ScaleResult['halves']> {
  if (client === undefined || gateway === undefined) {
    throw new Error('a stage has a gateway');
  }
  await client.ask('half', WARM);
  const before = await gateway.ask<GatewayState>('state');
  const sent = await client.ask<number>('half', count);
  const after = await gateway.ask<GatewayState>('state');
  return { count: sent, held: after.held - before.held };
}

async function measurePublish(
  { clients: [client], gateways: [gateway] }: Stage,
  { publishers, frames }: ScaleOptions,
  broker: NatsServer,
): Promise<Publish> {
  if (client === undefined || gateway === undefined) {
    throw new Error('a stage has a gateway');
  }
  await client.ask('open', publishers);
  const before = await gateway.ask<GatewayState>('state');
  const brokerBefore = { busy: broker.busy, stored: broker.stored };
  await client.ask('send', frames);
  // The collection of `state` is none of the frames' work.
  const busy = (await gateway.ask<number>('busy')) - before.busy;
  const brokerAfter = { busy: broker.busy, stored: broker.stored };
  const after = await gateway.ask<GatewayState>('state');
  const count = after.stored - before.stored;
  const perFrame = (ms: number): number => (1000 * ms) / count;
  return {
    frames: count,
    gateway: perFrame(busy),
    broker: perFrame(brokerAfter.busy - brokerBefore.busy),
    decoding: (await gateway.ask<number>('replay')) / busy,
    disk: (brokerAfter.stored - brokerBefore.stored) / count,
  };
}

function sum(states: readonly GatewayState[], name: keyof GatewayState): number {
  return states.reduce((all, state) => all + state[name], 0);
}

/** Memory of the kernel's own objects in bytes, in which sockets and what waits in them are most. */
function kernelMemory(): number {
  const [, slab] = /^Slab:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(slab) * 1024;
}
