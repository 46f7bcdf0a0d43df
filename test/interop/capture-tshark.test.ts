// The streams that src/capture puts together, against those of Wireshark: all captures of Debian's sources of
// nDPI and Wireshark, byte for byte, gaps included.

import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Capture } from '../../src/capture/capture.ts';
import { captureKind } from '../../src/capture/capture-reader.ts';
import type { CaptureEvent } from '../../src/capture/events.ts';
import { isUnstickError } from '../../src/errors.ts';
import { debianSource, hasDebianSource } from './support/debian-source.ts';
import { findProgram } from './support/software.ts';

const run = promisify(execFile);
const tshark = findProgram('tshark');
const PATTERNS = ['*.pcap', '*.pcapng', '*.cap', '*.pcap.gz', '*.pcapng.gz', '*.ntar'];
/** tshark holds all streams that it follows, so a file with more than these is compared in part. */
const MAX_STREAMS = 400;
const BATCH = 100;

/** Both directions of one stream as text: hex, and each gap with its length. */
interface Stream {
  readonly ends: readonly [string, string];
  readonly sent: [string, string];
}

/** Pair of endpoints in an order that is the same for both programs. */
function pairOf(stream: Stream): string {
  return stream.ends.toSorted().join(' ');
}

function groupBy(streams: Iterable<Stream>): Map<string, Stream[]> {
  const groups = new Map<string, Stream[]>();
  for (const stream of streams) {
    const pair = pairOf(stream);
    groups.set(pair, [...(groups.get(pair) ?? []), stream]);
  }
  return groups;
}

function normalEnd(end: string): string {
  return end.replaceAll(/[[\]]/g, '');
}

async function chunksOf(path: string): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path)) {
    chunks.push(chunk);
  }
  const [first] = chunks;
  if (first === undefined || captureKind(first) !== 'gzip') {
    return chunks;
  }
  const gunzip = createGunzip();
  gunzip.end(Buffer.concat(chunks));
  const plain: Uint8Array[] = [];
  for await (const chunk of gunzip) {
    plain.push(chunk);
  }
  return plain;
}

interface Ours {
  readonly streams: Map<number, Stream>;
  readonly capture: Capture;
  readonly problem: string | undefined;
}

async function followOurs(path: string): Promise<Ours> {
  const streams = new Map<number, Stream>();
  const visit = (event: CaptureEvent): void => {
    const { index, client, server } = event.conversation;
    let stream = streams.get(index);
    if (stream === undefined) {
      stream = { ends: [normalEnd(client), normalEnd(server)], sent: ['', ''] };
      streams.set(index, stream);
    }
    if (event.kind === 'segment') {
      stream.sent[event.direction === 'a>b' ? 0 : 1] += Buffer.from(event.bytes).toString('hex');
    } else if (event.kind === 'gap' && event.why === 'lost') {
      stream.sent[event.direction === 'a>b' ? 0 : 1] += `<${event.length}>`;
    }
  };
  const capture = new Capture(visit);
  let problem: string | undefined;
  try {
    for (const chunk of await chunksOf(path)) {
      capture.push(chunk);
    }
  } catch (error) {
    problem = String(error);
  }
  try {
    capture.end();
  } catch (error) {
    if (!isUnstickError(error)) {
      throw error;
    }
    problem ??= error.message;
  }
  return { streams, capture, problem };
}

const MISSING =
  /5b((?:3\d)+)206279746573206d697373696e6720696e20636170747572652066696c655d(?:00)?/g;

function unhex(digits: string): string {
  return Buffer.from(digits, 'hex').toString();
}

async function followTshark(
  path: string,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, Stream>> {
  const streams = new Map<number, Stream>();
  for (let at = 0; at < numbers.length; at += BATCH) {
    const follow = numbers.slice(at, at + BATCH).flatMap((n) => ['-z', `follow,tcp,raw,${n}`]);
    const { stdout } = await run('tshark', ['-n', '-r', path, '-q', ...follow], {
      maxBuffer: 2 ** 30,
    });
    for (const section of stdout.split(/^=+\n/m)) {
      const [, number = '', one = '', other = '', body = ''] =
        /^Follow: tcp,raw\nFilter: tcp\.stream eq (\d+)\nNode 0: (.*)\nNode 1: (.*)\n([^]*)$/.exec(
          section,
        ) ?? [];
      if (one === '') {
        continue;
      }
      const sent: [string, string] = ['', ''];
      for (const line of body.split('\n')) {
        sent[line.startsWith('\t') ? 1 : 0] += line
          .trim()
          .replaceAll(MISSING, (_, digits: string) => `<${unhex(digits)}>`);
      }
      streams.set(Number(number), { ends: [normalEnd(one), normalEnd(other)], sent });
    }
  }
  // The order of the numbers is that in which the streams begin.
  return new Map([...streams].toSorted(([one], [other]) => one - other));
}

/** What stands around TCP in the packets of each stream, as tshark names it. */
async function protocolsOf(path: string): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const fields = ['tcp.stream', 'frame.protocols'].flatMap((name) => ['-e', name]);
  const words = ['-n', '-r', path, '-Y', 'tcp', '-T', 'fields', '-E', 'occurrence=f', ...fields];
  // tshark fails for a file that ends inside a packet, after it has printed what stands in front of that.
  const { stdout } = await run('tshark', words, { maxBuffer: 2 ** 30 }).catch((error: unknown) => ({
    stdout: String(Object(error).stdout ?? ''),
  }));
  const streams = new Map<number, Set<string>>();
  for (const line of stdout.split('\n')) {
    const [stream = '', protocols = ''] = line.split('\t');
    if (stream !== '') {
      const known = streams.get(Number(stream)) ?? new Set();
      streams.set(Number(stream), known.add(protocols.replace(/:tcp(?::.*)?$/, '')));
    }
  }
  return streams;
}

