// The messages between client and server. A command is a request of the library's peer. A transfer has three
// steps:
//
//   get or put   a request, whose answer is a ticket
//   bytes        a channel with that ticket, which carries the bytes of the file and nothing else
//   finish       a request, after which the side that has the copy compares the checksums
//
// So a refusal is always the answer to a request and has a sentence, and `ls` never waits for a file.

import { quoted } from '../../support/shown.ts';
import { Refusal } from './refusal.ts';

/** Number of bytes of one transfer that may be on their way before the receiver takes them. */
export const WINDOW: number = 4 * 1024 * 1024;

/** The last time that a Date can hold. */
const LATEST_MS = 8.64e15;
const MOST_PERMISSIONS = 0o777;

export type Kind = 'file' | 'directory' | 'link' | 'other';

export interface Entry {
  readonly name: string;
  readonly kind: Kind;
  readonly size: number;
  /** Time in ms since 1970. */
  readonly modified: number;
}

/** What to do about a part that is there from an earlier attempt. */
export type Unfinished = 'ask' | 'resume' | 'restart';

/** What a copy keeps of a file besides its bytes. */
export interface Looks {
  /** The permissions, as of chmod: at most 0o777. */
  readonly mode: number;
  /** Time in ms since 1970. */
  readonly modified: number;
}

export interface GetAnswer {
  readonly ticket: number;
  readonly size: number;
  /** Offset of the first byte that is sent: the length of the client's part if it fits, else 0. */
  readonly from: number;
  readonly mode: number;
  readonly modified: number;
}

export interface PutAnswer {
  readonly ticket: number;
  /** Length and SHA-256 of the part from an earlier attempt. */
  readonly have: number;
  readonly sha256: string;
}

export interface QuotaAnswer {
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
  /** The share of `used` that unfinished uploads hold. */
  readonly unfinished: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a value that the remote sent. */
export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('E_REQUEST', 'An object with named fields is needed.');
  }
  return { ...value };
}

export function textOf(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value === 'string') {
    return value;
  }
  throw new Refusal('E_REQUEST', `"${key}" must be text.`);
}

/** A length or a position. */
export function countOf(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return value;
  }
  throw new Refusal('E_REQUEST', `"${key}" must be a whole number, 0 or more.`);
}

export function flagOf(fields: Fields, key: string): boolean {
  const value = fields[key] ?? false;
  if (typeof value === 'boolean') {
    return value;
  }
  throw new Refusal('E_REQUEST', `"${key}" must be true or false.`);
}

export function unfinishedOf(fields: Fields): Unfinished {
  const value = fields['unfinished'] ?? 'ask';
  if (value === 'ask' || value === 'resume' || value === 'restart') {
    return value;
  }
  throw new Refusal('E_REQUEST', '"unfinished" must be ask, resume or restart.');
}

/** Mode and time, if the remote sent them. */
export function looksOf(fields: Fields): Looks | undefined {
  if (fields['mode'] === undefined && fields['modified'] === undefined) {
    return undefined;
  }
  const [mode, modified] = [countOf(fields, 'mode'), countOf(fields, 'modified')];
  if (mode > MOST_PERMISSIONS || modified > LATEST_MS) {
    throw new Refusal(
      'E_REQUEST',
      '"mode" may be at most 0o777, "modified" a time that Date can hold.',
    );
  }
  return { mode, modified };
}

export function entriesOf(value: unknown): Entry[] {
  if (!Array.isArray(value)) {
    throw new Refusal('E_REQUEST', 'A list is needed.');
  }
  return value.map((item: unknown) => entryOf(item));
}

export function entryOf(value: unknown): Entry {
  const fields = fieldsOf(value);
  const kind = textOf(fields, 'kind');
  if (kind !== 'file' && kind !== 'directory' && kind !== 'link' && kind !== 'other') {
    throw new Refusal('E_REQUEST', `${quoted(kind)} is no kind of entry.`);
  }
  const [name, size] = [textOf(fields, 'name'), countOf(fields, 'size')];
  const modified = countOf(fields, 'modified');
  if (modified > LATEST_MS) {
    throw new Refusal('E_REQUEST', '"modified" is no time.');
  }
  return { name, kind, size, modified };
}
