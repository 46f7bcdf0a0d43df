// Long good streams: frames that fill the largest chunk of a socket, and chunks that seldom end where a frame
// ends. Random trials must be short so that they can shrink. The streams here are long and do not shrink.

import { deliverAll } from './delivery.ts';
import type { CostMaterial } from './feed.ts';
import { hintOf, toEnd } from './judging.ts';
import { quantity } from '../../text.ts';
import type { Finding } from './judging.ts';
import { repeated, unalignedChunks } from './streams.ts';
import { drawValue } from './values.ts';

/** Maximum length of a chunk of a Node socket, in bytes. */
const CHUNK_LENGTH = 64 * 1024;
/** Length in bytes of a chunk that seldom ends where a frame ends. */
const UNALIGNED_LENGTH = 1000;

/**
 * Delivers repeated frames, as many as fit into 64 KiB, to the target: in one chunk and in many chunks.
 * Returns the fault that shows, or `undefined` if none does or no frames can be repeated.
 */
export async function longStreams(material: CostMaterial): Promise<Finding | undefined> {
  const { target, repeatable: unit, rules, stallAfter } = material;
  if (unit === undefined || unit.bytes.length > CHUNK_LENGTH) {
    return undefined;
  }
  const whole = repeated(unit.bytes, CHUNK_LENGTH);
  const count = whole.length / unit.bytes.length;
  const total = { total: whole.length, length: UNALIGNED_LENGTH };
  const pieces = [...unalignedChunks(unit, total)];
  const last = pieces.reduce((sum, piece) => sum + piece.length, 0) - whole.length;
  const cut = [...pieces.slice(0, -1), pieces.at(-1)?.slice(0, -last || undefined) ?? whole];
  const [once, ...outcomes] = await deliverAll(
    target,
    [[unit.bytes], [whole], cut].map(toEnd),
    stallAfter,
  );
  const expected = Array.from({ length: count }, () => once?.values ?? []).flat();
  const ways = ['in one chunk', `in chunks of about ${UNALIGNED_LENGTH} bytes`];
  for (const [index, { values, failure }] of outcomes.entries()) {
    const stream = `${whole.length} bytes of good frames ${ways[index] ?? ''}`;
    if (failure !== undefined) {
      return { what: `fails on ${stream}: ${drawValue(failure.error)}`, chunks: [] };
    }
    if (!rules.same(expected, values)) {
      return {
        what: `loses, changes or invents values of ${stream}`,
        chunks: [],
        expected: quantity(expected.length, 'value'),
        got: quantity(values.length, 'value'),
        ...hintOf(expected, values),
      };
    }
  }
  return undefined;
}
