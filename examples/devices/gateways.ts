// The gateways of the scene as processes: `unstick-gateway`, with settings in a file as an operator writes them.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stage, StartedProgram } from '../support/stage.ts';

/** The command, seen from this folder. */
const COMMAND = '../../gateway/src/cli/main.ts';
const root = new URL('../../', import.meta.url);

export interface StartedGateway {
  readonly gateway: StartedProgram;
  readonly port: number;
}

/** What must be done before a gateway can start, in one sentence; `undefined` if nothing. */
export function missingForGateways(): string | undefined {
  const needs = {
    'dist/entries/main.js': 'npm run build',
    'gateway/node_modules/@nats-io': 'npm ci --prefix gateway',
  };
  const commands = Object.entries(needs)
    .filter(([path]) => !existsSync(fileURLToPath(new URL(path, root))))
    .map(([, command]) => command);
  return commands.length === 0
    ? undefined
    : `The gateway is a package of its own, which is not ready: ${commands.join(' && ')}`;
}

export interface GatewaySettings {
  readonly name: string;
  /** Port for the trackers. 0 takes a free one. */
  readonly port: number;
  /** URL of the NATS server. */
  readonly nats: string;
  /** Folder for the file with the settings. */
  readonly folder: string;
}

/** Starts a gateway on NATS, and resolves when trackers can connect. */
export function startGateway(
  stage: Stage,
  { name, port, nats, folder }: GatewaySettings,
): Promise<StartedGateway> {
  const settings = {
    frames: 'jtt808',
    listen: `:${port}`,
    node: name,
    bus: { servers: [nats] },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(settings));
  return begin(stage, `gateway ${name}`, ['--config', file]);
}

/** Starts a gateway with the bus in its process. It prints every frame as a JSON line. */
export function startAlone(stage: Stage): Promise<StartedGateway> {
  return begin(stage, 'gateway', ['--frames', 'jtt808', '--listen', ':0']);
}

async function begin(stage: Stage, name: string, args: readonly string[]): Promise<StartedGateway> {
  const gateway = stage.start(COMMAND, args, { name, quiet: true });
  const listening = /"event":"listening","why":"[^"]*:(\d+)"/;
  const [, port] = await gateway.line(listening, { from: 'stderr' });
  stage.say(`  ${name} listens on port ${port}`);
  return { gateway, port: Number(port) };
}
