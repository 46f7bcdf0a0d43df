// The token: the secret that both sides have. It is random for each start, or comes from a file or the
// environment. It is never on a command line, which every user of the machine can read.

import { randomBytes } from 'node:crypto';
import { readOwnFile } from './state-file.ts';
import { Trouble } from './trouble.ts';

/** Length of a random token in bytes: 256 bits. */
const RANDOM_LENGTH = 32;
/** Minimum length of a given token in characters: a shorter one can be guessed. */
const LEAST_CHARACTERS = 20;
export const TOKEN_VARIABLE = 'UNSTICK_SHELL_TOKEN';

export function randomToken(): string {
  return randomBytes(RANDOM_LENGTH).toString('base64url');
}

/** The token in the file, or without a file that in the environment; `undefined` if there is none. */
export function givenToken(
  file: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const token = file === undefined ? env[TOKEN_VARIABLE] : readOwnFile(file)?.trim();
  if (token === undefined) {
    if (file === undefined) {
      return undefined;
    }
    throw new Trouble(`${file}: there is no such file.`);
  }
  if (token.length >= LEAST_CHARACTERS) {
    return token;
  }
  throw new Trouble(
    `The token in ${file ?? TOKEN_VARIABLE} has only ${token.length} of ${LEAST_CHARACTERS} needed characters.`,
  );
}
