// `host:port` as people write it.

import { UsageError } from '../errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

function read(text: string): Address | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, bracketed, plain, digits] = match;
  return { host: bracketed ?? (plain || '127.0.0.1'), port: Number(digits) };
}

function isAddress(value: unknown, least: number): value is Address {
  if (typeof value !== 'object' || value === null || !('host' in value && 'port' in value)) {
    return false;
  }
  const { host, port } = value;
  if (typeof host !== 'string' || host === '' || typeof port !== 'number') {
    return false;
  }
  return Number.isInteger(port) && port >= least && port <= 65_535;
}

/**
 * Reads `127.0.0.1:9000`, `:9000` (this machine), `[::1]:9000`. `least` is 0 where any free port will
 * do. Throws UsageError ERR_OPTION, with the name of the option.
 */
export function parseAddress(name: string, given: string | Address, least: 0 | 1): Address {
  const address = typeof given === 'string' ? read(given) : given;
  if (isAddress(address, least)) {
    return address;
  }
  throw new UsageError('ERR_OPTION', `${name}: ${JSON.stringify(given)} is not an address.`, {
    hint: `Give host:port, port ${least} to 65535.`,
  });
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
