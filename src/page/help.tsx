// The keys of the page: the dialog that lists the keys, and the code that reads the keys.

import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useSpeech } from './context.ts';
import type { Word } from './words.ts';

export interface Actions {
  readonly nextError: () => void;
  readonly previousError: () => void;
  readonly nextMatch: () => void;
  readonly previousMatch: () => void;
  readonly pause: () => void;
  readonly follow: () => void;
  readonly help: () => void;
}

/** The keys, as the help shows them. */
const KEYS: readonly (readonly [string, Word])[] = [
  ['↑ ↓ PgUp PgDn', 'keyMove'],
  ['Home End', 'keyEnds'],
  ['e E', 'keyError'],
  ['/', 'keySearch'],
  ['n N', 'keyMatch'],
  ['p', 'keyPause'],
  ['f', 'keyFollow'],
  ['c', 'keyConversations'],
  ['l Esc', 'keyList'],
  ['?', 'keyHelp'],
];

function focus(id: string): void {
  document.getElementById(id)?.focus();
}

/** Moves the focus to the list and calls `action`. The next key may be an arrow, which the list reads. */
function inList(action: () => void): void {
  focus('frames');
  action();
}

/** Returns the action of a key, or `undefined` if the key has none. */
function actionOf(key: string, actions: Actions): (() => void) | undefined {
  const all: Readonly<Record<string, () => void>> = {
    e: () => inList(actions.nextError),
    E: () => inList(actions.previousError),
    n: () => inList(actions.nextMatch),
    N: () => inList(actions.previousMatch),
    f: () => inList(actions.follow),
    p: actions.pause,
    '?': actions.help,
    '/': () => focus('search'),
    c: () => focus('conversations'),
    l: () => focus('frames'),
  };
  return Object.hasOwn(all, key) ? all[key] : undefined;
}

function isWriting({ target }: Event): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}

/** Reads the keys that act on the whole page. */
export function useKeys(actions: Actions): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      if (event.key === 'Escape') {
        focus('frames');
        return;
      }
      const action = isWriting(event) ? undefined : actionOf(event.key, actions);
      if (action !== undefined) {
        event.preventDefault();
        action();
      }
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  });
}

interface HelpProps {
  readonly isOpen: boolean;
  readonly close: () => void;
}

export function Help({ isOpen, close }: HelpProps): VNode {
  const { say } = useSpeech();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = dialog;
    if (isOpen && current?.open === false) {
      current.showModal();
    } else if (!isOpen && current?.open === true) {
      current.close();
    }
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">{say('keysTitle')}</h2>
      <dl>
        {KEYS.map(([keys, word]) => (
          <div key={word}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{say(word)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={close}>
        {say('close')}
      </button>
    </dialog>
  );
}
