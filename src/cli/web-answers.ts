// Answers the questions of a page to the server of `--web`. A question comes as words in an address, and its
// answer is a value. The words are checked here: a page of another version, or a person, may have written
// them.

import type { Way } from '../capture/events.ts';
import type { Inspection } from '../trace/inspection.ts';
import type { Filter } from '../trace/rows.ts';

/** Error for a question whose words are wrong. */
class BadQuestion extends Error {}

type Answer = (inspection: Inspection, words: URLSearchParams) => object | undefined;

const ANSWERS: Readonly<Record<string, Answer>> = {
  state: (inspection) => inspection.state(),
  rows: (inspection, words) =>
    inspection.rows({
      filter: filterOf(words),
      from: numberOf(words, 'from'),
      count: numberOf(words, 'count'),
    }),
  position: (inspection, words) => ({
    position: inspection.position(filterOf(words), numberOf(words, 'id')),
  }),
  detail: (inspection, words) => inspection.detail(numberOf(words, 'id')),
  find: (inspection, words) =>
    inspection.find({
      filter: filterOf(words),
      text: words.get('text') ?? '',
      from: numberOf(words, 'from'),
      isBackward: words.get('backward') === 'true',
    }),
  conversations: (inspection, words) =>
    inspection.conversations(numberOf(words, 'from'), numberOf(words, 'count')),
};

/** Answers a question. Returns an HTTP status and a value. */
export function answer(
  inspection: Inspection,
  path: string,
  words: URLSearchParams,
): { readonly status: number; readonly value: object } {
  const make = Object.hasOwn(ANSWERS, path) ? ANSWERS[path] : undefined;
  if (make === undefined) {
    return { status: 404, value: { problem: 'There is nothing under this address.' } };
  }
  try {
    const value = make(inspection, words);
    return value === undefined
      ? { status: 410, value: { problem: 'This row is not kept any more.' } }
      : { status: 200, value };
  } catch (error) {
    if (!(error instanceof BadQuestion)) {
      throw error;
    }
    return { status: 400, value: { problem: error.message } };
  }
}

function filterOf(words: URLSearchParams): Filter {
  const direction = words.get('direction');
  if (direction !== null && !isWay(direction)) {
    throw new BadQuestion('direction must be a>b or b>a.');
  }
  return {
    ...(words.has('conversation') ? { conversation: numberOf(words, 'conversation') } : {}),
    ...(direction === null ? {} : { direction }),
    errors: words.get('errors') === 'true',
  };
}

function isWay(word: string): word is Way {
  return word === 'a>b' || word === 'b>a';
}

/**
 * Reads a whole number of at least -1. It may be -1 because a search backward goes on in front of the first
 * row.
 */
function numberOf(words: URLSearchParams, name: string): number {
  const word = words.get(name) ?? '';
  if (!/^(?:\d{1,15}|-1)$/.test(word)) {
    throw new BadQuestion(`${name} must be a whole number.`);
  }
  return Number(word);
}
