// What a person has chosen on the page: filter, row, pause; and what the keys and buttons do to it.

import { useEffect, useState } from 'preact/hooks';
import type { Filter, TraceState } from '../trace/rows.ts';
import { useKeys } from './help.tsx';
import type { Source } from './source.ts';
import { rowIn, useSearch } from './use-search.ts';
import type { Cursor } from './use-window.ts';
import type { Say } from './words.ts';

/** What a person has chosen, and how it changes. */
export interface Choices {
  readonly filter: Filter;
  readonly cursor: Cursor | undefined;
  readonly isFollowing: boolean;
  /** Number behind the last row when the page was paused. Undefined: it is not paused. */
  readonly frozenAt: number | undefined;
  readonly setFilter: (filter: Filter) => void;
  readonly setCursor: (cursor: Cursor | undefined) => void;
  readonly setFollowing: (isFollowing: boolean) => void;
  readonly setFrozenAt: (id: number | undefined) => void;
  /** Selects a row, also if the list does not have it now. */
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

/** What the list shows: changes when the source has changed, unless the page is paused. */
export function versionOf(state: TraceState | undefined, frozenAt: number | undefined): string {
  return `${state?.first} ${frozenAt ?? state?.end}`;
}

export interface Actions {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly search: (text: string, isBackward: boolean) => void;
  /** Undefined if the list follows already, or has nothing to follow. */
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

/** The searches of the page, and the keys for them. */
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
