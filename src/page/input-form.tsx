// The form of the page without a server: hex or a file, the format, a guess, and a link.

import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { captureKind } from '../capture/capture-reader.ts';
import { PREFIX_NAMES } from '../codec/prefixes.ts';
import { FORMAT_NAMES } from '../framing/framing.ts';
import { inputOf, MAX_FIELD, readLongHex } from './desk.ts';
import type { Desk, Message } from './desk.ts';
import { seen } from './frame-row.tsx';
import { printHex } from './hex.ts';
import { guessInput } from './input.ts';
import { makeLink } from './link.ts';
import { byteCount } from './words.ts';
import type { Say } from './words.ts';

export interface FormProps {
  readonly desk: Desk;
  readonly say: Say;
}

/**
 * Maximum length in bytes of a file whose bytes are put into the field as hex, where a person can cut them.
 */
const MAX_EDITED = 16_384;

function textOf(message: Message, say: Say): string {
  return 'text' in message ? seen(message.text) : say(message.word, message.value);
}

export function InputForm({ desk, say }: FormProps): VNode {
  const { message, run } = desk;
  const drop = (event: DragEvent): void => {
    const { files } = event.dataTransfer ?? {};
    const text = event.dataTransfer?.getData('text') ?? '';
    const [file] = files ?? [];
    if (file !== undefined) {
      event.preventDefault();
      run({ file });
    } else if (text.length > MAX_FIELD) {
      event.preventDefault();
      takeLong(desk, text);
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
      <HexField desk={desk} say={say} />
      <Choice desk={desk} say={say} />
      <FileChoice desk={desk} say={say} />
      <LinkChoice desk={desk} say={say} />
      <p role="alert" class="doubt">
        {message === undefined ? '' : textOf(message, say)}
      </p>
    </form>
  );
}

/** Reads hex that is too long for the field, and inspects the bytes. */
function takeLong({ run, set, tell }: Desk, text: string): void {
  set({ hex: '' });
  tell({ word: 'readingHex', value: '' });
  readLongHex(text).then(
    (read) => ('length' in read ? run({ hex: '', file: undefined, pasted: read }) : tell(read)),
    (error: unknown) => tell({ text: String(error) }),
  );
}

function HexField({ desk, say }: FormProps): VNode {
  const { fields, set } = desk;
  const { pasted } = fields;
  const paste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text') ?? '';
    if (text.length > MAX_FIELD) {
      event.preventDefault();
      takeLong(desk, text);
    }
  };
  const type = (text: string): void => {
    if (text.length > MAX_FIELD) {
      takeLong(desk, text);
    } else {
      set({ hex: text, file: undefined, pasted: undefined });
    }
  };
  const length = pasted?.reduce((sum, piece) => sum + piece.length, 0) ?? 0;
  return (
    <label class="hex-input">
      {pasted === undefined ? say('pasteHex') : say('pastedBytes', byteCount(length))}
      <textarea
        id="hex"
        rows={2}
        spellcheck={false}
        value={fields.hex}
        onPaste={paste}
        onInput={({ currentTarget: { value } }) => type(value)}
      />
    </label>
  );
}

/** Guesses the format of the input, and inspects the input with that format. */
async function guessNow({ fields, run, tell }: Desk): Promise<void> {
  const input = inputOf(fields);
  if (input === undefined) {
    tell({ word: 'badHex', value: '' });
    return;
  }
  tell({ word: 'guessing', value: '' });
  const { verdict, word } = await guessInput(input);
  if (word === undefined) {
    tell({ word: 'guessNone', value: '' });
  } else {
    run({ frames: word }, { word: verdict === 'sure' ? 'guessSure' : 'guessLikely', value: word });
  }
}

function Choice({ desk, say }: FormProps): VNode {
  const { fields, set, tell } = desk;
  const guessing = (): void => {
    guessNow(desk).catch((error: unknown) => tell({ text: String(error) }));
  };
  return (
    <div class="choice">
      <label>
        {say('format')}
        <input
          id="format"
          list="formats"
          spellcheck={false}
          autocomplete="off"
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
      <button type="button" onClick={guessing}>
        {say('guess')}
      </button>
    </div>
  );
}

/** Puts the bytes of a small file into the field, where a person can cut them. */
async function edit({ run, tell }: Desk, file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (captureKind(bytes.subarray(0, 4)) === undefined) {
    run({ hex: printHex([bytes]), file: undefined });
  } else {
    tell({ word: 'captureIsCut', value: '' });
  }
}

function FileChoice({ desk, say }: FormProps): VNode {
  const { fields, run, tell } = desk;
  const { file } = fields;
  return (
    <div class="file">
      <label class="button">
        {file === undefined ? say('openFile') : seen(file.name)}
        <input
          id="file"
          type="file"
          class="visually-hidden"
          onChange={({ currentTarget: { files } }) => run({ file: files?.[0] })}
        />
      </label>
      {file === undefined && <span class="hint">{`${say('dropFile')} ${say('stays')}`}</span>}
      {file !== undefined && (
        <label class="check">
          <input
            type="checkbox"
            checked={fields.showsPayload}
            onChange={({ currentTarget: { checked } }) => run({ showsPayload: checked })}
          />
          {say('showPayload')}
        </label>
      )}
      {file !== undefined && file.size <= MAX_EDITED && (
        <button
          type="button"
          onClick={() => {
            edit(desk, file).catch((error: unknown) => tell({ text: String(error) }));
          }}
        >
          {say('editFile')}
        </button>
      )}
    </div>
  );
}

/** A button that makes a link. The link has the format. It has the bytes only if a person asks for that. */
function LinkChoice({ desk, say }: FormProps): VNode {
  const { fields, tell } = desk;
  const [hasBytes, setHasBytes] = useState(false);
  const isHex = fields.file === undefined && fields.pasted === undefined;
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