const TAGS = '(?::vlan:ethertype)*';
const LINKS = `eth:ethertype${TAGS}(?::pppoes:ppp)?|eth:llc|sll:ethertype${TAGS}|sll|null|raw`;
const IPS = '(?::ipv6?(?::ipv6\\.\\w+)*(?::ah)?)+';
const READABLE = new RegExp(`^(?:${LINKS})${IPS}$`);

/** Why a direction may differ, in words; undefined when it may not. */
function explain(ours: string, theirs: string): string | undefined {
  if (ours.startsWith(`${theirs}<`)) {
    return 'tshark stops at a hole that nobody acknowledged';
  }
  if (theirs === `<1>${ours}` || theirs.startsWith(`<1>${ours}`)) {
    return 'tshark takes a keep-alive probe at the start for a lost byte';
  }
  return undefined;
}

/** What was compared, and what differed for which reason. */
class Tally {
  streams = 0;
  bytes = 0;
  readonly explained = new Map<string, number>();
  readonly unexplained: string[] = [];

  add(name: string, theirs: Stream, ours: Stream | undefined, around: ReadonlySet<string>): void {
    this.streams++;
    if (ours === undefined) {
      const isReadable = [...around].some((protocols) => READABLE.test(protocols));
      this.#differ(
        isReadable ? undefined : 'a tunnel or a link layer that is not read',
        `${name} ${theirs.ends.join(' ')} is missing: ${[...around].join(' ')}`,
      );
      return;
    }
    const sent = ours.ends[0] === theirs.ends[0] ? ours.sent : ours.sent.toReversed();
    for (const [i, their = ''] of theirs.sent.entries()) {
      const own = sent[i] ?? '';
      this.bytes += their.length / 2;
      if (own !== their) {
        const at = Array.from(their).findIndex((digit, index) => digit !== own[index]);
        const from = Math.max(0, (at === -1 ? their.length : at) - 8);
        const text = `${name} ${theirs.ends.join(' ')} at ${from}: ${own.slice(from, from + 60)} | ${their.slice(from, from + 60)}`;
        this.#differ(explain(own, their), text);
      }
    }
  }

  #differ(why: string | undefined, text: string): void {
    if (why === undefined) {
      this.unexplained.push(text);
    } else {
      this.explained.set(why, (this.explained.get(why) ?? 0) + 1);
    }
  }
}

async function compare(path: string, tally: Tally): Promise<void> {
  const { streams } = await followOurs(path);
  const around = await protocolsOf(path);
  const numbers = [...around.keys()].slice(0, MAX_STREAMS);
  const theirs = await followTshark(path, numbers);
  const byPair = groupBy(streams.values());
  for (const [number, stream] of theirs) {
    const mine = byPair.get(pairOf(stream))?.shift();
    tally.add(basename(path), stream, mine, around.get(number) ?? new Set());
  }
}

describe.skipIf(tshark === undefined || !hasDebianSource)('captures, read by tshark', () => {
  test('give the same streams', async () => {
    const paths = [
      ...(await debianSource('ndpi', PATTERNS)),
      ...(await debianSource('wireshark', PATTERNS)),
    ];
    const tally = new Tally();
    for (const path of paths) {
      await compare(path, tally);
    }
    const { streams, bytes, explained, unexplained } = tally;
    console.log(`${paths.length} captures, ${streams} streams, ${bytes} bytes compared`);
    console.log(`explained: ${JSON.stringify(Object.fromEntries(explained))}`);
    expect(unexplained).toEqual([]);
    expect(paths.length).toBeGreaterThan(200);
    expect(streams).toBeGreaterThan(1000);
  }, 1_800_000);
});
