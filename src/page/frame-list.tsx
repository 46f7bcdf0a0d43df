// The list of frames. The list asks for the rows that its window shows and draws only these. So the list is
// as fast with a million rows as with ten.

import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { Row } from '../trace/rows.ts';
import { useSpeech } from './context.ts';
import { FrameListRow } from './frame-row.tsx';
import { ROW_HEIGHT, rowsIn, scrollHeight } from './scrolling.ts';
import { keysOf, useBar, useHeight, useRevealing, useWindow } from './use-window.ts';
import type { Cursor, FrameListProps, ListWindow } from './use-window.ts';
import type { Word } from './words.ts';

export function FrameList(props: FrameListProps): VNode {
  const { cursor, setCursor, setFollowing, filter } = props;
  const { say } = useSpeech();
  const scroller = useRef<HTMLDivElement>(null);
  const height = useHeight(scroller);
  const view = useWindow(props, height);
  const { extent } = view;
  const onScroll = useBar(scroller, view);
  useRevealing(props, view);
  const select = (row: Row, position: number): void => {
    setFollowing(false);
    setCursor({ position, id: row.id });
  };
  const showsConversation = filter.conversation === undefined;
  return (
    <div class={`frames${showsConversation ? ' with-conversation' : ''}`}>
      <div
        id="frames"
        ref={scroller}
        class="scroller"
        role="grid"
        tabIndex={0}
        aria-label={say('frames')}
        aria-rowcount={extent.count + 1}
        {...(cursor === undefined ? {} : { 'aria-activedescendant': `row-${cursor.id}` })}
        onScroll={onScroll}
        onKeyDown={keysOf(props, view)}
      >
        <Header showsConversation={showsConversation} />
        <div class="spacer" role="presentation" style={{ height: `${scrollHeight(extent)}px` }}>
          <Rows
            view={view}
            cursor={cursor}
            select={select}
            showsConversation={showsConversation}
            none={noneOf(props, view)}
          />
        </div>
      </div>
    </div>
  );
}

function Header({ showsConversation }: { readonly showsConversation: boolean }): VNode {
  const { say, pieces } = useSpeech();
  const columns = ['number', 'offset', 'size', 'pieces', 'notes', 'time', 'preview'] as const;
  const titles = { ...TITLES, pieces } as const;
  return (
    <div role="row" aria-rowindex={1} class="row header">
      <span role="columnheader" class="way" aria-label={say('direction')}>
        ⇄
      </span>
      {showsConversation && (
        <span role="columnheader" class="conversation">
          {say('conversation')}
        </span>
      )}
      {columns.map((name) => (
        <span key={name} role="columnheader" class={name}>
          {say(titles[name])}
        </span>
      ))}
    </div>
  );
}

const TITLES = {
  number: 'number',
  offset: 'offset',
  size: 'size',
  notes: 'notes',
  time: 'time',
  preview: 'bytes',
} as const;

/** Returns the word that says why a list has no rows. */
function noneOf({ filter, frozenEnd }: FrameListProps, { first }: ListWindow): Word {
  if (frozenEnd !== undefined && first >= frozenEnd && first > 0) {
    return 'noneKept';
  }
  return filter.errors === true ? 'noErrors' : 'noRows';
}

interface RowsProps {
  readonly view: ListWindow;
  readonly cursor: Cursor | undefined;
  readonly select: (row: Row, position: number) => void;
  readonly showsConversation: boolean;
  /** The word that the list shows if it has no rows. */
  readonly none: Word;
}

function Rows({ view, cursor, select, showsConversation, none }: RowsProps): VNode {
  const { say } = useSpeech();
  const { page, first, extent, top } = view;
  if (extent.count === 0) {
    return <p class="empty">{say(none)}</p>;
  }
  const start = Math.floor(top);
  const end = Math.min(first + extent.count, start + rowsIn(extent.height) + 2);
  const positions = Array.from({ length: end - start }, (_, i) => start + i);
  return (
    <div class="window" role="presentation" style={{ height: `${extent.height}px` }}>
      <div role="presentation" style={{ transform: `translateY(${(start - top) * ROW_HEIGHT}px)` }}>
        {positions.map((position) => {
          const row = page?.rows[position - page.from];
          return row === undefined ? (
            <div key={position} class="row empty" />
          ) : (
            <FrameListRow
              key={position}
              row={row}
              index={position - first}
              isSelected={row.id === cursor?.id}
              showsConversation={showsConversation}
              select={() => select(row, position)}
            />
          );
        })}
      </div>
    </div>
  );
}
