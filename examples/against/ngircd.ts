// An IRC server, ngircd, that runs on loopback with a configuration of its own.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage, StartedServer } from '../support/stage.ts';
import { until } from './measure.ts';
import { listens } from './sshd.ts';
import { freePort } from '../../test/support/free-port.ts';

const NGIRCD = '/usr/sbin/ngircd';

/** Starts ngircd. Its configuration goes into the folder. */
export async function serveIrc(stage: Stage, folder: string): Promise<StartedServer> {
  const port = await freePort();
  const config = join(folder, 'ngircd.conf');
  writeFileSync(config, configOf(port));
  const server = stage.command(NGIRCD, ['-n', '-f', config], { quiet: true });
  await until(() => listens(port));
  return { server, port };
}

function configOf(port: number): string {
  return `[Global]
Name = irc.local
Info = comparison
Listen = 127.0.0.1
Ports = ${port}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
[Options]
DNS = no
Ident = no
PAM = no
`;
}
