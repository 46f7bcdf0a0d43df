// Tells loopback addresses from others: without TLS, only addresses of this machine may be used.

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
 * The address of a host. Without TLS, all addresses of the name must be loopback addresses. The name is
 * looked up only here, so that it cannot mean another address a moment later.
 */
export async function resolveHost(host: string, secure: boolean): Promise<string> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const [first] = found;
  if (first === undefined) {
    throw new Trouble(`${host}: there is no such host.`);
  }
  if (!secure && !found.every(({ address }) => isLoopback(address))) {
    throw new Trouble(
      `${host} is not this machine, and without TLS others could read commands and their output. ` +
        'Use TLS: serve with --tls-cert and --tls-key, the client with --tls-ca.',
    );
  }
  return first.address;
}
