// The input that a person has given to the page without a server, and the last inspection of an input.

import { useEffect, useRef, useState } from 'preact/hooks';
import { MAX_PAGE } from '../trace/rows.ts';
import type { FrameRow } from '../trace/rows.ts';
import type { Inspection } from '../trace/inspection.ts';
import { breather } from './breath.ts';
import { deliveryOf } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { HexReader, readHex } from './hex.ts';
import { inspectInput } from './input.ts';
import type { Input } from './input.ts';
import { readLink } from './link.ts';
import { LocalSource } from './local-source.ts';
import type { Word } from './words.ts';

/** The input that the page shows at first: two frames, cut as TCP may cut them. */
const EXAMPLE = { frames: 'u32be', hex: '00 00 | 00 05 68 65 6c | 6c 6f 00 00 00 02 68 | 69' };

/** Maximum number of characters in the field. A browser is too slow when it draws more characters. */
export const MAX_FIELD = 65_536;
/** Maximum number of characters that a person can paste at once. */
const MAX_PASTED = 64 * 1024 * 1024;
/** Maximum number of characters that are read in one step. */
const STEP = 65_536;
/** Maximum number of bytes that are drawn with their cuts. */
export const MAX_DRAWN = 1024;

export interface Fields {
  readonly hex: string;
  readonly frames: string;
  /** A file that was opened. It is inspected in place of the hex. */
  readonly file: File | undefined;
  /** Bytes of pasted hex that is too long for the field. They are inspected in place of `hex`. */
  readonly pasted: readonly Uint8Array[] | undefined;
  readonly showsPayload: boolean;
}

/** The words that the page says about the input. A message with `text` is a refusal. */
export type Message = { readonly word: Word; readonly value: string } | { readonly text: string };

/** The bytes that are drawn, with their cuts, and the frames in them. */
export interface Drawn {
  readonly delivery: Delivery;
  readonly frames: readonly FrameRow[];
}

export interface Result {
  readonly source: LocalSource;
  /** Missing for a file and for pasted hex that is too long for the field. Their bytes are not drawn. */
  readonly drawn?: Drawn;
}

export interface Desk {
  readonly fields: Fields;
  readonly set: (changed: Partial<Fields>) => void;
  readonly message: Message | undefined;
  readonly tell: (message: Message) => void;
  /** Inspects the fields again. The page says `said` when the inspection is finished. */
  readonly run: (changed?: Partial<Fields>, said?: Message) => void;
  readonly result: Result | undefined;
}

export function inputOf({ hex, file, pasted }: Fields): Input | undefined {
  if (file !== undefined) {
    return { kind: 'file', file };
  }
  const pieces = pasted ?? readHex(hex);
  return pieces && { kind: 'hex', pieces };
}

/** Returns the frames among the bytes that are drawn. */
function framesOf(inspection: Inspection): readonly FrameRow[] {
  const frames: FrameRow[] = [];
  for (let from = 0, end = 1; from < end; from += MAX_PAGE) {
    const page = inspection.rows({ filter: {}, from, count: MAX_PAGE });
    const near = page.rows.filter(({ offset }) => offset < MAX_DRAWN);
    frames.push(...near.filter((row) => row.kind === 'frame'));
    end = near.length < page.rows.length ? 0 : page.end;
  }
  return frames;
}

/** Inspects the fields. If that is impossible, resolves with a message that says why. */
async function inspected(fields: Fields): Promise<Result | Message> {
  const input = inputOf(fields);
  if (input === undefined) {
    return { word: 'badHex', value: '' };
  }
  try {
    const { inspection, finished } = inspectInput(input, fields);
    if (input.kind === 'file' || fields.pasted !== undefined) {
      return { source: new LocalSource(inspection) };
    }
    // Wait until a short input is inspected. Nobody notices the time, and a page that showed half of the
    // result for a moment would flicker.
    await finished;
    const delivery = deliveryOf(input.pieces);
    const subject = `${fields.frames} ${fields.hex.replaceAll(/[\s|]+/g, '')}`;
    const source = new LocalSource(inspection, subject);
    return { source, drawn: { delivery, frames: framesOf(inspection) } };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error) };
  }
}

/** Reads hex that is too long for the field. */
export async function readLongHex(text: string): Promise<readonly Uint8Array[] | Message> {
  if (text.length > MAX_PASTED) {
    return { word: 'tooLong', value: '' };
  }
  const reader = new HexReader();
  const breathe = breather();
  for (let start = 0; start < text.length; start += STEP) {
    await breathe();
    reader.push(text.slice(start, start + STEP));
  }
  return reader.end() ?? { word: 'badHex', value: '' };
}

/** The fields without a file and without long pasted hex, so that `hex` is inspected. */
const NO_FILE = { file: undefined, pasted: undefined } as const;

function firstFields(): Fields {
  return { ...EXAMPLE, ...NO_FILE, showsPayload: false, ...readLink(location.hash) };
}

/** Returns the fields of the form, and the last inspection that was made of fields. */
export function useDesk(): Desk {
  const [fields, setFields] = useState<Fields>(firstFields);
  const [result, setResult] = useState<Result | undefined>(undefined);
  const [message, tell] = useState<Message | undefined>(undefined);
  // Use the newest fields. A call that runs later must change what was set meanwhile, and not an older copy.
  const now = useRef({ fields, runs: 0 });
  const set = (changed: Partial<Fields>): void => {
    now.current.fields = { ...now.current.fields, ...changed };
    setFields(now.current.fields);
  };
  const run: Desk['run'] = (changed = {}, said) => {
    set(changed);
    now.current.runs++;
    const mine = now.current.runs;
    inspected(now.current.fields).then(
      (next) => {
        if (mine === now.current.runs) {
          const isResult = 'source' in next;
          tell(isResult ? said : next);
          setResult((before) => (isResult ? next : before));
        }
      },
      (error: unknown) => tell({ text: String(error) }),
    );
  };
  useEffect(() => {
    run();
    const follow = (): void => run({ ...NO_FILE, ...readLink(location.hash) });
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return { fields, set, message, tell, run, result };
}
