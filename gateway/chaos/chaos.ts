// A fleet of devices against two gateways and a broker, any of which dies or hangs again and again. Afterwards
// the stream must have every frame that was acknowledged, in the order of its device.
//
//   device ──chop, random cuts──▶ gateway a ──────────▶ nats-server    a third of the devices behind chop;
//   device ─────────────────────▶ gateway b ──chop────▶                each reconnect goes to the other gateway

import { chop } from 'unstick/testing';
import type { ChopOptions, ChopProxy } from 'unstick/testing';
import { freePort } from '../../test/support/free-port.ts';
import { frameOf, runFleet } from '../test/support/fleet.ts';
import type { FleetDevice } from '../test/support/fleet.ts';
import { allStored } from '../test/support/nats-fixture.ts';
import { hasSmallDisks, NatsServer } from '../test/support/nats-server.ts';
import { GatewayProcess } from './gateway-process.ts';

export interface ChaosOptions {
  /** Number of devices. */
  readonly devices: number;
  /** Time in ms between two frames of a device. */
  readonly pace: number;
  /** Number of times that something is killed or frozen. The devices send as long as it goes on. */
  readonly blows: number;
  /** Seed of what happens when. */
  readonly seed: number;
  /** Time in ms for which a broker hangs or has a full disk, and for which the network passes nothing. */
  readonly freeze: number;
  /** Called with what happens. */
  readonly tell: (line: string) => void;
}

export interface ChaosResult {
  /** How often each thing happened. */
  readonly blows: Readonly<Record<Blow, number>>;
  readonly acknowledged: number;
  /** Frames that were acknowledged and are not in the stream. */
  readonly lost: number;
  /** Frames that stand behind a later frame of their device. */
  readonly disordered: number;
  /** Frames that are stored again, with the same id. */
  readonly duplicates: number;
  readonly reconnects: number;
  /** Highest resident memory of a gateway in bytes, as seen before each blow. */
  readonly memory: number;
  readonly seconds: number;
}

/**
 * What can happen.
 * - `gateway`: a gateway is killed.
 * - `restart`: a gateway is ended with SIGTERM, and started again.
 * - `broker`: the broker is killed.
 * - `freeze`: the broker hangs.
 * - `stall`: the network between devices, gateway b and broker passes nothing, and then breaks.
 * - `full`: the disk of the broker is full. It then needs a restart.
 */
const BLOWS = ['gateway', 'broker', 'freeze', 'restart', 'stall', 'full'] as const;
export type Blow = (typeof BLOWS)[number];

/** Blows that are possible here: only some users can have a disk that is filled. */
export const POSSIBLE_BLOWS: readonly Blow[] = BLOWS.filter(
  (blow) => blow !== 'full' || hasSmallDisks,
);

/** More than a run of hours stores. */
const DISK_LENGTH = 512 * 1024 * 1024;

const WINDOW = 8;
/** Every such device is behind the proxy that cuts. */
const BEHIND_CHOP = 3;

/** Random numbers from a seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A proxy that can pass nothing for a while. Its connections break afterwards. */
class Network {
  readonly #options: ChopOptions;
  #proxy: ChopProxy;

  private constructor(options: ChopOptions, proxy: ChopProxy) {
    this.#options = options;
    this.#proxy = proxy;
  }

  static async to(port: number, cuts: Pick<ChopOptions, 'plan' | 'seed'> = {}): Promise<Network> {
    const listen = `127.0.0.1:${await freePort()}`;
    const options = { ...cuts, to: `127.0.0.1:${port}`, listen };
    return new Network(options, await chop(options));
  }

  get port(): number {
    return this.#proxy.port;
  }

  async stall(time: number): Promise<void> {
    const nothing = { faults: ['stall@0'] };
    this.#proxy.change({ toServer: nothing, toClient: nothing });
    await pause(time);
    await this.#proxy.close();
    this.#proxy = await chop(this.#options);
  }

  close(): Promise<void> {
    return this.#proxy.close();
  }
}

/** The processes, and what is done to them. */
class Stage {
  readonly broker: NatsServer;
  readonly gateways: readonly GatewayProcess[];
  /** The way to gateway a, to gateway b, and from gateway b to the broker. */
  readonly #networks: readonly Network[];

  private constructor(
    broker: NatsServer,
    gateways: readonly GatewayProcess[],
    networks: readonly Network[],
  ) {
    this.broker = broker;
    this.gateways = gateways;
    this.#networks = networks;
  }

  static async open(seed: number): Promise<Stage> {
    const broker = hasSmallDisks
      ? await NatsServer.onSmallDisk(DISK_LENGTH)
      : await NatsServer.start();
    const toBroker = await Network.to(Number(new URL(broker.url).port));
    const urls = { a: broker.url, b: `nats://127.0.0.1:${toBroker.port}` };
    const gateways = Object.entries(urls).map(([name, nats]) => {
      return new GatewayProcess({ name, nats, window: WINDOW });
    });
    await Promise.all(gateways.map((gateway) => gateway.start()));
    const toGateways = await Promise.all(
      gateways.map(({ port }) => Network.to(port, { plan: 'random', seed })),
    );
    return new Stage(broker, gateways, [...toGateways, toBroker]);
  }

