// Inspects pieces of one direction and describes the findings in a few words.

import type { CaptureEvent, Conversation, EndEvent } from '../../src/capture/events.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { parseFraming } from '../../src/framing/words.ts';
import { Annotator } from '../../src/inspect/annotator.ts';
import type { Finding, SummaryLine } from '../../src/inspect/lines.ts';

const CONVERSATION: Conversation = {
  index: 0,
  name: '10.0.0.1:40000>10.0.0.2:9000',
  client: '10.0.0.1:40000',
  server: '10.0.0.2:9000',
  clientPort: 40_000,
  serverPort: 9000,
  isMidStream: false,
};

export interface Inspected {
  readonly findings: readonly Finding[];
  readonly summary: SummaryLine;
}

interface Options {
  readonly frames: string;
  readonly isMidStream?: boolean;
  readonly arePiecesReal?: boolean;
  /** Default `fin`. */
  readonly how?: EndEvent['how'];
  readonly maxHeld?: number;
}

/** A number among the pieces is the length of a gap. */
export function inspect(pieces: readonly (Uint8Array | number)[], options: Options): Inspected {
  const { frames, isMidStream = false, arePiecesReal = true, how = 'fin', maxHeld } = options;
  const findings: Finding[] = [];
  const annotator = new Annotator({
    spots: spotsOf(parseFraming(frames, 'frames', () => '')),
    arePiecesReal: () => arePiecesReal,
    shownLength: Infinity,
    maxHeld,
    tell: (finding) => {
      findings.push(
        finding.kind === 'frame' ? { ...finding, bytes: Uint8Array.from(finding.bytes) } : finding,
      );
    },
  });
  const conversation = { ...CONVERSATION, isMidStream };
  const place = { conversation, direction: 'a>b' } as const;
  const add = (event: CaptureEvent): void => annotator.add(event);
  add({ kind: 'open', conversation, time: 0 });
  let offset = 0;
  for (const [time, piece] of pieces.entries()) {
    if (typeof piece === 'number') {
      add({ kind: 'gap', ...place, time, offset, length: piece, why: 'lost' });
      offset += piece;
    } else {
      add({ kind: 'segment', ...place, time, offset, bytes: piece });
      offset += piece.length;
    }
  }
  add({ kind: 'end', ...place, time: pieces.length, how });
  return { findings, summary: annotator.summary() };
}

/** `#0 @0 4+5 pieces 0-2`, `gap @9+3 lost`, `wrong #1 @9 ERR_… suspect 0 good 12`. */
export function words({ findings }: Inspected): readonly string[] {
  return findings.map((finding) => {
    if (finding.kind === 'gap') {
      return `gap @${finding.offset}+${finding.length} ${finding.why}`;
    }
    if (finding.kind === 'error') {
      const { frame, offset, code, suspect, goodAgainAt } = finding;
      const more = suspect === undefined ? '' : ` suspect ${suspect}`;
      return `wrong #${frame} @${offset} ${code}${more} good ${goodAgainAt ?? 'never'}`;
    }
    if (finding.kind === 'unfinished') {
      const { frame, offset, received, length } = finding;
      return `unfinished #${frame} @${offset} ${received} of ${length ?? '?'}`;
    }
    const { frame, offset, payloadOffset, payloadLength, pieces } = finding;
    return `#${frame} @${offset} ${payloadOffset - offset}+${payloadLength} pieces ${pieces.join('-')}`;
  });
}
