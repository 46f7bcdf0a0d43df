// The bar above the list, with filters, errors, search and pause.

import type { VNode } from 'preact';
import type { Filter } from '../trace/rows.ts';
import { useSpeech } from './context.ts';

export interface ToolbarProps {
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
  readonly searchText: string;
  readonly setSearchText: (text: string) => void;
  readonly search: (isBackward: boolean) => void;
  readonly jump: (isBackward: boolean) => void;
  /**
   * The state of the pause, and the function that pauses the list or ends the pause. `undefined` if the
   * source has ended and the list is not paused.
   */
  readonly pause: { readonly isPaused: boolean; readonly toggle: () => void } | undefined;
  /**
   * Makes the list follow its end. `undefined` if the list follows already, if the list is paused, or if the
   * source has ended.
   */
  readonly follow: (() => void) | undefined;
  readonly errors: number;
}

export function Toolbar(props: ToolbarProps): VNode {
  const { say } = useSpeech();
  const { jump, pause, follow, errors } = props;
  return (
    <div class="toolbar">
      <Filters {...props} />
      <span class="joined">
        <button type="button" disabled={errors === 0} onClick={() => jump(true)} title="E">
          <span aria-hidden="true">↑</span>
          <span class="visually-hidden">{say('previousError')}</span>
        </button>
        <button type="button" disabled={errors === 0} onClick={() => jump(false)} title="e">
          {say('nextError')}
        </button>
      </span>
      <SearchForm {...props} />
      {follow !== undefined && (
        <button type="button" onClick={follow} title="f">
          {say('follow')}
        </button>
      )}
      {pause !== undefined && (
        <button
          type="button"
          class="pause"
          aria-pressed={pause.isPaused}
          onClick={pause.toggle}
          title="p"
        >
          {say(pause.isPaused ? 'goOn' : 'pause')}
        </button>
      )}
    </div>
  );
}

function Filters({ filter, setFilter }: ToolbarProps): VNode {
  const { say } = useSpeech();
  const choose = ({ currentTarget }: { readonly currentTarget: HTMLSelectElement }): void => {
    const { value } = currentTarget;
    setFilter({ ...filter, direction: value === 'a>b' || value === 'b>a' ? value : undefined });
  };
  return (
    <>
      <select aria-label={say('direction')} value={filter.direction ?? ''} onChange={choose}>
        <option value="">{say('bothWays')}</option>
        <option value="a>b">{say('toServer')}</option>
        <option value="b>a">{say('toClient')}</option>
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={filter.errors === true}
          onChange={({ currentTarget: { checked } }) => setFilter({ ...filter, errors: checked })}
        />
        {say('errorsOnly')}
      </label>
    </>
  );
}

function SearchForm({ searchText, setSearchText, search }: ToolbarProps): VNode {
  const { say } = useSpeech();
  return (
    <form
      class="joined search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(false);
      }}
    >
      <input
        id="search"
        type="search"
        aria-label={say('search')}
        placeholder={say('searchHint')}
        value={searchText}
        onInput={({ currentTarget: { value } }) => setSearchText(value)}
      />
      <button type="button" title="N" onClick={() => search(true)}>
        <span aria-hidden="true">↑</span>
        <span class="visually-hidden">{say('previous')}</span>
      </button>
      <button type="submit" title="n">
        {say('next')}
      </button>
    </form>
  );
}