  port(device: number, turn: number): number {
    const at = (device + turn) % this.gateways.length;
    const ways = device % BEHIND_CHOP === 0 ? this.#networks : this.gateways;
    return ways[at]?.port ?? 0;
  }

  get memory(): number {
    return Math.max(...this.gateways.map(({ memory }) => memory));
  }

  async strike(blow: Blow, which: number, length: number): Promise<void> {
    const gateway = this.gateways[which];
    switch (blow) {
      case 'gateway':
        await gateway?.kill();
        return gateway?.start();
      case 'restart':
        await gateway?.kill('SIGTERM');
        return gateway?.start();
      case 'broker':
        return this.#restartBroker();
      case 'freeze':
        this.broker.freeze();
        await pause(length);
        return this.broker.resume();
      case 'stall':
        await Promise.all(this.#networks.map((network) => network.stall(length)));
        return;
      case 'full':
        this.broker.fillDisk();
        await pause(length);
        this.broker.freeDisk();
        return this.#restartBroker();
    }
  }

  async #restartBroker(): Promise<void> {
    await this.broker.kill();
    await this.broker.start();
  }

  async remove(): Promise<void> {
    await Promise.all(this.#networks.map((network) => network.close()));
    await Promise.all(this.gateways.map((gateway) => gateway.remove()));
    await this.broker.remove();
  }
}

function pause(length: number): Promise<void> {
  return new Promise((done) => setTimeout(done, length));
}

/** Runs it all, and looks at the stream afterwards. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const since = performance.now();
  const stage = await Stage.open(options.seed);
  try {
    const played = await play(stage, options);
    const judged = judge(played.fleet, await allStored(stage.broker.url));
    const seconds = Math.round((performance.now() - since) / 1000);
    return { ...judged, blows: played.blows, memory: played.memory, seconds };
  } finally {
    await stage.remove();
  }
}

interface Played {
  readonly fleet: FleetDevice[];
  readonly blows: Record<Blow, number>;
  readonly memory: number;
}

/** Between two blows every device has sent a frame, on average: a slow machine gets as many. */
async function play(stage: Stage, options: ChaosOptions): Promise<Played> {
  const { devices, pace, seed, freeze, tell } = options;
  const random = randomOf(seed);
  const blows: Played['blows'] = {
    gateway: 0,
    broker: 0,
    freeze: 0,
    restart: 0,
    stall: 0,
    full: 0,
  };
  const progress = new Progress();
  let [turn, memory, isOver] = [0, 0, false];
  const running = runFleet(
    {
      size: devices,
      count: 1,
      pace,
      isOver: () => isOver,
      onAcknowledged: () => progress.add(),
    },
    (device) => stage.port(device, turn++),
  );
  for (let blow = 1; blow <= options.blows; blow++) {
    await progress.reached(progress.count + devices);
    memory = Math.max(memory, stage.memory);
    // Every kind comes in turn, so that a short run has each.
    const kind = POSSIBLE_BLOWS[(blow + seed) % POSSIBLE_BLOWS.length] ?? 'gateway';
    blows[kind]++;
    tell(`${blow}/${options.blows}: ${kind}, after ${progress.count} acknowledged frames`);
    await stage.strike(kind, random(stage.gateways.length), freeze);
  }
  await progress.reached(progress.count + devices);
  isOver = true;
  return { fleet: await running, blows, memory };
}

/** A count that can be waited for. */
class Progress {
  count = 0;
  #due = Infinity;
  #reach: () => void = () => undefined;

  add(): void {
    this.count++;
    if (this.count >= this.#due) {
      this.#reach();
    }
  }

  reached(due: number): Promise<void> {
    return new Promise((resolve) => {
      this.#due = due;
      this.#reach = resolve;
    });
  }
}

type Judged = Pick<
  ChaosResult,
  'acknowledged' | 'lost' | 'disordered' | 'duplicates' | 'reconnects'
>;

function judge(
  fleet: readonly FleetDevice[],
  stored: ReadonlyMap<string, readonly (readonly [id: string, text: string])[]>,
): Judged {
  const judged = { acknowledged: 0, lost: 0, disordered: 0, duplicates: 0, reconnects: 0 };
  for (const { id, acknowledged, reconnects } of fleet) {
    const seen = new Set<string>();
    let highest = -1;
    for (const [messageId, text] of stored.get(id) ?? []) {
      const number = Number(text.split(' ')[1]);
      if (seen.has(messageId)) {
        judged.duplicates++;
      } else if (number < highest) {
        judged.disordered++;
      }
      seen.add(messageId);
      highest = Math.max(highest, number);
    }
    judged.acknowledged += acknowledged.length;
    judged.lost += acknowledged.filter((number) => !seen.has(frameOf(id, number))).length;
    judged.reconnects += reconnects;
  }
  return judged;
}
