// Conversations that the evaluation records itself, of servers and clients of Debian's packages.
//
// The truth does not come from the guess or from a label: the framing of the protocol must explain each direction
// of each recorded conversation, from its handshake up to its last byte. If it does not, the protocol is a problem
// that is printed.

import { ROWS } from '../../src/codec/formats/formats.ts';
import type { Framing } from '../../src/codec/formats/framing-types.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { StreamCollector } from '../../src/guess/collect.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { readCapture } from '../../test/interop/support/captures.ts';
import { MAX_BYTES, MIN_FRAMES, contentOf, spreadCases } from './cases.ts';
import type { Case, KnownStream } from './cases.ts';
import { endsOf } from './frames.ts';
import { formatsLike } from './protocols.ts';
import type { Protocol } from './protocols.ts';
import type { Handshake, Named, RecordedProtocol } from './recorded/protocol.ts';
import { missingPackages, recordingOf } from './recorded/record.ts';
import { RECORDED } from './recorded/table.ts';

/** Minimum number of different conversations of a protocol. */
const MIN_CASES = 3;
/** Maximum number of bytes of a direction in a recording. All are checked, and the first MAX_BYTES are judged. */
const MAX_RECORDED = 1 << 28;

/**
 * At most `most` recorded conversations of each protocol. `complain` hears of each protocol that could not be
 * recorded, or whose framing does not explain what was recorded.
 */
export async function recordedCases(
  complain: (problem: string) => void,
  most?: number,
): Promise<readonly Case[]> {
  const missing = await missingPackages(RECORDED);
  if (missing.length > 0) {
    throw new Error(
      `The recorded conversations need packages that are not installed: apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
  const all: Case[] = [];
  for (const one of RECORDED) {
    try {
      all.push(...(await casesOf(one)));
    } catch (error) {
      complain(`${one.name}: ${String(error)}`);
    }
  }
  return spreadCases(all, most);
}

async function casesOf(recorded: RecordedProtocol): Promise<Case[]> {
  const protocol = protocolOf(recorded);
  const collector = new StreamCollector(MAX_RECORDED);
  const { problem } = await readCapture(await recordingOf(recorded), collector.add);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  const cases = new Map<string, Case>();
  collector.collected().forEach(({ streams }, i) => {
    const known = streams.map((stream) => knownOf(stream, recorded));
    const one = { name: `${protocol.name} ${i}`, protocol, streams: known.map(frontOf) };
    if (known.reduce((sum, { frames }) => sum + frames.length, 0) >= MIN_FRAMES) {
      cases.set(contentOf(one), one);
    }
  });
  if (cases.size < MIN_CASES) {
    throw new Error(`${cases.size} different conversations with at least ${MIN_FRAMES} frames`);
  }
  return [...cases.values()];
}

function framingOf(given: Named): Framing {
  return typeof given === 'string' ? ROWS[given] : given;
}

function protocolOf({ name, framing, behind = {} }: RecordedProtocol): Protocol {
  const handshakes = [behind.client, behind.server].flatMap((one) =>
    typeof one === 'object' ? one.framing : [],
  );
  const unknown = [framing, ...handshakes].flatMap((one) => [
    ...(typeof one === 'string' ? [one] : []),
    ...formatsLike(framingOf(one)),
  ]);
  return {
    name,
    labels: [],
    framing: framingOf(framing),
    unknown: [...new Set(unknown)],
    half: 'new',
  };
}

/** The frames of a direction. Throws unless they explain each byte behind the handshake. */
function knownOf(stream: GuessStream, { framing, behind = {} }: RecordedProtocol): KnownStream {
  const { bytes, direction } = stream;
  const from = endOf(direction === 'a>b' ? behind.client : behind.server, bytes);
  const { frames } = endsOf(spotsOf(framingOf(framing)), bytes, from);
  if (frames.at(-1) !== bytes.length) {
    throw new Error(
      `the framing explains ${frames.at(-1) ?? from} of the ${bytes.length} bytes ${direction}`,
    );
  }
  return { ...stream, from, frames };
}

/** Where a handshake ends. */
function endOf(handshake: Handshake = 0, bytes: Uint8Array): number {
  if (typeof handshake === 'number') {
    return handshake;
  }
  const { frames } = endsOf(spotsOf(framingOf(handshake.framing)), bytes, 0);
  return frames[handshake.frames - 1] ?? bytes.length;
}

/** The part of a stream that is judged. */
function frontOf(stream: KnownStream): KnownStream {
  const bytes = stream.bytes.subarray(0, MAX_BYTES);
  const isInside = (end: number): boolean => end <= bytes.length;
  const ends = stream.ends?.filter(isInside);
  return { ...stream, bytes, ends, frames: stream.frames.filter(isInside) };
}
