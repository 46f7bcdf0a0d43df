// What was found in a part of a stream, in its place in the whole stream.

import type { Finding } from '../inspect/lines.ts';

/** A finding `by` bytes and `pieces` pieces further back in the stream. */
export function shifted(finding: Finding, by: number, pieces: number): Finding {
  const offset = finding.offset + by;
  switch (finding.kind) {
    case 'frame':
      return {
        ...finding,
        offset,
        payloadOffset: finding.payloadOffset + by,
        pieces: [finding.pieces[0] + pieces, finding.pieces[1] + pieces],
        cuts: finding.cuts.map((cut) => ({ ...cut, offset: cut.offset + by })),
      };
    case 'gap':
    case 'unfinished':
      return { ...finding, offset };
    case 'error':
      return finding.goodAgainAt === undefined
        ? { ...finding, offset }
        : { ...finding, offset, goodAgainAt: finding.goodAgainAt + by };
  }
}
