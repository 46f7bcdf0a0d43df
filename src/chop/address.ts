// `host:port` as people write it.

import { UsageError } from '../errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:9000`, `:9000` (this machine), `[::1]:9000`. `least` is 0 where any free port will do. */
export function parseAddress(name: string, given: string | Address, least: 0 | 1): Address {
  const match =
    typeof given === 'string' ? /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(given) : null;
  const [, bracketed, plain, digits = '-1'] = match ?? [];
  const address =
    typeof given === 'string'
      ? { host: bracketed ?? (plain || '127.0.0.1'), port: Number(digits) }
      : given;
  const { port } = address;
  if (!Number.isInteger(port) || port < least || port > 65_535) {
    throw new UsageError('ERR_OPTION', `${name}: ${JSON.stringify(given)} is not an address.`, {
      hint: `Give host:port, port ${least} to 65535.`,
    });
  }
  return address;
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
