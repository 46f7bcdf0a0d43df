// The page without a server: a person pastes hex or drops a file, and this page inspects it.

import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { PREFIX_NAMES } from '../codec/prefixes.ts';
import { FORMAT_NAMES } from '../framing/framing.ts';
import { App } from './app.tsx';
import { guessInput, inspectInput } from './input.ts';
import type { Input } from './input.ts';
import { makeLink, readHex, readLink } from './link.ts';
import { LocalSource } from './local-source.ts';
import { start } from './root.tsx';
import type { PageProps } from './root.tsx';
import { words } from './words.ts';
import type { Say, Word } from './words.ts';

/** What the page shows at first: two frames, cut as TCP may cut them. */
const EXAMPLE = { frames: 'u32be', hex: '0000 | 0005 68656c | 6c6f 00000002 68 | 69' };

interface Fields {
  readonly hex: string;
  readonly frames: string;
  /** A file that was opened, instead of the hex. */
  readonly file: File | undefined;
  readonly showsPayload: boolean;
}

/** What the page says about the input. A text is the sentence of a refusal. */
type Message = { readonly word: Word; readonly value: string } | { readonly text: string };

function inputOf({ hex, file }: Fields): Input | undefined {
  if (file !== undefined) {
    return { kind: 'file', file };
  }
  const pieces = readHex(hex);
  return pieces && { kind: 'hex', pieces };
}

/** Inspects the fields, or says why that cannot be. */
function inspected(fields: Fields): LocalSource | Message {
  const input = inputOf(fields);
  if (input === undefined) {
    return { word: 'badHex', value: '' };
  }
  try {
    return new LocalSource(inspectInput(input, fields));
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error) };
  }
}

interface Desk {
  readonly fields: Fields;
  readonly set: (changed: Partial<Fields>) => void;
  readonly message: Message | undefined;
  readonly tell: (message: Message) => void;
  readonly run: (changed?: Partial<Fields>) => void;
  readonly source: LocalSource | undefined;
}

function firstFields(): Fields {
  return { ...EXAMPLE, file: undefined, showsPayload: false, ...readLink(location.hash) };
}

/** The fields of the form, and the inspection that was made of them last. */
function useDesk(): Desk {
  const [fields, setFields] = useState<Fields>(firstFields);
  const [source, setSource] = useState<LocalSource | undefined>(undefined);
  const [message, tell] = useState<Message | undefined>(undefined);
  const run = (changed: Partial<Fields> = {}): void => {
    const next = { ...fields, ...changed };
    setFields(next);
    const result = inspected(next);
    const isSource = result instanceof LocalSource;
    tell(isSource ? undefined : result);
    if (isSource) {
      setSource(result);
    }
  };
  useEffect(() => {
    run();
    const follow = (): void => run(readLink(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const set = (changed: Partial<Fields>): void => setFields({ ...fields, ...changed });
  return { fields, set, message, tell, run, source };
}

start(function Playground({ language, setLanguage }: PageProps): VNode {
  const desk = useDesk();
  const say = useMemo(() => words(language), [language]);
  const form = <Form desk={desk} say={say} />;
  const { source } = desk;
  return source === undefined ? (
    form
  ) : (
    <App source={source} language={language} setLanguage={setLanguage}>
      {form}
    </App>
  );
});

interface FormProps {
  readonly desk: Desk;
  readonly say: Say;
}

function Form({ desk, say }: FormProps): VNode {
  const { fields, set, message, run } = desk;
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) {
      run({ file });
    }
  };
  return (
    <form
      class="input"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <label class="hex-input">
        {say('pasteHex')}
        <textarea
          id="hex"
          rows={2}
          spellcheck={false}
          value={fields.hex}
          onInput={({ currentTarget: { value } }) => set({ hex: value, file: undefined })}
        />
      </label>
      <Choice desk={desk} say={say} />
      <FileChoice desk={desk} say={say} />
      <LinkChoice desk={desk} say={say} />
      <p role="alert" class="doubt">
        {message === undefined
          ? ''
          : 'text' in message
            ? message.text
            : say(message.word, message.value)}
      </p>
    </form>
  );
}

/** Guesses the format of the input, and inspects with what was found. */
async function guessed({ fields, run }: Desk): Promise<Message> {
  const input = inputOf(fields);
  if (input === undefined) {
    return { word: 'badHex', value: '' };
  }
  const { verdict, word } = await guessInput(input);
  if (word === undefined) {
    return { word: 'guessNone', value: '' };
  }
  run({ frames: word });
  return { word: verdict === 'sure' ? 'guessSure' : 'guessLikely', value: word };
}

function Choice({ desk, say }: FormProps): VNode {
  const { fields, set, tell } = desk;
  const guessNow = (): void => {
    guessed(desk).then(tell, () => tell({ word: 'guessNone', value: '' }));
  };
  return (
    <div class="choice">
      <label>
        {say('format')}
        <input
          id="format"
          list="formats"
          spellcheck={false}
          value={fields.frames}
          onInput={({ currentTarget: { value } }) => set({ frames: value })}
        />
      </label>
      <datalist id="formats">
        {[...PREFIX_NAMES, ...FORMAT_NAMES].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit" class="main">
        {say('inspect')}
      </button>
      <button type="button" onClick={guessNow}>
        {say('guess')}
      </button>
    </div>
  );
}

function FileChoice({ desk, say }: FormProps): VNode {
  const { fields, run } = desk;
  return (
    <div class="file">
      <label class="button">
        {fields.file?.name ?? say('openFile')}
        <input
          id="file"
          type="file"
          class="visually-hidden"
          onChange={({ currentTarget: { files } }) => run({ file: files?.[0] })}
        />
      </label>
      <span class="hint">{`${say('dropFile')}. ${say('stays')}`}</span>
      {fields.file !== undefined && (
        <label class="check">
          <input
            type="checkbox"
            checked={fields.showsPayload}
            onChange={({ currentTarget: { checked } }) => run({ showsPayload: checked })}
          />
          {say('showPayload')}
        </label>
      )}
    </div>
  );
}

/** Makes a link. It has the format; it has the bytes only if a person asks for that. */
function LinkChoice({ desk, say }: FormProps): VNode {
  const { fields, tell } = desk;
  const [hasBytes, setHasBytes] = useState(false);
  const isHex = fields.file === undefined;
  const copy = (): void => {
    const { frames, hex } = fields;
    const link = makeLink({ frames, ...(hasBytes && isHex ? { hex } : {}) });
    if (link === undefined) {
      tell({ word: 'linkTooLong', value: '' });
      return;
    }
    history.replaceState(null, '', `#${link}`);
    navigator.clipboard.writeText(location.href).then(
      () => tell({ word: 'linkCopied', value: '' }),
      () => tell({ word: 'linkFailed', value: '' }),
    );
  };
  return (
    <div class="link">
      <button type="button" onClick={copy}>
        {say('copyLink')}
      </button>
      {isHex && (
        <label class="check">
          <input
            type="checkbox"
            checked={hasBytes}
            onChange={({ currentTarget: { checked } }) => setHasBytes(checked)}
          />
          {say('linkBytes')}
        </label>
      )}
    </div>
  );
}
