// The counters of a gateway, and the text that Prometheus reads. The names form a table, so a counter without
// a description does not compile.

/** Descriptions of the numbers that only grow. */
export const COUNTERS = {
  connectionsAccepted: 'Connections that were accepted.',
  connectionsOverAddressLimit: 'Connections reset because their address had too many.',
  connectionsUnidentified: 'Connections ended because they named no device in time.',
  identitiesRefused:
    'Connections ended because of a first frame without an id, an id that is none, or that of another device.',
  connectionsTakenOver: 'Connections ended because the same device connected again.',
  connectionsBroken: 'Connections that ended with an error, such as bytes that are no frame.',
  framesReceived: 'Frames that devices sent.',
  framesStored: 'Frames that the bus has.',
  framesAcknowledged: 'Frames whose acknowledgement was sent to the device.',
  framesDropped: 'Frames that were read and neither stored nor acknowledged.',
  framesTooLarge: 'Frames that are longer than the bus takes.',
  busRetries: 'Times that a device went back to its first frame that was not stored.',
  commandsAnswered: 'Commands that the device answered.',
  commandsSent: 'Commands that were sent and have no answer.',
  commandsNotSent: 'Commands that were not sent: device gone, busy, not encodable, or too late.',
  commandsUnknown: 'Commands that may have reached the device, without an answer in time.',
} as const;

export type CounterName = keyof typeof COUNTERS;

/** Descriptions of the numbers that rise and fall. */
export const GAUGES = {
  connections: 'Open connections.',
  devices: 'Devices that this node holds.',
  framesInFlight: 'Frames that were read and not yet acknowledged.',
  busUp: 'Whether the bus is in reach: 1 or 0.',
} as const;

export type GaugeName = keyof typeof GAUGES;

// The casts are safe: the keys of a table are its names.
const COUNTER_NAMES = Object.keys(COUNTERS) as CounterName[];
const GAUGE_NAMES = Object.keys(GAUGES) as GaugeName[];

export type Gauges = Readonly<Record<GaugeName, number>>;

/** The counters of one gateway. */
export class Counters {
  readonly #counts = new Map<CounterName, number>();

  add(name: CounterName, count = 1): void {
    this.#counts.set(name, this.of(name) + count);
  }

  of(name: CounterName): number {
    return this.#counts.get(name) ?? 0;
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

interface Metric {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly value: number;
}

function entryOf({ kind, name, help, value }: Metric): string {
  const metric = `unstick_gateway_${snakeCase(name)}${kind === 'counter' ? '_total' : ''}`;
  return `# HELP ${metric} ${help}\n# TYPE ${metric} ${kind}\n${metric} ${value}\n`;
}

/** Returns the counters and gauges in the text format of Prometheus, version 0.0.4. */
export function prometheusText(counters: Counters, gauges: Gauges): string {
  const metrics: Metric[] = [
    ...COUNTER_NAMES.map(
      (name) =>
        ({ kind: 'counter', name, help: COUNTERS[name], value: counters.of(name) }) as const,
    ),
    ...GAUGE_NAMES.map(
      (name) => ({ kind: 'gauge', name, help: GAUGES[name], value: gauges[name] }) as const,
    ),
  ];
  return metrics.map(entryOf).join('');
}
