// Shows the bytes that were pasted, divided into the reads in which the bytes come. A person drags the cuts
// between the reads, and sees that the reads change and the frames do not.

import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { FrameRow } from '../trace/rows.ts';
import { partOf } from './cells.ts';
import { addCut, HABITS, moveCut, readsOf, removeCut, toggleCut } from './delivery.ts';
import type { Delivery, Habit, Read } from './delivery.ts';
import { MAX_DRAWN } from './desk.ts';
import type { Drawn } from './desk.ts';
import { digitsOf } from './hex.ts';
import type { Say, Word } from './words.ts';

interface EditorProps {
  readonly drawn: Drawn;
  readonly change: (delivery: Delivery) => void;
  readonly say: Say;
}

/** Maximum number of reads that are listed. */
const MAX_LISTED = 40;

export function DeliveryEditor({ drawn, change, say }: EditorProps): VNode {
  const { delivery, frames } = drawn;
  const { bytes, cuts } = delivery;
  const reads = readsOf(delivery, frames);
  return (
    <section class="delivery" aria-label={say('delivery')}>
      <Habits delivery={delivery} change={change} say={say} />
      <Strip drawn={drawn} reads={reads} change={change} say={say} />
      <ol class="reads" start={0} aria-label={say('reads')}>
        {reads.slice(0, MAX_LISTED).map((read, i) => (
          <li key={i} class={read.isHalf ? 'half' : read.isSticky ? 'sticky' : 'one'}>
            <b>{i}</b> {readText(read, say)}
          </li>
        ))}
        {reads.length > MAX_LISTED && <li>{say('moreReads', reads.length - MAX_LISTED)}</li>}
      </ol>
      <p class="hint">
        {say('deliverySummary', cuts.length + 1, frames.length)}
        {bytes.length > MAX_DRAWN && ` ${say('drawnOnly', MAX_DRAWN, bytes.length)}`}
      </p>
    </section>
  );
}

function readText({ start, end, frames, isHalf, isSticky }: Read, say: Say): string {
  const half = isHalf ? [say('half')] : [];
  const sticky = isSticky ? [say('sticky')] : [];
  const kinds = [...half, ...sticky];
  const what = kinds.length > 0 ? kinds.join(' + ') : say(frames === 1 ? 'oneFrame' : 'noFrame');
  return `${say('someBytes', end - start)} · ${what}`;
}

const HABIT_WORDS: Readonly<Record<Habit, Word>> = {
  whole: 'cutWhole',
  bytes: 'cutBytes',
  random: 'cutRandom',
};

function Habits({
  delivery,
  change,
  say,
}: Omit<EditorProps, 'drawn'> & { readonly delivery: Delivery }): VNode {
  const { bytes } = delivery;
  const habits: readonly Habit[] = ['whole', 'bytes', 'random'];
  return (
    <div class="habits">
      <h2>{say('delivery')}</h2>
      <span class="joined">
        {habits.map((habit) => (
          <button
            key={habit}
            type="button"
            onClick={() => change({ bytes, cuts: HABITS[habit](delivery, Math.random) })}
          >
            {say(HABIT_WORDS[habit])}
          </button>
        ))}
      </span>
      <button type="button" onClick={() => change(addCut(delivery))}>
        {say('addCut')}
      </button>
      <span class="hint">{say('cutHint')}</span>
    </div>
  );
}

/** Returns the offset of the boundary between two bytes that is nearest to a point of the screen. */
function boundaryAt(x: number, y: number): number | undefined {
  const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>('.delivery [data-at]');
  if (cell === null || cell === undefined) {
    return undefined;
  }
  const { left, width } = cell.getBoundingClientRect();
  return Number(cell.dataset['at']) + (x > left + width / 2 ? 1 : 0);
}

interface StripProps extends EditorProps {
  readonly reads: readonly Read[];
}

interface Drag {
  readonly begin: (index: number, event: PointerEvent) => void;
  readonly move: (event: PointerEvent) => void;
  readonly end: () => void;
}

