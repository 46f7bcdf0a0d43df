// Reads a capture and describes its conversations in a few words.

import { Capture } from '../../src/capture/capture.ts';
import type { ConversationLimits } from '../../src/capture/conversations.ts';
import type { CaptureEvent } from '../../src/capture/events.ts';
import { inPieces, toHex } from '../support/bytes.ts';

/** All events of a capture, with own copies of the bytes. */
export function eventsOf(
  file: Uint8Array,
  chunkLength: number = file.length,
  limits?: ConversationLimits,
): readonly CaptureEvent[] {
  const events: CaptureEvent[] = [];
  const capture = new Capture((event) => {
    events.push(
      event.kind === 'segment' ? { ...event, bytes: new Uint8Array(event.bytes) } : event,
    );
  }, limits);
  for (const chunk of inPieces(file, chunkLength)) {
    capture.push(chunk);
  }
  capture.end();
  return events;
}

/** `0 a>b 0 6869`, `0 a>b gap 2+5 lost`, `0 a>b end fin`. */
export function wordsOf(events: readonly CaptureEvent[]): readonly string[] {
  return events.map((event) => {
    const { index, name } = event.conversation;
    switch (event.kind) {
      case 'open':
        return `${index} ${name}`;
      case 'segment':
        return `${index} ${event.direction} ${event.offset} ${toHex(event.bytes)}`;
      case 'gap':
        return `${index} ${event.direction} gap ${event.offset}+${event.length} ${event.why}`;
      case 'conflict':
        return `${index} ${event.direction} conflict ${event.offset}+${event.length}`;
      case 'end':
        return `${index} ${event.direction} end ${event.how}`;
    }
  });
}

/** The same without openings and ends. */
export function streamWords(file: Uint8Array): readonly string[] {
  return wordsOf(eventsOf(file).filter(({ kind }) => kind !== 'open' && kind !== 'end'));
}
