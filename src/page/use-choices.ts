// The choices of a person on the page (filter, row, pause), and what the keys and buttons do with these
// choices.

import { useEffect, useState } from 'preact/hooks';
import type { Filter, TraceState } from '../trace/rows.ts';
import { useKeys } from './help.tsx';
import type { Source } from './source.ts';
import { rowIn, useSearch } from './use-search.ts';
import type { Cursor } from './use-window.ts';
import type { Say } from './words.ts';

/** The choices of a person, and the functions that change them. */
export interface Choices {
  readonly filter: Filter;
  readonly cursor: Cursor | undefined;
  readonly isFollowing: boolean;
  /**
   * Number behind the last row at the time when the page was paused. If `undefined`, the page is not paused.
   */
  readonly frozenAt: number | undefined;
  readonly setFilter: (filter: Filter) => void;
  readonly setCursor: (cursor: Cursor | undefined) => void;
  readonly setFollowing: (isFollowing: boolean) => void;
  readonly setFrozenAt: (id: number | undefined) => void;
  /** Selects a row. If the list has only errors, it gets all rows again, so that it has this row, too. */
  readonly show: (id: number) => void;
}

export function useChoices(source: Source, state: TraceState | undefined): Choices {
  const [filter, setOnlyFilter] = useState<Filter>({});
  const [cursor, setCursor] = useState<Cursor | undefined>(undefined);
  const [isFollowing, setFollowing] = useState(false);
  const [frozenAt, setFrozenAt] = useState<number | undefined>(undefined);
  const isLive = state?.isLive === true;
  useEffect(() => setFollowing(isLive), [isLive, source]);
  useEffect(() => {
    setOnlyFilter({});
    setCursor(undefined);
    setFrozenAt(undefined);
  }, [source.subject ?? source]);
  const move = (next: Filter, id: number | undefined): void => {
    setOnlyFilter(next);
    if (id !== undefined) {
      rowIn(source, next, id).then(setCursor, () => undefined);
    }
  };
  return {
    filter,
    cursor,
    isFollowing,
    frozenAt,
    setFilter: (next) => move(next, cursor?.id),
    setCursor,
    setFollowing,
    setFrozenAt,
    show: (id) => {
      setFollowing(false);
      move({ ...filter, errors: false }, id);
    },
  };
}

/**
 * Returns a text that changes when the rows of the list have changed. While the page is paused, new rows do
 * not change the text.
 */
export function versionOf(state: TraceState | undefined, frozenAt: number | undefined): string {
  return `${state?.first} ${frozenAt ?? state?.end}`;
}

export interface Actions {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly search: (text: string, isBackward: boolean) => void;
  /**
   * Makes the list follow its end. `undefined` if the list follows already, if the list is paused, or if the
   * source has ended.
   */
  readonly follow: (() => void) | undefined;
  readonly pause: { readonly isPaused: boolean; readonly toggle: () => void } | undefined;
}

export interface ActionProps {
  readonly source: Source;
  readonly state: TraceState | undefined;
  readonly say: Say;
  readonly choices: Choices;
  readonly help: () => void;
}

/** Returns the searches of the page and the other actions of its buttons, and reads their keys. */
export function useActions(props: ActionProps, tell: (message: string) => void): Actions {
  const { source, state, say, choices, help } = props;
  const { filter, cursor, frozenAt, setCursor, setFollowing, setFrozenAt } = choices;
  const [text, setText] = useState('');
  const search = useSearch({
    source,
    filter,
    cursor,
    end: state?.end ?? 0,
    say,
    tell,
    go: (found) => {
      setFollowing(false);
      setCursor(found);
    },
  });
  const isPaused = frozenAt !== undefined;
  const toggle = (): void => {
    setFrozenAt(isPaused ? undefined : state?.end);
    setFollowing(isPaused);
    tell(say(isPaused ? 'live' : 'paused'));
  };
  const isGoingOn = state?.isLive === true && !state.isOver;
  const follow =
    isGoingOn && !isPaused && !choices.isFollowing ? (): void => setFollowing(true) : undefined;
  const pause = isGoingOn || isPaused ? toggle : undefined;
  useKeys({
    nextError: () => search('!', false),
    previousError: () => search('!', true),
    nextMatch: () => search(text, false),
    previousMatch: () => search(text, true),
    pause: () => pause?.(),
    follow: () => follow?.(),
    help,
  });
  return { text, setText, search, pause: pause && { isPaused, toggle: pause }, follow };
}
