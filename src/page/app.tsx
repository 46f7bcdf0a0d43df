// The page: conversations at the left, the ruler above the list of frames, and the selected frame beside the
// list.

import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { TraceState } from '../trace/rows.ts';
import { SpeechContext, useSpeech } from './context.ts';
import { Conversations } from './conversations.tsx';
import { DetailPane } from './detail.tsx';
import { FrameList } from './frame-list.tsx';
import { seen } from './frame-row.tsx';
import { Help } from './help.tsx';
import { Ruler } from './ruler.tsx';
import type { Source } from './source.ts';
import { Toolbar } from './toolbar.tsx';
import { useActions, useChoices, versionOf } from './use-choices.ts';
import type { ActionProps, Actions } from './use-choices.ts';
import { findNear } from './use-search.ts';
import { useDetail, usePosition, useUpdate } from './use-source.ts';
import { words } from './words.ts';
import type { Language, Say } from './words.ts';

interface AppProps {
  readonly source: Source;
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  /** Address of the documents, for a page that stands beside the documents on a site. */
  readonly home?: string;
  /** The content above the page. A page without a server has its input form there. */
  readonly children?: ComponentChildren;
}

export function App(props: AppProps): VNode {
  const { source, language, children } = props;
  const { state, isLost } = useUpdate(source);
  const say = useMemo(() => words(language), [language]);
  const pieces = state?.source.pieces ?? 'chunks';
  const speech = useMemo(() => ({ say, pieces }), [say, pieces]);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const choices = useChoices(source, state);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = `unstick · ${say('title')}`;
  }, [language, say]);
  return (
    <SpeechContext.Provider value={speech}>
      <a class="skip" href="#frames" onClick={skip}>
        {say('skip')}
      </a>
      <TopBar
        {...props}
        state={state}
        isLost={isLost}
        isPaused={choices.frozenAt !== undefined}
        help={() => setHelpOpen(true)}
      />
      {children}
      <Body
        source={source}
        state={state}
        say={say}
        choices={choices}
        help={() => setHelpOpen(true)}
      />
      <Help isOpen={isHelpOpen} close={() => setHelpOpen(false)} />
    </SpeechContext.Provider>
  );
}

interface TopBarProps
  extends Pick<AppProps, 'language' | 'setLanguage' | 'home'>, Omit<StatusProps, 'say'> {
  readonly help: () => void;
}

function TopBar(props: TopBarProps): VNode {
  const { language, setLanguage, home, help } = props;
  const { say } = useSpeech();
  return (
    <header class="top">
      <h1>
        unstick <span>{say('title')}</span>
      </h1>
      <Status {...props} say={say} />
      {home !== undefined && (
        <a class="button" href={home}>
          {say('documents')}
        </a>
      )}
      <button type="button" onClick={help} title="?">
        {say('keys')}
      </button>
      <button
        type="button"
        lang={language === 'en' ? 'zh-CN' : 'en'}
        onClick={() => setLanguage(language === 'en' ? 'zh' : 'en')}
      >
        {say('language')}
      </button>
    </header>
  );
}

/** Moves the focus to the list. Leaves the address as it is, because the address may hold data. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('frames')?.focus();
}

interface StatusProps {
  readonly state: TraceState | undefined;
  readonly isLost: boolean;
  readonly isPaused: boolean;
  readonly say: Say;
}

function Status({ state, isLost, isPaused, say }: StatusProps): VNode {
  if (state === undefined) {
    return <p class="status">{isLost ? say('lost') : '…'}</p>;
  }
  const { summary, isOver, isLive } = state;
  const word = isLost
    ? 'lost'
    : isPaused
      ? 'paused'
      : isOver
        ? 'over'
        : isLive
          ? 'live'
          : 'reading';
  return (
    <p class="status">
      <span class={`chip ${word}`}>{say(word)}</span>
      <code>{framingText(state, say)}</code>
      <span>{say('summary', summary.frames, summary.half, summary.sticky, summary.errors)}</span>
    </p>
  );
}

/** The framing, or what was guessed so far. */
function framingText({ source, guessed, isOver }: TraceState, say: Say): string {
  if (guessed === undefined) {
    return seen(source.framing);
  }
  if (guessed.length === 0) {
    return say(isOver ? 'guessNone' : 'guessing');
  }
  return say('guessed', seen(guessed.join(' · ')));
}

function Body(props: ActionProps): VNode {
  const { source, state, say, choices } = props;
  const { filter, cursor, frozenAt, setFilter, show } = choices;
  const [message, tell] = useState('');
  const actions = useActions(props, tell);
  const detail = useDetail(source, cursor?.id, versionOf(state, frozenAt));
  const goTo = (wanted: string): void => {
    if (detail !== undefined) {
      findNear(source, detail.row, wanted).then(
        (id) => (id === undefined ? tell(say('notFound', wanted)) : show(id)),
        () => tell(say('lost')),
      );
    }
  };
  return (
    <main>
      <Conversations
        source={source}
        version={`${state?.end} ${state?.summary.bytes} ${state?.isOver}`}
        isGuessing={state?.guessed !== undefined && !state.isOver}
        chosen={filter.conversation}
        choose={(conversation) => setFilter({ ...filter, conversation })}
      />
      <div class="middle">
        <Bar {...props} actions={actions} />
        <Ruler detail={detail} select={show} />
        <List {...props} />
        <Messages state={state} message={message} say={say} />
      </div>
      <DetailPane
        detail={detail}
        isAsked={cursor !== undefined}
        showsPayload={state?.showsPayload === true}
        note={state?.note}
        goTo={goTo}
      />
    </main>
  );
}

function Bar({ state, choices, actions }: ActionProps & { readonly actions: Actions }): VNode {
  const { text, setText, search, pause, follow } = actions;
  const { errors = 0, gaps = 0, unfinished = 0 } = state?.summary ?? {};
  return (
    <Toolbar
      filter={choices.filter}
      setFilter={choices.setFilter}
      searchText={text}
      setSearchText={setText}
      search={(isBackward) => search(text, isBackward)}
      jump={(isBackward) => search('!', isBackward)}
      pause={pause}
      follow={follow}
      errors={errors + gaps + unfinished}
    />
  );
}

function List({ source, state, choices }: ActionProps): VNode {
  const { filter, cursor, isFollowing, frozenAt, setCursor, setFollowing } = choices;
  const frozenEnd = usePosition(source, filter, frozenAt);
  return (
    <FrameList
      source={source}
      filter={filter}
      version={versionOf(state, frozenAt)}
      cursor={cursor}
      setCursor={setCursor}
      frozenEnd={frozenEnd}
      isFollowing={isFollowing}
      setFollowing={setFollowing}
    />
  );
}

interface MessagesProps {
  readonly state: TraceState | undefined;
  readonly message: string;
  readonly say: Say;
}

function Messages({ state, message, say }: MessagesProps): VNode {
  return (
    <footer>
      <p role="status">{seen(message)}</p>
      {state !== undefined && state.notKept > 0 && (
        <p class="doubt">{say('notKept', state.notKept)}</p>
      )}
      {state?.problem !== undefined && <p class="doubt">{seen(state.problem)}</p>}
    </footer>
  );
}
