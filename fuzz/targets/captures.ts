// Invariant: any file gives conversations, or a CaptureError, and the same ones however the file is cut. The
// segments and gaps of a direction follow each other without a hole. Inspecting them ends.

import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { Capture } from '../../src/capture/capture.ts';
import { CaptureError } from '../../src/capture/capture-error.ts';
import { spotsOf } from '../../src/framing/framing.ts';
import { Annotator } from '../../src/inspect/annotator.ts';
import type { Random } from '../../src/schedule/random.ts';
import { inPieces, toHex } from '../../test/support/bytes.ts';
import { ethernet, ip, pcap, pcapng } from '../../test/support/packets.ts';
import type { Target } from './target.ts';

const spots = spotsOf({ codec: 'lengthPrefixed', prefix: 'u16be', maxPayloadLength: 1000 });

/** The events of a file as texts. The file is read in chunks of `chunkLength`. */
function read(file: Uint8Array, chunkLength: number): readonly string[] {
  const words: string[] = [];
  const ends = new Map<string, number>();
  const annotator = new Annotator({ spots, arePiecesReal: () => true, tell: () => undefined });
  const capture = new Capture((event) => {
    annotator.add(event);
    if (event.kind !== 'segment' && event.kind !== 'gap') {
      words.push(`${event.conversation.index} ${event.kind}`);
      return;
    }
    const key = `${event.conversation.index} ${event.direction}`;
    const length = event.kind === 'gap' ? event.length : event.bytes.length;
    strictEqual(event.offset, ends.get(key) ?? 0, 'a hole between segments');
    ok(length > 0, 'nothing was told');
    ends.set(key, event.offset + length);
    words.push(`${key} ${event.kind === 'gap' ? length : toHex(event.bytes)}`);
  });
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      ok(error instanceof CaptureError, `another error: ${String(error)}`);
      words.push(error.message);
    }
  };
  attempt(() => {
    for (const chunk of inPieces(file, chunkLength)) {
      capture.push(chunk);
    }
  });
  attempt(() => capture.end());
  annotator.summary();
  return words;
}

function fuzz(bytes: Uint8Array): void {
  const whole = read(bytes, Math.max(1, bytes.length));
  deepStrictEqual(read(bytes, 7), whole);
}

function sample(source: Random): Uint8Array {
  const start = source.u32();
  const packets = Array.from({ length: source.below(12) }, () => {
    const fields = {
      sequence: (start + source.below(60)) >>> 0,
      acknowledged: source.below(100),
      flags: source.pick(['A', 'A', 'A', 'S', 'SA', 'FA', 'RA']),
      payload: Uint8Array.from({ length: source.below(30) }, () => source.below(4)),
      ...(source.chance(1, 3) ? { from: '10.0.0.2:9000', to: '10.0.0.1:40000' } : {}),
    };
    return { bytes: ethernet(ip(fields)) };
  });
  const littleEndian = source.chance(1, 2);
  return source.chance(1, 2) ? pcap(packets, { littleEndian }) : pcapng(packets, { littleEndian });
}

export const captures: Target = { name: 'captures', fuzz, sample, dictionary: 'captures' };
