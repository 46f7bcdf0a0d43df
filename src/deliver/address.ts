// Reads addresses in the form `host:port`, as people write them.

import { checkNames, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';

/** Host and port of a TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const MAX_PORT = 65_535;
const ADDRESS_NAMES = { host: true, port: true } satisfies OptionNames<Address>;

function read(text: string): Address | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,9})$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, bracketed, plain, digits] = match;
  return { host: bracketed ?? (plain || '127.0.0.1'), port: Number(digits) };
}

/**
 * Reads `localhost:9000`, `[::1]:9000` or `:9000` (127.0.0.1), or checks an Address. `least` is the smallest
 * port; 0 means that the system may choose a free port. Throws UsageError ERR_OPTION; `name` is the name of
 * the option in the message.
 */
export function parseAddress(name: string, given: string | Address, least: 0 | 1): Address {
  const address = typeof given === 'string' ? read(given) : given;
  if (typeof address !== 'object' || address === null) {
    return refuseValue(name, 'an address such as host:port', given);
  }
  checkNames(name, address, ADDRESS_NAMES);
  const { host, port } = address;
  if (typeof host !== 'string' || host === '') {
    return refuseValue(`${name}: host`, 'a name or an address', host);
  }
  return { host, port: whole(`${name}: port`, port, { min: least, max: MAX_PORT }) };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
