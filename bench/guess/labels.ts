// What tshark calls the TCP conversations of a capture. Its answers are kept beside the captures, since asking
// for all of them takes a minute.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FIELDS = [
  'tcp.stream',
  'ip.src',
  'ipv6.src',
  'tcp.srcport',
  'ip.dst',
  'ipv6.dst',
  'tcp.dstport',
];

/** One conversation as tshark sees it. */
export interface Labelled {
  /** The two endpoints, in the order of the alphabet. */
  readonly endpoints: string;
  /** Names of the layers above TCP. */
  readonly layers: readonly string[];
}

/** The conversations of each capture that have bytes, in the order of their first ones. */
export async function labelsOf(
  paths: readonly string[],
): Promise<Map<string, readonly Labelled[]>> {
  const key = createHash('sha256').update(paths.join('\n')).digest('hex').slice(0, 16);
  const kept = join(tmpdir(), 'unstick-debian-source', `labels-${key}.json`);
  if (existsSync(kept)) {
    const known: [string, Labelled[]][] = JSON.parse(readFileSync(kept, 'utf8'));
    return new Map(known);
  }
  const all = new Map<string, readonly Labelled[]>();
  for (const path of paths) {
    all.set(path, await labelsIn(path));
  }
  writeFileSync(kept, JSON.stringify([...all]));
  return all;
}

async function labelsIn(path: string): Promise<Labelled[]> {
  const words = ['-r', path, '-Y', 'tcp.len>0', '-T', 'fields', '-E', 'occurrence=l'];
  const fields = [...FIELDS, 'frame.protocols'].flatMap((field) => ['-e', field]);
  // tshark ends with an error for a capture that is cut off, and prints what it has read.
  const { stdout } = await run('tshark', [...words, ...fields], { maxBuffer: 1 << 28 }).catch(
    (error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  );
  const streams = new Map<string, { endpoints: string; layers: Set<string> }>();
  for (const line of stdout.split('\n')) {
    const [stream = '', ip4, ip6, port, ip4to, ip6to, portTo, protocols = ''] = line.split('\t');
    if (stream !== '') {
      const endpoints = [endpoint(ip4, ip6, port), endpoint(ip4to, ip6to, portTo)];
      const entry = streams.get(stream) ?? { endpoints: keyOf(endpoints), layers: new Set() };
      streams.set(stream, entry);
      const above = protocols.slice(protocols.lastIndexOf(':tcp') + 5).split(':');
      above.filter(Boolean).forEach((layer) => entry.layers.add(layer));
    }
  }
  return [...streams.values()].map(({ endpoints, layers }) => ({ endpoints, layers: [...layers] }));
}

function endpoint(ip4 = '', ip6 = '', port = ''): string {
  return ip4 === '' ? `[${ip6}]:${port}` : `${ip4}:${port}`;
}

/** The key of two endpoints, whoever connected. */
export function keyOf(endpoints: readonly string[]): string {
  return endpoints.toSorted().join(' ');
}
