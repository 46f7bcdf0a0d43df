// The ruler: the bytes around the selected frame in the order of the stream. Above each byte stands its
// frame, and below it the piece in which the byte came.

import type { VNode } from 'preact';
import type { Detail, OtherRow } from '../trace/rows.ts';
import { cellsOf } from './cells.ts';
import type { Cell, FrameCells, OtherCells } from './cells.ts';
import { piecesText, useSpeech } from './context.ts';
import { otherText } from './frame-row.tsx';

interface RulerProps {
  readonly detail: Detail | undefined;
  readonly select: (id: number) => void;
}

/** What stands above a cell that is no whole frame. */
const SIGNS: Readonly<Record<OtherRow['kind'], string>> = {
  error: '!!',
  gap: '~~',
  unfinished: '..',
};

export function Ruler({ detail, select }: RulerProps): VNode {
  const { say } = useSpeech();
  const groups = detail === undefined ? [] : cellsOf(detail);
  const text = useRulerText(detail);
  return (
    <section class="ruler" aria-label={say('ruler')}>
      {detail === undefined ? (
        <p class="cells empty">{say('nothingSelected')}</p>
      ) : (
        <div class="cells" role="img" aria-label={text}>
          {groups.map((group) => (
            <Group key={group.id} group={group} select={select} />
          ))}
        </div>
      )}
      <Legend />
    </section>
  );
}

function Group({
  group,
  select,
}: {
  readonly group: FrameCells | OtherCells;
  readonly select: (id: number) => void;
}): VNode {
  const isFrame = group.kind === 'frame';
  const name = isFrame ? `#${group.frame}` : SIGNS[group.row.kind];
  return (
    <div
      class={`group ${isFrame ? 'frame' : group.row.kind}${group.isSelected ? ' selected' : ''}`}
      onClick={() => select(group.id)}
    >
      <span class="name">{name}</span>
      {isFrame ? (
        group.cells.map((cell, at) => <CellView key={at} cell={cell} />)
      ) : (
        <OtherCell group={group} />
      )}
    </div>
  );
}

function OtherCell({ group: { row } }: { readonly group: OtherCells }): VNode {
  const { say } = useSpeech();
  const text = row.kind === 'error' ? row.code : otherText(say, row);
  return <span class="cell other">{text}</span>;
}

function CellView({ cell }: { readonly cell: Cell }): VNode {
  const { say } = useSpeech();
  const tone = `${cell.part} ${cell.isOdd ? 'odd' : 'even'}`;
  if (cell.kind === 'more') {
    const bytes = say('moreBytes', cell.count);
    const cuts = say('moreCuts', cell.cuts);
    const text = cell.cuts === 0 ? bytes : say('both', bytes, cuts);
    return <span class={`cell more ${tone}`}>{`… ${text}`}</span>;
  }
  const { piece, digits } = cell;
  return (
    <span class={`cell ${tone}${piece === undefined ? '' : ' cut'}`}>
      {digits ?? '··'}
      {piece !== undefined && <span class="piece">{piece}</span>}
    </span>
  );
}

/** Says what the colours mean. */
function Legend(): VNode {
  const { say, pieces } = useSpeech();
  return (
    <p class="legend" aria-hidden="true">
      <span class="head">{say('head')}</span>
      <span class="payload">{say('payload')}</span>
      <span class="tail">{say('tail')}</span>
      <span class="piece-key">{say(pieces)}</span>
    </p>
  );
}

/** Returns what the ruler shows as text, for people who do not see the ruler. */
function useRulerText(detail: Detail | undefined): string {
  const speech = useSpeech();
  const row = detail?.row;
  if (row?.kind !== 'frame') {
    return speech.say('ruler');
  }
  const { frame, head, payload, pieces } = row;
  return speech.say('rulerLabel', `#${frame}`, head, payload, piecesText(speech, pieces));
}
