// The details of the selected row: its place, its bytes, and beside them the fields of its head.

import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Detail, FrameDetail, HeadField, OtherRow } from '../trace/rows.ts';
import { hexLines } from './cells.ts';
import type { HexLine } from './cells.ts';
import { piecesText, useSpeech } from './context.ts';
import { clockOf, otherText, seen } from './frame-row.tsx';

interface DetailProps {
  readonly detail: Detail | undefined;
  /** Whether a row is selected. If so, a missing detail means that the row was forgotten. */
  readonly isAsked: boolean;
  readonly showsPayload: boolean;
  readonly note: string | undefined;
  /** Searches in the stream of the selected row, and goes to the result. */
  readonly goTo: (text: string) => void;
}

/** Number of bytes in a line of the hex view. */
const WIDTH = 8;

export function DetailPane(props: DetailProps): VNode {
  const { detail, isAsked, goTo } = props;
  const { say } = useSpeech();
  const own = detail?.around.find(({ row }) => row.id === detail.row.id);
  return (
    <section class="detail" aria-label={say('selected')} aria-live="off">
      <h2>{say('selected')}</h2>
      {own === undefined ? (
        <p class="empty">{say(isAsked ? 'rowGone' : 'nothingSelected')}</p>
      ) : 'bytes' in own ? (
        <FrameFacts {...props} own={own} />
      ) : (
        <OtherFacts row={own.row} goTo={goTo} />
      )}
    </section>
  );
}

function FrameFacts(props: DetailProps & { readonly own: FrameDetail }): VNode {
  const { own, showsPayload, note } = props;
  const { say } = useSpeech();
  const [marked, setMarked] = useState<HeadField | undefined>(undefined);
  const isHidden = !showsPayload && own.row.payload > 0;
  return (
    <>
      <Place own={own} />
      <div class="pair">
        <Hex own={own} marked={marked} />
        <Fields fields={own.fields} marked={marked} mark={setMarked} note={note} />
      </div>
      {own.areBytesForgotten && <p class="hint">{say('forgotten')}</p>}
      {isHidden && <p class="hint">{say('hidden')}</p>}
    </>
  );
}

function Place({ own: { row, cutParts } }: { readonly own: FrameDetail }): VNode {
  const speech = useSpeech();
  const { say } = speech;
  const notes = [
    ...new Set(cutParts.map((part) => say('cutIn', say(part)))),
    ...(row.isSticky ? [say('sticksTo')] : []),
  ];
  return (
    <dl class="facts">
      <dt>{say('number')}</dt>
      <dd>{`#${row.frame}`}</dd>
      <dt>{say('offset')}</dt>
      <dd>{`@${row.offset}`}</dd>
      <dt>{say('size')}</dt>
      <dd>{`${row.head} + ${row.payload}`}</dd>
      <dt>{say('direction')}</dt>
      <dd>{say(row.direction === 'a>b' ? 'toServer' : 'toClient')}</dd>
      <dt>{say(speech.pieces)}</dt>
      <dd>{piecesText(speech, row.pieces)}</dd>
      {row.time !== undefined && (
        <>
          <dt>{say('time')}</dt>
          <dd>{clockOf(row.time)}</dd>
        </>
      )}
      {notes.length > 0 && (
        <>
          <dt>{say('notes')}</dt>
          <dd>{notes.reduce((all, note) => say('both', all, note))}</dd>
        </>
      )}
    </dl>
  );
}

function Hex({
  own,
  marked,
}: {
  readonly own: FrameDetail;
  readonly marked: HeadField | undefined;
}): VNode {
  const { say } = useSpeech();
  const left = own.row.length - own.bytes.length / 2;
  return (
    <div class="hex" tabIndex={0} role="group" aria-label={say('bytes')}>
      {hexLines(own, WIDTH).map((line) => (
        <HexRow key={line.offset} line={line} marked={marked} />
      ))}
      {left > 0 && <div class="more">{`… ${say('moreBytes', left)}`}</div>}
    </div>
  );
}

function HexRow({
  line,
  marked,
}: {
  readonly line: HexLine;
  readonly marked: HeadField | undefined;
}): VNode {
  const classOf = (part: string, at: number): string => {
    const isMarked =
      marked !== undefined && at >= marked.offset && at < marked.offset + marked.length;
    return isMarked ? `${part} marked` : part;
  };
  return (
    <div class="line">
      <span class="offset">{line.offset.toString(16).padStart(6, '0')}</span>
      <span class="digits">
        {line.bytes.map(({ digits, part, at }) => (
          <i key={at} class={classOf(part, at)}>
            {`${digits} `}
          </i>
        ))}
      </span>
      <span class="glyphs" aria-hidden="true">
        {line.bytes.map(({ glyph, part, at }) => (
          <i key={at} class={classOf(part, at)}>
            {glyph}
          </i>
        ))}
      </span>
    </div>
  );
}

interface FieldsProps {
  readonly fields: readonly HeadField[];
  readonly marked: HeadField | undefined;
  readonly mark: (field: HeadField | undefined) => void;
  readonly note: string | undefined;
}

function Fields({ fields, marked, mark, note }: FieldsProps): VNode {
  const { say } = useSpeech();
  return (
    <div class="fields">
      <h3>{say('headFields')}</h3>
      {fields.length === 0 && <p class="hint">{say('noFields')}</p>}
      <FieldList fields={fields} marked={marked} mark={mark} />
      {note !== undefined && <p class="hint">{seen(note)}</p>}
    </div>
  );
}

/** The fields of a head as a tree. */
function FieldList({ fields, marked, mark }: Omit<FieldsProps, 'note'>): VNode {
  return (
    <ul>
      {fields.map((field, at) => (
        <li key={at}>
          <button
            type="button"
            class={field === marked ? 'marked' : ''}
            onFocus={() => mark(field)}
            onBlur={() => mark(undefined)}
            onMouseEnter={() => mark(field)}
            onMouseLeave={() => mark(undefined)}
          >
            <span class="name">{seen(field.name)}</span>
            <span class="value">{seen(field.value)}</span>
          </button>
          {field.fields !== undefined && (
            <FieldList fields={field.fields} marked={marked} mark={mark} />
          )}
        </li>
      ))}
    </ul>
  );
}

function OtherFacts({
  row,
  goTo,
}: {
  readonly row: OtherRow;
  readonly goTo: (text: string) => void;
}): VNode {
  const { say } = useSpeech();
  if (row.kind !== 'error') {
    const place = row.kind === 'unfinished' ? `#${row.frame} @${row.offset} ` : '';
    return <p class={row.kind}>{`${place}${otherText(say, row)}`}</p>;
  }
  const { suspect, goodAgainAt } = row;
  return (
    <div class="error">
      <p>
        <b>{row.code}</b> {seen(row.message)}
      </p>
      {suspect !== undefined && (
        <button type="button" onClick={() => goTo(`#${suspect}`)}>
          {say('suspect', `#${suspect}`)}
        </button>
      )}
      {goodAgainAt === undefined ? (
        <p>{say('neverGood')}</p>
      ) : (
        <button type="button" onClick={() => goTo(`@${goodAgainAt}`)}>
          {say('goodAgain', `@${goodAgainAt}`)}
        </button>
      )}
    </div>
  );
}
