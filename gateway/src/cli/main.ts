#!/usr/bin/env node
// unstick-gateway runs a gateway as a process. Frames, if they are printed, go to standard output and the log
// to standard error, both as JSON Lines. SIGTERM and SIGINT make it drain, and a second signal ends it at
// once.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Codec } from 'unstick';
import { isUnstickError } from 'unstick';
import { framing, parseFraming } from 'unstick/formats';
import type { Framing } from 'unstick/formats';
import { BusError } from '../bus.ts';
import type { Bus } from '../bus.ts';
import { gateway } from '../gateway.ts';
import type { Gateway } from '../gateway.ts';
import { serveHealth } from '../health.ts';
import type { HealthServer } from '../health.ts';
import { reasonOf } from '../log.ts';
import { memory } from '../memory.ts';
import { deviceOf } from './device.ts';
import { printFrames } from './print.ts';
import { SettingsError, settingsOf, settingsOfFlags } from './settings.ts';
import type { Place, Settings } from './settings.ts';

const HELP = `Usage: unstick-gateway --config FILE
       unstick-gateway --frames FORMAT --listen [HOST]:PORT [--device DEVICE] [--health [HOST]:PORT]

Publishes what framed devices send on a message bus: at least once, in order per device, acknowledged to the
device only after the bus has it. Without --config the bus is in this process, and frames are printed.

  --config FILE           settings as JSON; README.md has the table
  --frames FORMAT         NAME (docs/formats.md), a prefix such as u32be, TYPE@OFFSET+N such as u16be@4+6,
                          JSON, or @FILE
  --listen [HOST]:PORT    where devices connect; without a host only from this machine
  --device DEVICE         who a device is: jtt808, certificate, address, or a JavaScript file
                          (default: jtt808 for those frames, otherwise address)
  --health [HOST]:PORT    where /health and /metrics are (default: a free port of this machine)
  --help                  print this

Exit code: 0 ended by a signal, 1 the bus refuses this node or a port is taken, 2 wrong usage, 130 ended at once.
`;

const EXITS = { failed: 1, usage: 2, interrupted: 130 } as const;

/** The port of `health` cannot be opened. */
class HealthError extends Error {
  override readonly name = 'HealthError';
}

function isUsage(error: unknown): boolean {
  const isOption = isUnstickError(error) && error.code === 'ERR_OPTION';
  const isArgument = error instanceof TypeError || error instanceof RangeError;
  return error instanceof SettingsError || isOption || isArgument;
}

function writeLog(line: object): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

function writeFrame(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Reads the settings. Returns `undefined` if help was asked for. */
function readSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      frames: { type: 'string' },
      listen: { type: 'string' },
      device: { type: 'string' },
      health: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const { config, help, ...flags } = values;
  if (help === true) {
    return undefined;
  }
  if (config === undefined) {
    return settingsOfFlags(flags);
  }
  if (Object.keys(flags).length > 0) {
    throw new SettingsError('With --config everything stands in the file: leave out other flags.');
  }
  return settingsOf(config);
}

/** Makes the bus. The client of NATS is loaded only if the settings need it. */
async function busOf({ bus }: Settings): Promise<Bus> {
  if (bus === undefined) {
    return memory();
  }
  const { jetStream } = await import('../jetstream/index.ts');
  return jetStream(bus);
}

function tlsOf({ tls }: Settings): object {
  if (tls === undefined) {
    return {};
  }
  try {
    const [key, cert] = [readFileSync(tls.key), readFileSync(tls.cert)];
    const clients = tls.ca === undefined ? {} : { ca: readFileSync(tls.ca), requestCert: true };
    return { tls: { key, cert, ...clients } };
  } catch (error) {
    throw new SettingsError(`A file of tls cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function open(settings: Settings, bus: Bus): Promise<Gateway> {
  const description: Framing = parseFraming(settings.frames, 'frames', (path) =>
    readFileSync(path, 'utf8'),
  );
  const isPrinting = settings.print ?? settings.bus === undefined;
  // The cast is needed because the type of the codec's values is known only when this runs.
  const codec = framing(description) as unknown as Codec<unknown, unknown>;
  const device = await deviceOf(settings.device, settings.frames);
  if (isPrinting) {
    writeFrame({ kind: 'source', version: 1, pieces: 'chunks', framing: settings.frames });
  }
  return gateway({
    ...device,
    ...settings.limits,
    codec,
    bus,
    listen: { ...settings.listen, ...tlsOf(settings) },
    node: settings.node,
    log: writeLog,
    onConnection: (connection) => {
      if (isPrinting) {
        printFrames(connection, description, writeFrame);
      }
    },
  });
}

/** Drains at the first signal. The process then ends by itself, when nothing is open any more. */
function drainOnSignal(devices: Gateway, bus: Bus, within: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let isDraining = false;
    const drain = (): void => {
      if (isDraining) {
        process.exit(EXITS.interrupted);
      }
      isDraining = true;
      devices
        .close({ within })
        .then(() => bus.close())
        .then(resolve, reject);
    };
    process.on('SIGTERM', drain).on('SIGINT', drain);
  });
}

async function openHealth(devices: Gateway, { host, port }: Place): Promise<HealthServer> {
  try {
    return await serveHealth(devices, { host, port });
  } catch (error) {
    throw new HealthError(`health cannot listen on ${host}:${port}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function run(settings: Settings): Promise<void> {
  const bus = await busOf(settings);
  const devices = await open(settings, bus);
  const drained = drainOnSignal(devices, bus, settings.drain);
  let health: HealthServer | undefined;
  try {
    health = await openHealth(devices, settings.health);
    const why = `http://${health.address}/health and /metrics`;
    writeLog({ time: new Date().toISOString(), level: 'info', event: 'health', why });
    await Promise.race([devices.ready, drained]);
    await drained;
  } catch (error) {
    // Without this the open port would keep the process alive.
    await devices.close({ within: settings.drain });
    throw error;
  } finally {
    await health?.close();
    await bus.close();
  }
}

// `unstick-gateway … | head` closes the pipe early. That is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

try {
  const settings = readSettings();
  if (settings === undefined) {
    process.stdout.write(HELP);
  } else {
    await run(settings);
  }
} catch (error) {
  const isKnown =
    isUsage(error) ||
    isUnstickError(error) ||
    error instanceof BusError ||
    error instanceof HealthError;
  if (!isKnown && !(error instanceof Error && 'code' in error)) {
    throw error;
  }
  process.stderr.write(`unstick-gateway: ${reasonOf(error)}\n`);
  process.exitCode = isUsage(error) ? EXITS.usage : EXITS.failed;
}
