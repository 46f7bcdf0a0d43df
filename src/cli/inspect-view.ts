// Makes the lines that `unstick inspect` prints for people. A frame that lies in one piece takes one line. A
// frame that is cut gets a ruler, aligned byte by byte:
//
//   a>b #0 @0 4+5 bytes, chunks 0-2: half
//       ┌00 00 00 05┬ h  e  l  l  o┐     the frame: head, payload, tail
//        00 00|00 05 68 65 6c|6c 6f      the chunks
//
// This file is pure: it makes lines of findings. Bytes of remotes appear in lines only as hex and as
// printable ASCII.

import type { CaptureCounts } from '../capture/capture.ts';
import type {
  ErrorLine,
  Finding,
  FrameFound,
  GapLine,
  SummaryLine,
  UnfinishedLine,
} from '../inspect/lines.ts';
import type { Tone } from './style.ts';
import { quantity } from '../text.ts';

export interface ToneLine {
  readonly text: string;
  readonly tone: Tone;
}

export interface ViewOptions {
  readonly pieces: 'chunks' | 'segments';
  /** Whether payload bytes are shown. */
  readonly showsPayload: boolean;
  /** Whether every frame gets a ruler. Otherwise only frames that are cut get one. */
  readonly isRulerAlways: boolean;
  /** Width of the output in characters. */
  readonly width: number;
}

/** Number of characters that a byte takes in a ruler: a mark, and two digits. */
const CELL = 3;
const INDENT = 4;
/** Minimum number of bytes in a row of a ruler. */
const LEAST_CELLS = 8;
const HIDDEN = '··';

/** Number of bytes of a frame that fit into a row of a ruler. */
export function cellsOf(width: number): number {
  return Math.max(LEAST_CELLS, Math.floor((width - INDENT - CELL) / CELL));
}

export class InspectView {
  readonly #options: ViewOptions;
  #conversation: string | undefined;
  /** For each direction of the conversations shown last: its last frame, and the last piece of that frame. */
  readonly #before = new Map<string, { readonly frame: number; readonly piece: number }>();

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  linesOf(finding: Finding): readonly ToneLine[] {
    const lines: ToneLine[] = [];
    if (finding.conversation !== this.#conversation) {
      this.#conversation = finding.conversation;
      lines.push({ text: finding.conversation, tone: 'bold' });
    }
    switch (finding.kind) {
      case 'frame':
        return [...lines, ...this.#frame(finding)];
      case 'gap':
        return [...lines, gapLine(finding)];
      case 'error':
        return [...lines, ...errorLines(finding)];
      case 'unfinished':
        return [...lines, unfinishedLine(finding)];
    }
  }

  #frame(frame: FrameFound): readonly ToneLine[] {
    const { direction, offset, length, payloadOffset, payloadLength, pieces } = frame;
    const key = `${frame.conversation} ${direction}`;
    const before = this.#before.get(key);
    this.#keep(key, { frame: frame.frame, piece: pieces[1] });
    const head = payloadOffset - offset;
    const tail = length - head - payloadLength;
    const parts = [head, payloadLength, ...(tail > 0 ? [tail] : [])].join('+');
    const isHalf = frame.cuts.length > 0;
    const isSticky = before?.piece === pieces[0];
    const notes = [
      ...(isHalf ? [`half: cut in ${partsOf(frame)}`] : []),
      ...(isSticky ? [`sticks to #${before?.frame ?? 0}`] : []),
    ];
    const text = `${direction} #${frame.frame} @${offset} ${parts} bytes, ${this.#piecesText(pieces)}${notes.length > 0 ? `, ${notes.join(', ')}` : ''}`;
    const line: ToneLine = { text, tone: isHalf || isSticky ? 'doubt' : 'plain' };
    const hasRuler = isHalf || this.#options.isRulerAlways;
    return hasRuler ? [line, ...this.#ruler(frame)] : [line];
  }

  /**
   * Remembers the last frame and piece of a direction. Only the latest directions are kept, because
   * conversations come and go.
   */
  #keep(key: string, last: { readonly frame: number; readonly piece: number }): void {
    this.#before.delete(key);
    this.#before.set(key, last);
    if (this.#before.size > 1024) {
      const [oldest] = this.#before.keys();
      this.#before.delete(oldest ?? key);
    }
  }

  #piecesText([first, last]: readonly [number, number]): string {
    const { pieces } = this.#options;
    return first === last ? `${pieces.slice(0, -1)} ${first}` : `${pieces} ${first}-${last}`;
  }

  #ruler(frame: FrameFound): readonly ToneLine[] {
    const { offset, length, payloadOffset, payloadLength, bytes } = frame;
    const { showsPayload, width } = this.#options;
    const shown = Math.min(bytes.length, cellsOf(width));
    const cuts = new Set(frame.cuts.map((cut) => cut.offset));
    const payloadEnd = payloadOffset + payloadLength;
    let above = '';
    let below = '';
    for (let i = 0; i < shown; i++) {
      const at = offset + i;
      const isPayload = at >= payloadOffset && at < payloadEnd;
      const isEdge = at === payloadOffset || (at === payloadEnd && payloadLength > 0);
      above += i === 0 ? '┌' : isEdge ? '┬' : ' ';
      below += cuts.has(at) ? '|' : ' ';
      const hex = (bytes[i] ?? 0).toString(16).padStart(2, '0');
      above += isPayload ? (showsPayload ? glyph(bytes[i] ?? 0, hex) : HIDDEN) : hex;
      below += isPayload && !showsPayload ? HIDDEN : hex;
    }
    const isWhole = shown === length;
    const end = isWhole ? '┐' : ` … ${length - shown} more`;
    const unseen = frame.cuts.filter((cut) => cut.offset >= offset + shown).length;
    const more = unseen > 0 ? ` … ${unseen} more cut${unseen > 1 ? 's' : ''}` : '';
    const indent = ' '.repeat(INDENT);
    return [
      { text: `${indent}${above}${end}`, tone: 'good' },
      { text: `${indent}${below}${more}`, tone: 'dim' },
    ];
  }
}