/** Returns the handlers with which a pointer drags a cut. */
function useDrag({ delivery }: Drawn, change: (delivery: Delivery) => void): Drag {
  const held = useRef<number | undefined>(undefined);
  return {
    begin: (index, { target, pointerId }) => {
      held.current = index;
      if (target instanceof Element) {
        target.closest('.cells')?.setPointerCapture(pointerId);
      }
    },
    move: ({ clientX, clientY }) => {
      const index = held.current;
      const to = index === undefined ? undefined : boundaryAt(clientX, clientY);
      if (index !== undefined && to !== undefined) {
        const moved = moveCut(delivery, index, to);
        if (moved.cuts[index] !== delivery.cuts[index]) {
          change(moved);
        }
      }
    },
    end: () => {
      held.current = undefined;
    },
  };
}

function Strip({ drawn, reads, change, say }: StripProps): VNode {
  const { delivery, frames } = drawn;
  const { begin, move, end } = useDrag(drawn, change);
  const click = ({ target }: MouseEvent): void => {
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-at]') : null;
    if (cell !== null) {
      change(toggleCut(delivery, Number(cell.dataset['at'])));
    }
  };
  const places = placesOf(frames, Math.min(delivery.bytes.length, MAX_DRAWN));
  const shown = reads.filter(({ start }) => start < MAX_DRAWN);
  return (
    <div class="cells" onClick={click} onPointerMove={move} onLostPointerCapture={end}>
      {shown.map((read, i) => (
        <span key={i} class="read">
          {i > 0 && (
            <Handle index={i - 1} delivery={delivery} change={change} say={say} begin={begin} />
          )}
          <ReadCells read={read} index={i} bytes={delivery.bytes} places={places} />
        </span>
      ))}
    </div>
  );
}

/**
 * For one byte: the part of the frame to which the byte belongs, and the number of the frame if it begins
 * there.
 */
interface Place {
  readonly part: string;
  readonly frame: number | undefined;
}

function placesOf(frames: readonly FrameRow[], length: number): readonly Place[] {
  const places: Place[] = Array.from({ length }, () => ({ part: 'no-frame', frame: undefined }));
  for (const row of frames) {
    const end = Math.min(row.offset + row.length, length);
    for (let at = row.offset; at < end; at++) {
      const offset = at - row.offset;
      places[at] = { part: partOf(row, offset), frame: offset === 0 ? row.frame : undefined };
    }
  }
  return places;
}

interface ReadCellsProps {
  readonly read: Read;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly places: readonly Place[];
}

function ReadCells({ read, index, bytes, places }: ReadCellsProps): VNode {
  const end = Math.min(read.end, MAX_DRAWN);
  return (
    <>
      {Array.from(bytes.subarray(read.start, end), (byte, i) => {
        const at = read.start + i;
        const { part = 'no-frame', frame } = places[at] ?? {};
        return (
          <span
            key={at}
            data-at={at}
            class={`cell ${part} ${index % 2 === 1 ? 'odd' : 'even'}${frame === undefined ? '' : ' begins'}`}
          >
            {digitsOf(byte)}
            {frame !== undefined && <span class="number">{`#${frame}`}</span>}
            {i === 0 && <span class="piece">{index}</span>}
          </span>
        );
      })}
    </>
  );
}

interface HandleProps {
  readonly index: number;
  readonly delivery: Delivery;
  readonly change: (delivery: Delivery) => void;
  readonly say: Say;
  readonly begin: (index: number, event: PointerEvent) => void;
}

/** Returns the delivery after a key was pressed on a cut, or `undefined` if the key does nothing. */
function keyed(key: string, index: number, delivery: Delivery): Delivery | undefined {
  const at = delivery.cuts[index] ?? 0;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return moveCut(delivery, index, at - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return moveCut(delivery, index, at + 1);
    case 'Home':
      return moveCut(delivery, index, 0);
    case 'End':
      return moveCut(delivery, index, delivery.bytes.length);
    case 'Delete':
    case 'Backspace':
      return removeCut(delivery, index);
    case '+':
      return addCut(delivery);
    default:
      return undefined;
  }
}

function Handle({ index, delivery, change, say, begin }: HandleProps): VNode {
  const at = delivery.cuts[index] ?? 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = keyed(event.key, index, delivery);
    if (next !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      change(next);
    }
  };
  return (
    <span
      class="handle"
      role="slider"
      tabIndex={0}
      aria-label={say('cutNumber', index + 1)}
      aria-valuemin={1}
      aria-valuemax={delivery.bytes.length - 1}
      aria-valuenow={at}
      aria-valuetext={say('beforeByte', at)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => begin(index, event)}
    />
  );
}
