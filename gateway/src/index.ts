// `@unstick/gateway`.

export { gateway } from './gateway.ts';
export { serveHealth } from './health.ts';
export { memory } from './memory.ts';
export { BUS_ERRORS, BusError } from './bus.ts';
export { COUNTERS, GAUGES } from './counters.ts';
export { systemClock } from './clock.ts';
export { isDeviceId } from './device-id.ts';
export { jtt808 } from './devices/jtt808.ts';
export type { Jtt808 } from './devices/jtt808.ts';
export { addressName, certificateName } from './devices/by-connection.ts';
export type { DrainOptions, Gateway, Health } from './gateway.ts';
export type { HealthOptions, HealthServer } from './health.ts';
export type { DeviceProtocol, GatewayOptions, ListenOptions } from './options.ts';
export type { MemoryBus, MemoryOptions, StoredMessage, UpListener } from './memory.ts';
export type {
  Bus,
  BusErrorCode,
  BusHost,
  Claim,
  CommandOptions,
  Holder,
  Outcome,
  OutcomeName,
  UpMessage,
} from './bus.ts';
export type { CounterName, GaugeName, Gauges } from './counters.ts';
export type { Clock } from './clock.ts';
export type { EventName, Level, LogLine } from './log.ts';
