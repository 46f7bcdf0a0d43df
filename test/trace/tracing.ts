// Inspections for tests, with events from a made-up source.

import type { Conversation, Way } from '../../src/capture/events.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { parseFraming } from '../../src/framing/words.ts';
import { Inspection } from '../../src/trace/inspection.ts';
import type { InspectionOptions } from '../../src/trace/inspection.ts';

export function conversation(index: number): Conversation {
  return {
    index,
    name: `10.0.0.1:${40_000 + index}>10.0.0.2:9000`,
    client: `10.0.0.1:${40_000 + index}`,
    server: '10.0.0.2:9000',
    clientPort: 40_000 + index,
    serverPort: 9000,
    isMidStream: false,
  };
}

/** An inspection of frames in this framing, with payload bytes unless `options` says otherwise. */
export function inspectionOf(word: string, options: Partial<InspectionOptions> = {}): Inspection {
  const framing = parseFraming(word, 'frames', () => '');
  return new Inspection({
    spots: spotsOf(framing),
    framing,
    source: { kind: 'source', version: 1, pieces: 'chunks', framing: word },
    showsPayload: true,
    isLive: false,
    arePiecesReal: () => true,
    ...options,
  });
}

/** A conversation that says these pieces in one direction. It stays open unless `how` says how it ends. */
export function say(
  inspection: Inspection,
  pieces: readonly Uint8Array[],
  more: { index?: number; direction?: Way; how?: 'fin' | 'open'; isGoingOn?: boolean } = {},
): void {
  const { index = 0, direction = 'a>b', how, isGoingOn = false } = more;
  const about = conversation(index);
  if (!isGoingOn) {
    inspection.visit({ kind: 'open', conversation: about, time: 0 });
  }
  for (const bytes of pieces) {
    const place = { conversation: about, direction, time: 1 };
    inspection.visit({ kind: 'segment', ...place, offset: 0, bytes });
  }
  if (how !== undefined) {
    inspection.visit({ kind: 'end', conversation: about, direction, time: 2, how });
  }
}
