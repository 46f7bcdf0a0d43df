// Chooses the language of the demo and of cures.ts.

import { Complaint } from '../../support/program.ts';
import { wordsEn } from './words-en.ts';
import { wordsZh } from './words-zh.ts';
import type { Words } from './words.ts';

const languages: ReadonlyMap<string, Words> = new Map([
  ['en', wordsEn],
  ['zh', wordsZh],
]);

/** The words in the language of `--lang zh` or `--lang en`, else of the environment, else English. */
export function chooseWords(given: string | undefined, env: NodeJS.ProcessEnv): Words {
  if (given === undefined) {
    return /^zh/i.test(spokenIn(env)) ? wordsZh : wordsEn;
  }
  const words = languages.get(given);
  if (words === undefined) {
    throw new Complaint(`--lang is "${given}"; it must be en or zh.`, 2);
  }
  return words;
}

/** The locale of the environment, found as other programs find it: an empty variable does not count. */
function spokenIn(env: NodeJS.ProcessEnv): string {
  const all = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']];
  return all.find((locale) => locale !== undefined && locale !== '') ?? '';
}
