// A fleet of devices against two gateways and a broker, any of which dies or hangs again and again. Afterwards
// the stream must have every frame that was acknowledged, in the order of its device.
//
//   device ──chop, random cuts──▶ gateway a ──▶ nats-server          a third of the devices behind chop;
//   device ─────────────────────▶ gateway b ──▶                      each reconnect goes to the other gateway

import { chop } from 'unstick/testing';
import type { ChopProxy } from 'unstick/testing';
import { frameOf, runFleet } from '../test/support/fleet.ts';
import type { FleetDevice } from '../test/support/fleet.ts';
import { allStored } from '../test/support/nats-fixture.ts';
import { NatsServer } from '../test/support/nats-server.ts';
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
  /** Time in ms for which a frozen broker hangs. */
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

/** What can happen: a gateway is killed, the broker is killed, the broker hangs, a gateway is restarted. */
const BLOWS = ['gateway', 'broker', 'freeze', 'restart'] as const;
type Blow = (typeof BLOWS)[number];

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

/** The processes, and what is done to them. */
class Stage {
  readonly broker: NatsServer;
  readonly gateways: readonly GatewayProcess[];
  readonly #proxies: ChopProxy[] = [];

  private constructor(broker: NatsServer) {
    this.broker = broker;
    this.gateways = ['a', 'b'].map((name) => {
      return new GatewayProcess({ name, nats: broker.url, window: WINDOW });
    });
  }

  static async open(seed: number): Promise<Stage> {
    const stage = new Stage(await NatsServer.start());
    await Promise.all(stage.gateways.map((gateway) => gateway.start()));
    for (const { port } of stage.gateways) {
      const to = `127.0.0.1:${port}`;
      stage.#proxies.push(await chop({ listen: '127.0.0.1:0', to, plan: 'random', seed }));
    }
    return stage;
  }

  port(device: number, turn: number): number {
    const at = (device + turn) % this.gateways.length;
    const ways = device % BEHIND_CHOP === 0 ? this.#proxies : this.gateways;
    return ways[at]?.port ?? 0;
  }

  get memory(): number {
    return Math.max(...this.gateways.map(({ memory }) => memory));
  }

  async strike(blow: Blow, which: number, freeze: number): Promise<void> {
    const gateway = this.gateways[which];
    switch (blow) {
      case 'gateway':
        await gateway?.kill();
        return gateway?.start();
      case 'restart':
        await gateway?.kill('SIGTERM');
        return gateway?.start();
      case 'broker':
        await this.broker.kill();
        return this.broker.start();
      case 'freeze':
        this.broker.freeze();
        await new Promise((done) => setTimeout(done, freeze));
        return this.broker.resume();
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await Promise.all(this.gateways.map((gateway) => gateway.remove()));
    await this.broker.remove();
  }
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
  const blows: Played['blows'] = { gateway: 0, broker: 0, freeze: 0, restart: 0 };
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
    const kind = BLOWS[(blow + seed) % BLOWS.length] ?? 'gateway';
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
