// The list of conversations, which shows up to 200 at a time. Its first entry stands for all conversations.

import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationRow, ConversationsPage, GuessRow } from '../trace/rows.ts';
import { useSpeech } from './context.ts';
import { seen } from './frame-row.tsx';
import type { Source } from './source.ts';
import { useConversations } from './use-source.ts';
import { byteCount } from './words.ts';

interface ConversationsProps {
  readonly source: Source;
  readonly version: string;
  /** Whether a conversation without a guess waits for one. */
  readonly isGuessing: boolean;
  /** Number of the conversation that is shown. If `undefined`, all conversations are shown. */
  readonly chosen: number | undefined;
  readonly choose: (index: number | undefined) => void;
}

/** Maximum number of conversations that are shown at a time. */
const COUNT = 200;

export function Conversations(props: ConversationsProps): VNode {
  const { source, version, chosen, choose, isGuessing } = props;
  const { say } = useSpeech();
  const [from, setFrom] = useState(0);
  const page = useConversations(source, { from, count: COUNT }, version);
  const entries = [undefined, ...(page?.conversations ?? [])];
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const at = entries.findIndex((row) => row?.index === chosen) + step;
      if (at >= 0 && at < entries.length) {
        choose(entries[at]?.index);
      }
    }
  };
  return (
    <nav class="conversations" aria-label={say('conversations')}>
      <h2>{say('conversations')}</h2>
      <div
        id="conversations"
        role="listbox"
        tabIndex={0}
        aria-label={say('conversations')}
        aria-activedescendant={`conversation-${chosen ?? 'all'}`}
        onKeyDown={onKeyDown}
      >
        {entries.map((row) => (
          <Entry
            key={row?.index ?? 'all'}
            row={row}
            isChosen={row?.index === chosen}
            isGuessing={isGuessing}
            choose={choose}
          />
        ))}
      </div>
      {page !== undefined && <Pages page={page} setFrom={setFrom} />}
    </nav>
  );
}

interface PagesProps {
  readonly page: ConversationsPage;
  readonly setFrom: (from: number) => void;
}

/** Buttons that go to conversations that are not shown. Without such conversations there are no buttons. */
function Pages({ page: { from, first, end }, setFrom }: PagesProps): VNode | null {
  const { say } = useSpeech();
  const isFirst = from <= first;
  const isLast = from + COUNT >= end;
  if (isFirst && isLast) {
    return null;
  }
  return (
    <p class="pages">
      <button
        type="button"
        disabled={isFirst}
        onClick={() => setFrom(Math.max(first, from - COUNT))}
      >
        {say('older')}
      </button>
      <button type="button" disabled={isLast} onClick={() => setFrom(from + COUNT)}>
        {say('newer')}
      </button>
    </p>
  );
}

interface EntryProps {
  readonly row: ConversationRow | undefined;
  readonly isChosen: boolean;
  readonly isGuessing: boolean;
  readonly choose: (index: number | undefined) => void;
}

function Entry({ row, isChosen, isGuessing, choose }: EntryProps): VNode {
  const { say } = useSpeech();
  return (
    <div
      role="option"
      id={`conversation-${row?.index ?? 'all'}`}
      aria-selected={isChosen}
      class={isChosen ? 'chosen' : ''}
      onClick={() => choose(row?.index)}
    >
      {row === undefined ? (
        <span class="name">{say('allConversations')}</span>
      ) : (
        <>
          <span class="name">
            <b>{row.index}</b> {seen(row.name).replace('>', ' → ')}
          </span>
          <span class="counts">
            <span class={row.isOpen ? 'dot open' : 'dot'} aria-hidden="true" />
            {say('conversationFacts', row.frames, byteCount(row.bytes))}
            {row.errors > 0 && <b class="wrong">{say('wrongFrames', row.errors)}</b>}
          </span>
          {row.guess !== undefined && <Guess guess={row.guess} isOpen={isChosen} />}
          {row.guess === undefined && isGuessing && <span class="guess">{say('guessing')}</span>}
        </>
      )}
    </div>
  );
}

interface GuessProps {
  readonly guess: GuessRow;
  /** Whether the evidence is shown as well. */
  readonly isOpen: boolean;
}

/** What was guessed of a conversation: the framing of each direction, and what speaks for it. */
function Guess({ guess: { verdict, parts }, isOpen }: GuessProps): VNode {
  const { say } = useSpeech();
  if (verdict === 'none') {
    return <span class="guess none">{say('guessNone')}</span>;
  }
  const all = [...new Set(parts.map(({ word }) => seen(word)))].join(' · ');
  return (
    <>
      <span class={`guess ${verdict}`}>
        {say(verdict === 'sure' ? 'guessSure' : 'guessLikely', all)}
      </span>
      {isOpen &&
        parts.map(({ direction, from, word, frames, why }) => {
          const name = `${direction === 'a>b' ? '→' : '←'} ${seen(word)}`;
          const place = from === 0 ? name : say('guessFrom', name, String(from));
          return (
            <span key={`${direction} ${from}`} class="evidence">
              <b>{say('guessFits', place, ...frames)}</b>
              {why.map((reason) => (
                <span key={reason}>{seen(reason)}</span>
              ))}
            </span>
          );
        })}
    </>
  );
}
