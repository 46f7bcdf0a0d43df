// One row of the list of frames: a frame, a gap, an error, or a frame that is not finished.

import type { VNode } from 'preact';
import { printable } from '../text.ts';
import type { FrameRow, OtherRow, Row } from '../trace/rows.ts';
import { pairs, partOf } from './cells.ts';
import { useSpeech } from './context.ts';
import type { Say } from './words.ts';

export interface RowProps {
  readonly row: Row;
  /** Place of the row among the rows that the list still has, from 0. A screen reader says it. */
  readonly index: number;
  readonly isSelected: boolean;
  readonly showsConversation: boolean;
  readonly select: (row: Row) => void;
}

/** Returns a text of a remote, in which each character that cannot be seen is written as an escape. */
export function seen(text: string): string {
  return printable(text, { quotes: false, maxLength: 2000 });
}

export function FrameListRow({
  row,
  index,
  isSelected,
  showsConversation,
  select,
}: RowProps): VNode {
  const { kind } = row;
  return (
    <div
      role="row"
      id={`row-${row.id}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      class={`row ${kind}${isSelected ? ' selected' : ''}`}
      onMouseDown={() => select(row)}
    >
      <span role="gridcell" class={`way ${row.direction === 'a>b' ? 'to-server' : 'to-client'}`}>
        <Way direction={row.direction} />
      </span>
      {showsConversation && (
        <span role="gridcell" class="conversation">
          {row.conversation}
        </span>
      )}
      {kind === 'frame' ? <FrameColumns row={row} /> : <OtherColumns row={row} />}
    </div>
  );
}

function Way({ direction }: { readonly direction: Row['direction'] }): VNode {
  const { say } = useSpeech();
  const isToServer = direction === 'a>b';
  const word = say(isToServer ? 'toServer' : 'toClient');
  return (
    <span role="img" aria-label={word} title={word}>
      {isToServer ? '→' : '←'}
    </span>
  );
}

function FrameColumns({ row }: { readonly row: FrameRow }): VNode {
  const { say } = useSpeech();
  const { frame, offset, head, payload, length, pieces, isHalf, isSticky, time, preview } = row;
  const tail = length - head - payload;
  const [first, last] = pieces;
  return (
    <>
      <span role="gridcell" class="number">{`#${frame}`}</span>
      <span role="gridcell" class="offset">{`@${offset}`}</span>
      <span role="gridcell" class="size">
        {`${head} + ${payload}${tail > 0 ? ` + ${tail}` : ''}`}
      </span>
      <span role="gridcell" class="pieces">
        {first === last ? first : `${first}–${last}`}
      </span>
      <span role="gridcell" class="notes">
        {isHalf && <b class="half">{say('half')}</b>}{' '}
        {isSticky && <b class="sticky">{say('sticky')}</b>}
      </span>
      <span role="gridcell" class="time">
        {time === undefined ? '' : clockOf(time)}
      </span>
      <span role="gridcell" class="preview">
        {pairs(preview).map((digits, at) => (
          <i key={at} class={partOf(row, at)}>
            {`${digits} `}
          </i>
        ))}
        {preview.length / 2 < length && <i class="dots">…</i>}
      </span>
    </>
  );
}

/** What a row that is no whole frame says, in words. */
export function otherText(say: Say, row: OtherRow): string {
  switch (row.kind) {
    case 'error':
      return `${row.code}: ${seen(row.message)}`;
    case 'gap':
      return say(row.why === 'lost' ? 'lostBytes' : 'noiseBytes', row.length);
    case 'unfinished':
      return row.length === undefined
        ? say('unfinished', row.received)
        : say('unfinishedOf', row.received, row.length);
  }
}

function OtherColumns({ row }: { readonly row: OtherRow }): VNode {
  const { say } = useSpeech();
  const text = otherText(say, row);
  return (
    <>
      <span role="gridcell" class="number">
        {row.kind === 'gap' ? '~' : `#${row.frame}`}
      </span>
      <span role="gridcell" class="offset">{`@${row.offset}`}</span>
      <span role="gridcell" class="message" title={text}>
        {text}
      </span>
    </>
  );
}

/** Returns the time of day on this machine, with milliseconds. */
export function clockOf(time: number): string {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((value) => String(value).padStart(2, '0'))
    .join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
