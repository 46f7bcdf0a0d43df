// Checks a note from the bus as strictly as a command from a client. Any program that reaches the bus can
// write to it, and a server of another version may have other limits. A note that does not fit is dropped.

import type { Note } from '../bus/notes.ts';
import type { Limits } from './limits.ts';
import { isRefusal, isServerName, nameOf, refusalOfText } from './names.ts';

/** The last time that a Date can hold. */
const LATEST_MS = 8.64e15;
const MAX_REASON = 20;

export function isFit(note: Note, limits: Limits): boolean {
  if (!isServerName(note.server)) {
    return false;
  }
  switch (note.type) {
    case 'said':
      return isName(note.room, limits) && isName(note.from, limits) && isLine(note, limits);
    case 'tell':
      return isName(note.to, limits) && isName(note.from, limits) && isLine(note, limits);
    case 'left':
      return (
        isName(note.room, limits) && isName(note.nick, limits) && note.why.length <= MAX_REASON
      );
    case 'entered':
    case 'who':
      return isName(note.room, limits) && isName(note.nick, limits);
    case 'members':
      return isName(note.room, limits) && isName(note.nick, limits) && isList(note, limits);
    case 'ping':
      return true;
  }
}

function isName(name: string, limits: Limits): boolean {
  return !isRefusal(nameOf(name, 'name', limits));
}

function isLine({ text, at }: { text: string; at: number }, limits: Limits): boolean {
  return refusalOfText(text, limits) === undefined && at >= 0 && at <= LATEST_MS;
}

function isList({ text, count }: { text: string; count: number }, limits: Limits): boolean {
  // Check the length first, so that the text to split is bounded.
  if (text.length > limits.maxUsers * (limits.maxNameBytes + 1)) {
    return false;
  }
  const names = text === '' ? [] : text.split('\n');
  return names.length === count && names.every((name) => isName(name, limits));
}
