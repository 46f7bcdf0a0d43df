// Writes endpoints (an address and a port) as text, in the way people write them.

/** Writes an endpoint as `10.0.0.1:80` or `[2001:db8::1]:80`. */
export function endpointText(address: Uint8Array, port: number): string {
  return address.length === 4 ? `${address.join('.')}:${port}` : `[${ipv6Text(address)}]:${port}`;
}

/**
 * Writes an IPv6 address. `::` stands for the longest run of zero groups, and for the first of several
 * equally long runs (RFC 5952).
 */
function ipv6Text(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => {
    return ((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0);
  });
  let start = 0;
  let length = 1;
  for (let i = 0; i < groups.length; i++) {
    const next = groups.findIndex((group, at) => at >= i && group !== 0);
    const run = (next === -1 ? groups.length : next) - i;
    if (run > length) {
      start = i;
      length = run;
    }
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return length > 1 ? `${text(0, start)}::${text(start + length, 8)}` : text(0, 8);
}
