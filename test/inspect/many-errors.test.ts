// Streams with an error every few frames. The work grows with their length alone, however long their pieces are.

import { describe, expect, test } from 'vitest';
import type { CaptureEvent, Conversation } from '../../src/capture/events.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { Annotator } from '../../src/inspect/annotator.ts';
import type { ErrorLine } from '../../src/inspect/lines.ts';
import { hex, inPieces } from '../support/bytes.ts';

const CONVERSATION: Conversation = {
  index: 0,
  name: 'a>b',
  client: 'a',
  server: 'b',
  clientPort: 2,
  serverPort: 1,
  isMidStream: false,
};

interface Found {
  readonly errors: readonly ErrorLine[];
  readonly frames: number;
  /** Number of frames that the searches tried. */
  readonly tries: number;
}

function inspect(pieces: readonly Uint8Array[]): Found {
  const errors: ErrorLine[] = [];
  const spots = spotsOf({ codec: 'lengthPrefixed', prefix: 'u32be' });
  let tries = 0;
  const annotator = new Annotator({
    spots: {
      ...spots,
      refuses: (bytes, at) => {
        tries++;
        return spots.refuses?.(bytes, at) === true;
      },
    },
    arePiecesReal: () => false,
    tell: (finding) => {
      if (finding.kind === 'error') {
        errors.push(finding);
      }
    },
  });
  const about = { conversation: CONVERSATION, direction: 'a>b', time: 0 } as const;
  const add = (event: CaptureEvent): void => annotator.add(event);
  let offset = 0;
  for (const bytes of pieces) {
    add({ kind: 'segment', ...about, offset, bytes });
    offset += bytes.length;
  }
  add({ kind: 'end', ...about, how: 'fin' });
  return { errors, frames: annotator.summary().frames, tries };
}

/** Eight frames of 100 bytes, and four bytes that are no length. */
const UNIT = Buffer.concat([
  ...Array.from({ length: 8 }, () => Buffer.concat([hex('00000060 414243'), Buffer.alloc(93, 1)])),
  hex('ffffffff'),
]);
const COUNT = 60;
const STREAM = Buffer.concat(Array.from({ length: COUNT }, () => UNIT));

describe('errors every few frames', () => {
  test('are all found, and so are the frames between them', () => {
    const { errors, frames } = inspect([STREAM]);
    expect(frames).toBe(8 * COUNT);
    expect(errors.map(({ offset, goodAgainAt }) => [offset, goodAgainAt]).slice(0, -1)).toEqual(
      Array.from({ length: COUNT - 1 }, (_, i) => {
        const end = (i + 1) * UNIT.length;
        return [end - 4, end];
      }),
    );
  });

  test('cost no more in one long piece than in short ones', () => {
    const long = inspect([STREAM]).tries;
    const short = inspect(inPieces(STREAM, 1400)).tries;
    expect(long).toBeLessThan(1.5 * short);
  });
});
