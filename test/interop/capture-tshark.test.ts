// The streams that src/capture puts together, against those of Wireshark: all captures of Debian's sources of
// nDPI and Wireshark, byte for byte, gaps included. UNSTICK_WHOLE=1 takes all of them, and not a sample.

import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { sampled, sampleName } from '../support/sample.ts';
import { capturePaths, readCapture } from './support/captures.ts';
import { hasDebianSource } from './support/debian-source.ts';
import { findProgram } from './support/software.ts';

const run = promisify(execFile);
const tshark = findProgram('tshark');
/** tshark holds all streams that it follows, so a file with more than these is compared in part. */
const MAX_STREAMS = 400;
const BATCH = 100;
/** All captures take minutes. */
const CAPTURES_PER_SAMPLE = 8;

/** Both directions of one stream as text: hex, and each gap with its length. */
interface Stream {
  readonly isMidStream: boolean;
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

async function followOurs(path: string): Promise<ReadonlyMap<number, Stream>> {
  const streams = new Map<number, Stream>();
  await readCapture(path, (event) => {
    const { index, client, server, isMidStream } = event.conversation;
    let stream = streams.get(index);
    if (stream === undefined) {
      stream = { isMidStream, ends: [normalEnd(client), normalEnd(server)], sent: ['', ''] };
      streams.set(index, stream);
    }
    if (event.kind === 'segment') {
      stream.sent[event.direction === 'a>b' ? 0 : 1] += Buffer.from(event.bytes).toString('hex');
    } else if (event.kind === 'gap' && event.why === 'lost') {
      stream.sent[event.direction === 'a>b' ? 0 : 1] += `<${event.length}>`;
    }
  });
  return streams;
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
      streams.set(Number(number), {
        isMidStream: false,
        ends: [normalEnd(one), normalEnd(other)],
        sent,
      });
    }
  }
  // The order of the numbers is that in which the streams begin.
  return new Map([...streams].toSorted(([one], [other]) => one - other));
}

/** What tshark says of the packets of one stream. */
interface Packets {
  /** What stands around TCP. */
  readonly around: Set<string>;
  /** Sequence numbers of packets with SYN, and of those that are answers. */
  readonly openings: Set<string>;
  readonly answers: Set<string>;
}

async function packetsOf(path: string): Promise<ReadonlyMap<number, Packets>> {
  const names = ['tcp.stream', 'frame.protocols', 'tcp.flags', 'tcp.seq_raw'];
  const fields = names.flatMap((name) => ['-e', name]);
  const words = ['-n', '-r', path, '-Y', 'tcp', '-T', 'fields', '-E', 'occurrence=f', ...fields];
  // tshark fails for a file that ends inside a packet, after it has printed what stands in front of that.
  const { stdout } = await run('tshark', words, { maxBuffer: 2 ** 30 }).catch((error: unknown) => ({
    stdout: String(Object(error).stdout ?? ''),
  }));
  const streams = new Map<number, Packets>();
  for (const line of stdout.split('\n')) {
    const [stream = '', protocols = '', flags = '', sequence = ''] = line.split('\t');
    if (stream === '') {
      continue;
    }
    const known = streams.get(Number(stream)) ?? {
      around: new Set(),
      openings: new Set(),
      answers: new Set(),
    };
    streams.set(Number(stream), known);
    known.around.add(protocols.replace(/:tcp(?::.*)?$/, ''));
    if ((Number(flags) & SYN) !== 0) {
      known.openings.add(sequence);
    }
    if ((Number(flags) & SYN_ACK) === SYN_ACK) {
      known.answers.add(sequence);
    }
  }
  return streams;
}

const SYN = 0x02;
const SYN_ACK = 0x12;

const TAGS = '(?::vlan:ethertype)*';
const LINKS = `eth:ethertype${TAGS}(?::pppoes:ppp)?|eth:llc|sll:ethertype${TAGS}|sll|null|raw`;
const IPS = '(?::ipv6?(?::ipv6\\.\\w+)*(?::ah)?)+';
const READABLE = new RegExp(`^(?:${LINKS})${IPS}$`);

const PROBE = 'tshark takes a keep-alive probe at the start for a lost byte';
const HOLE = 'tshark stops at a hole that nobody acknowledged';

/** Why a direction may differ, in words; undefined when it may not. */
function explain(ours: string, theirs: string, isMidStream: boolean): string | undefined {
  if (theirs.startsWith('<1>') && isMidStream) {
    const rest = theirs.slice(3);
    return rest === ours ? PROBE : explain(ours, rest, false) && PROBE;
  }
  if (ours.startsWith(`${theirs}<`)) {
    return HOLE;
  }
  return theirs === '' && isMidStream ? `${PROBE}, and ${HOLE}` : undefined;
}

