// Names of users and rooms, and the text that users may say. Every script is welcome, Chinese and emoji
// included. Names that readers cannot tell apart are refused, and so is text that a terminal would obey.

import type { Limits } from './limits.ts';

/** A name as it is shown, and the key under which two names are the same. */
export interface Name {
  readonly shown: string;
  readonly key: string;
}

/** Why the server did not do something: a code for programs, a sentence for people. */
export interface Refusal {
  readonly code: string;
  readonly text: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value;
}

/** Maximum number of marks on one letter. No script needs more, and more would cover the lines above. */
const MAX_MARKS = 4;

/**
 * One character as a reader sees it: an emoji, or letters, digits and `_ . -`, each with few marks. No space,
 * no `@` (it stands before a server), no `#` and `/` (commands of the client), and nothing that a renderer
 * ignores or leaves blank: variation selectors, fillers, joiners outside of emoji. Letters of different
 * scripts that look alike (а and a) are different names: see the README.
 * (The flag v is a string because it is newer than the JavaScript version that TypeScript compiles for.)
 */
const character = new RegExp(
  String.raw`^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\uFE0F?|(?:[[\p{L}\p{N}_.\-]--\p{DI}][\p{M}--\p{DI}]{0,${MAX_MARKS}})+)$`,
  'v',
);
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** `what` is the kind of name, for the sentence: `nickname`, `room`. */
export function nameOf(given: string, what: string, limits: Limits): Name | Refusal {
  // Check the bytes first, so that everything below looks at a short text.
  if (Buffer.byteLength(given) > limits.maxNameBytes) {
    return {
      code: 'name-too-long',
      text: `That ${what} has more than ${limits.maxNameBytes} bytes.`,
    };
  }
  const shown = given.normalize('NFC');
  const parts = Array.from(characters.segment(shown), ({ segment }) => segment);
  if (parts.length === 0) {
    return { code: 'name-empty', text: `A ${what} cannot be empty.` };
  }
  if (parts.length > limits.maxNameLength) {
    return {
      code: 'name-too-long',
      text: `A ${what} may have ${limits.maxNameLength} characters; that one has ${parts.length}.`,
    };
  }
  if (!parts.every((part) => character.test(part))) {
    return {
      code: 'name-characters',
      text: `A ${what} is made of letters, digits, emoji, and the signs _ . -`,
    };
  }
  return { shown, key: keyOf(shown) };
}

/** Ａｌｉｃｅ, ALICE and alice are one name, and so are ❤ and ❤️. */
export function keyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll('\uFE0F', '');
}

/** Where a private message goes: `name`, or `name@server` for a user of another server. */
export function addressOf(to: string): {
  readonly nick: string;
  readonly server: string | undefined;
} {
  const at = to.lastIndexOf('@');
  if (at < 0) {
    return { nick: to, server: undefined };
  }
  return { nick: to.slice(0, at), server: to.slice(at + 1) };
}

/** A server's name is also part of a subject of the bus, so it is kept plain. */
export function isServerName(text: string): boolean {
  return /^[a-z0-9-]{1,20}$/.test(text);
}

/** Control characters could clear the reader's screen, or forge a line. */
const control = /[^\P{Cc}\n\t]/u;

/** Why the server does not pass on a text that a user wants to say; `undefined` if it does. */
export function refusalOfText(text: string, limits: Limits): Refusal | undefined {
  if (text.trim() === '') {
    return { code: 'text-empty', text: 'That text is empty.' };
  }
  // A code point has at most two UTF-16 units, so a text beyond twice the limit need not be counted.
  const length = text.length > 2 * limits.maxTextLength ? text.length : Array.from(text).length;
  if (length > limits.maxTextLength) {
    return {
      code: 'text-too-long',
      text: `A text may have ${limits.maxTextLength} characters; that one has ${length}.`,
    };
  }
  if (control.test(text)) {
    return { code: 'text-control', text: 'Control characters are not passed on.' };
  }
  return undefined;
}