/** Returns a byte of a payload as a character, if it is a visible one, or otherwise as hex. */
function glyph(byte: number, hex: string): string {
  return byte > 0x20 && byte < 0x7f ? `${String.fromCharCode(byte)} ` : hex;
}

function partsOf({ cuts }: FrameFound): string {
  return [...new Set(cuts.map(({ part }) => part))].join(' and ');
}

function gapLine({ direction, offset, length, why }: GapLine): ToneLine {
  const are = `${quantity(length, 'byte')} ${length === 1 ? 'is' : 'are'}`;
  const what = why === 'lost' ? 'missing in the capture' : 'no frame';
  return { text: `${direction} ~~ @${offset} ${are} ${what}`, tone: 'doubt' };
}

function errorLines(error: ErrorLine): readonly ToneLine[] {
  const { direction, frame, offset, code, message, suspect, goodAgainAt } = error;
  const indent = ' '.repeat(INDENT);
  const lines: ToneLine[] = [
    { text: `${direction} !! #${frame} @${offset} ${code}: ${message}`, tone: 'bad' },
  ];
  if (suspect !== undefined) {
    const late = frame - suspect === 1 ? 'one frame' : `${frame - suspect} frames`;
    const text = `${indent}suspect: #${suspect}, whose length is noticed ${late} late`;
    lines.push({ text, tone: 'bad' });
  }
  const next =
    goodAgainAt === undefined ? 'no frame was found behind it' : `good again at @${goodAgainAt}`;
  lines.push({ text: `${indent}${next}`, tone: goodAgainAt === undefined ? 'bad' : 'good' });
  return lines;
}

function unfinishedLine({ direction, frame, offset, received, length }: UnfinishedLine): ToneLine {
  const whole = length === undefined ? '' : ` of ${length}`;
  const text = `${direction} .. #${frame} @${offset} is not finished: ${quantity(received, 'byte')}${whole} came`;
  return { text, tone: 'doubt' };
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : ` (${Math.round((100 * part) / whole)} %)`;
}

/** Returns the lengths of frames in words. The text is empty if there is no frame. */
function sizes({ shortest, longest, mean }: SummaryLine): string {
  if (shortest === undefined) {
    return '';
  }
  return shortest === longest
    ? ` of ${quantity(shortest, 'byte')}`
    : ` of ${shortest} to ${longest} bytes, mean ${mean}`;
}

/** Returns the lines of the summary for people. */
export function summaryLines(summary: SummaryLine, pieces: 'chunks' | 'segments'): ToneLine[] {
  const { frames, bytes, half, sticky, cuts, errors } = summary;
  const lines: ToneLine[] = [
    {
      text: `${quantity(summary.conversations, 'conversation')}, ${quantity(summary.pieces, pieces.slice(0, -1))}, ${quantity(bytes, 'byte')}`,
      tone: 'bold',
    },
    {
      text: `${quantity(frames, 'frame')}${sizes(summary)}${rate(summary)}`,
      tone: 'plain',
    },
    {
      text: `${half} half${share(half, frames)}: cut in the head ${cuts.head}, in the payload ${cuts.payload}, in the tail ${cuts.tail} times; ${quantity(sticky, pieces.slice(0, -1))} sticky${share(sticky, summary.pieces)}`,
      tone: 'plain',
    },
  ];
  const unusual = [
    ...(summary.lostBytes > 0
      ? [`${quantity(summary.lostBytes, 'byte')} missing in the capture`]
      : []),
    ...(summary.noiseBytes > 0 ? [`${quantity(summary.noiseBytes, 'byte')} of no frame`] : []),
    ...(summary.unfinished > 0 ? [`${quantity(summary.unfinished, 'frame')} not finished`] : []),
    ...(summary.conflicts > 0
      ? [`${quantity(summary.conflicts, 'retransmission')} with other bytes than before`]
      : []),
  ];
  if (unusual.length > 0) {
    lines.push({ text: unusual.join(', '), tone: 'doubt' });
  }
  lines.push(
    errors === 0
      ? { text: 'no wrong frame', tone: 'good' }
      : { text: quantity(errors, 'wrong frame'), tone: 'bad' },
  );
  return lines;
}

function rate({ frames, duration }: SummaryLine): string {
  if (duration === undefined || duration < 1) {
    return '';
  }
  const perSecond = (frames * 1000) / duration;
  return `, ${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} a second`;
}

/**
 * Returns the line that says how many packets a capture has, and which of them were not followed, and why.
 */
export function countLines(counts: CaptureCounts): ToneLine[] {
  const { packets, tcp, fragments, damaged, unknownLinks } = counts;
  const links = Array.from(unknownLinks, ([link, count]) => {
    return `${quantity(count, 'packet')} of link layer ${link}, which cannot be read`;
  });
  const parts = [
    ...(fragments > 0 ? [`${quantity(fragments, 'IP fragment')} not put together`] : []),
    ...(damaged > 0 ? [`${quantity(damaged, 'packet')} with damaged or cut headers`] : []),
    ...links,
  ];
  const read = `${quantity(packets, 'packet')}, ${tcp} of TCP`;
  const text = parts.length > 0 ? `${read}; ${parts.join(', ')}` : read;
  return [{ text, tone: parts.length > 0 ? 'doubt' : 'dim' }];
}