function withoutGaps(streams: readonly Stream[], end: string): string {
  const sent = streams.map(({ ends, sent: [one, other] }) => (ends[0] === end ? one : other));
  return sent.join('').replaceAll(/<\d+>/g, '');
}

/** All streams between two endpoints. */
interface Pair {
  readonly ours: readonly Stream[];
  readonly theirs: readonly Stream[];
}

/** What was compared, and what differed for which reason. */
class Tally {
  streams = 0;
  bytes = 0;
  readonly explained = new Map<string, number>();
  readonly unexplained: string[] = [];

  add(
    name: string,
    theirs: Stream,
    ours: Stream | undefined,
    { around, openings, answers, pair }: Packets & { readonly pair: Pair },
  ): void {
    this.streams++;
    if (ours === undefined) {
      const isReadable = [...around].some((protocols) => READABLE.test(protocols));
      this.#differ(
        isReadable
          ? this.#bounds(pair, openings.size)
          : 'a tunnel or a link layer that is not read',
        `${name} ${theirs.ends.join(' ')} is missing: ${[...around].join(' ')}`,
      );
      return;
    }
    const sent = ours.ends[0] === theirs.ends[0] ? ours.sent : ours.sent.toReversed();
    for (const [i, their = ''] of theirs.sent.entries()) {
      const own = sent[i] ?? '';
      this.bytes += their.replaceAll(/<\d+>/g, '').length / 2;
      if (own !== their) {
        const at = Array.from(their).findIndex((digit, index) => digit !== own[index]);
        const from = Math.max(0, (at === -1 ? their.length : at) - 8);
        const text = `${name} ${theirs.ends.join(' ')} at ${from}: ${own.slice(from, from + 60)} | ${their.slice(from, from + 60)}`;
        const isAnsweredTwice = answers.size > 1 && their === '';
        this.#differ(
          isAnsweredTwice
            ? 'tshark follows the last of two answers to a SYN'
            : (explain(own, their, ours.isMidStream) ?? this.#bounds(pair, openings.size)),
          text,
        );
      }
    }
  }

  /** The same bytes between two endpoints, in other connections: where ports are used again without a SYN. */
  #bounds({ ours, theirs }: Pair, openings: number): string | undefined {
    if (ours.length > theirs.length && openings > (ours[0]?.isMidStream === true ? 0 : 1)) {
      return 'tshark joins connections that a SYN separates';
    }
    const ends = theirs[0]?.ends ?? [];
    const isSame = ends.every((end) => withoutGaps(ours, end) === withoutGaps(theirs, end));
    return isSame && ours.length !== theirs.length
      ? 'tshark sees another connection where ports are used again, or a dissector says so'
      : undefined;
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
  const streams = await followOurs(path);
  const packets = await packetsOf(path);
  const numbers = [...packets.keys()].slice(0, MAX_STREAMS);
  const theirs = await followTshark(path, numbers);
  const oursByPair = groupBy(streams.values());
  const theirsByPair = groupBy(theirs.values());
  for (const [number, stream] of theirs) {
    const name = pairOf(stream);
    const pair = { ours: oursByPair.get(name) ?? [], theirs: theirsByPair.get(name) ?? [] };
    const mine = pair.ours[pair.theirs.indexOf(stream)];
    const about = packets.get(number) ?? {
      around: new Set(),
      openings: new Set(),
      answers: new Set(),
    };
    tally.add(basename(path), stream, mine, { ...about, pair });
  }
}

describe.skipIf(tshark === undefined || !hasDebianSource)('captures, read by tshark', () => {
  test(`give the same streams: ${sampleName}`, async () => {
    const paths = await capturePaths();
    const tally = new Tally();
    const chosen = sampled(paths, CAPTURES_PER_SAMPLE);
    for (const path of chosen) {
      await compare(path, tally);
    }
    const { streams, bytes, explained, unexplained } = tally;
    console.log(`${chosen.length} captures, ${streams} streams, ${bytes} bytes compared`);
    console.log(`explained: ${JSON.stringify(Object.fromEntries(explained))}`);
    expect(unexplained).toEqual([]);
    expect(paths.length).toBeGreaterThan(200);
    expect(streams).toBeGreaterThan(chosen.length);
  }, 1_800_000);
});
