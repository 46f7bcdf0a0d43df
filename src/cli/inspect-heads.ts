// The flags --fields and --head: the fields of the head of each frame, as JSON and as a tree for people.

import { isBinaryParser, plannedHead } from '../heads/instrument.ts';
import { fieldsOf } from '../heads/fields.ts';
import type { HeadField } from '../heads/head-field.ts';
import { HEAD_NAMES, headOf } from '../heads/heads.ts';
import type { FrameHead } from '../heads/heads.ts';
import { refuse } from '../options.ts';
import { printable } from '../text.ts';
import type { HeadField as RowField } from '../trace/rows.ts';
import { importFile } from './frame-words.ts';
import { reading } from './inputs.ts';
import type { ToneLine } from './inspect-view.ts';

/** Function that returns the fields of a frame, or `undefined` if its bytes are no such head. */
export type HeadReader = (frame: FrameHead) => readonly HeadField[] | undefined;

export interface HeadFlags {
  readonly frames?: string;
  readonly fields?: boolean;
  readonly head?: string;
}

const INDENT = '    ';

/** Refuses `--fields` if neither the format nor `--head` says what the fields are. */
export function checkHeads({ frames = '', fields = false, head }: HeadFlags): void {
  if (fields && head === undefined && !HEAD_NAMES.includes(frames)) {
    refuse(
      '--fields needs a format with a declared head, or --head.',
      `Formats with a head are ${HEAD_NAMES.join(', ')}.`,
    );
  }
}

/**
 * Returns the reader that the flags ask for, or `undefined` if they ask for none. Importing the file of
 * `--head` runs it. Rejects with UnreadableInput.
 */
export async function headReader({
  frames = '',
  fields = false,
  head,
}: HeadFlags): Promise<HeadReader | undefined> {
  if (head === undefined) {
    return fields ? (frame) => headOf(frames, frame) : undefined;
  }
  const module = await importFile(head);
  const exported: unknown[] = ['default', 'head'].map((name) => Reflect.get(module, name));
  const parser = exported.find(isBinaryParser);
  if (parser === undefined) {
    return reading(() =>
      refuse(
        `${printable(head)} exports no parser.`,
        'Export a Parser of binary-parser 2 as default, or under the name head.',
      ),
    );
  }
  const planned = plannedHead(parser);
  return ({ bytes, offset }) => fieldsOf(planned, bytes, offset);
}

/** Returns the fields as a tree: the name, value and place of each. */
export function treeLines(fields: readonly HeadField[], indent: string = INDENT): ToneLine[] {
  return fields.flatMap(({ name, value, offset, length }, i) => {
    const isLast = i === fields.length - 1;
    const isTree = typeof value === 'object';
    const shown = isTree ? '' : ` ${typeof value === 'string' ? printable(value) : String(value)}`;
    const label = printable(name, { quotes: false });
    const line = `${indent}${isLast ? '└' : '├'} ${label}${shown} @${offset}+${length}`;
    const inside = isTree ? treeLines(value, `${indent}${isLast ? '  ' : '│ '}`) : [];
    return [{ text: line, tone: 'dim' as const }, ...inside];
  });
}

/** Returns the fields in the form that the page shows, with values as text. */
export function rowFields(fields: readonly HeadField[]): RowField[] {
  return fields.map(({ value, ...field }) =>
    typeof value === 'object'
      ? { ...field, value: '', fields: rowFields(value) }
      : { ...field, value: String(value) },
  );
}
