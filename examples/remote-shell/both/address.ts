// Only addresses of this machine may be used without TLS.

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { Trouble } from './trouble.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The address of a host. Without TLS, every address of the name must be one of this machine. The name is
 * looked up once, here, so that it cannot mean something else a moment later.
 */
export async function resolveHost(host: string, secure: boolean): Promise<string> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const [first] = found;
  if (first === undefined) {
    throw new Trouble(`${host}: there is no such host.`);
  }
  if (!secure && !found.every(({ address }) => isLoopback(address))) {
    throw new Trouble(
      `${host} is not this machine: commands and their output would cross the network readable. ` +
        'Use TLS: serve with --tls-cert and --tls-key, the client with --tls-ca.',
    );
  }
  return first.address;
}
