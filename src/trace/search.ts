// Searches a list of rows. One call looks at a limited number of rows, so that a page and a proxy in the same
// process can go on between two calls.

import type { Block } from './block.ts';
import type { List } from './lists.ts';
import type { FindQuery, FindResult, OtherRow } from './rows.ts';
import type { Trace } from './trace.ts';

/** The thing that is searched. */
export type Search =
  /** The next row that is no whole frame. */
  | { readonly kind: 'error' }
  | { readonly kind: 'frame'; readonly frame: number }
  /** A row that holds this byte of its stream. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** Bytes in the kept part of a frame. A text is also searched in the code and the message of an error. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly text: string | undefined };

/** Maximum number of rows that one call looks at. */
const ROWS_A_CALL = 32_768;
/** Maximum length of a text that is searched. */
const MAX_TEXT = 256;

/**
 * Reads the text that a person writes into the search field: `!` for a row that is no whole frame, `#12` for a
 * frame, `@1024` for an offset, `0x05` or `00 05` for bytes, and anything else for a text. Returns `undefined`
 * for an empty text.
 */
function parseSearch(given: string): Search | undefined {
  const text = given.trim().slice(0, MAX_TEXT);
  if (text === '') {
    return undefined;
  }
  if (text === '!') {
    return { kind: 'error' };
  }
  const [, sign, digits = ''] = /^([#@])(\d{1,15})$/.exec(text) ?? [];
  if (sign !== undefined) {
    return sign === '#'
      ? { kind: 'frame', frame: Number(digits) }
      : { kind: 'offset', offset: Number(digits) };
  }
  const isHex = /^0x(?:[0-9a-f]{2})+$|^[0-9a-f]{2}(?: [0-9a-f]{2})+$/i.test(text);
  if (isHex) {
    const pairs = text.replace(/^0x/i, '').match(/[0-9a-f]{2}/gi) ?? [];
    const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
    return { kind: 'bytes', bytes, text: undefined };
  }
  return { kind: 'bytes', bytes: new TextEncoder().encode(text), text: text.toLowerCase() };
}

/** Searches from a position on, forward or backward. The row at that position is searched, too. */
export function findIn(trace: Trace, list: List, query: FindQuery): FindResult {
  const search = parseSearch(query.text);
  if (search === undefined) {
    return { kind: 'none' };
  }
  const step = query.isBackward ? -1 : 1;
  let position = Math.max(list.first, Math.min(query.from, list.end - 1));
  if (query.isBackward ? query.from < list.first : query.from >= list.end) {
    return { kind: 'none' };
  }
  for (let looked = 0; looked < ROWS_A_CALL; looked++) {
    const id = list.idAt(position);
    const found = id === undefined ? undefined : trace.find(id);
    if (id === undefined || found === undefined) {
      return { kind: 'none' };
    }
    if (fits(search, found.block, found.at)) {
      return { kind: 'found', position, id };
    }
    position += step;
  }
  return { kind: 'onward', next: position };
}

function fits(search: Search, block: Block, at: number): boolean {
  switch (search.kind) {
    case 'error':
      return !block.isFrame(at);
    case 'frame':
      return block.isFrame(at)
        ? block.frameOf(at) === search.frame
        : hasFrame(block, at, search.frame);
    case 'offset':
      return hasOffset(block, at, search.offset);
    case 'bytes':
      return block.isFrame(at)
        ? indexOf(block.bytesAt(at), search.bytes) >= 0
        : search.text !== undefined && hasText(block, at, search.text);
  }
}

function hasFrame(block: Block, at: number, frame: number): boolean {
  const row = block.otherAt(at);
  return row !== undefined && row.kind !== 'gap' && row.frame === frame;
}

function hasOffset(block: Block, at: number, offset: number): boolean {
  const start = block.offsetOf(at);
  const row = block.otherAt(at);
  const length = row === undefined ? block.lengthOf(at) : lengthOf(row);
  return offset >= start && offset < start + length;
}

function hasText(block: Block, at: number, text: string): boolean {
  const row = block.otherAt(at);
  return row !== undefined && wordsOf(row).toLowerCase().includes(text);
}

/** Number of bytes of the stream that a row is about. */
function lengthOf(row: OtherRow): number {
  switch (row.kind) {
    case 'gap':
      return row.length;
    case 'unfinished':
      return row.received;
    case 'error':
      return 1;
  }
}

function wordsOf(row: OtherRow): string {
  switch (row.kind) {
    case 'gap':
      return row.why;
    case 'unfinished':
      return row.kind;
    case 'error':
      return `${row.code} ${row.message}`;
  }
}

/** Returns the index at which `wanted` begins in `bytes`, or -1. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const first = wanted[0] ?? 0;
  const last = bytes.length - wanted.length;
  for (let i = bytes.indexOf(first); i >= 0 && i <= last; i = bytes.indexOf(first, i + 1)) {
    const start = i;
    if (wanted.every((byte, at) => bytes[start + at] === byte)) {
      return i;
    }
  }
  return -1;
}
