// Turns the shown name of a file on the server into the name of a local file. The result is always a single
// name, never a path, because a dishonest server must not choose where a file goes.

import { isRaw } from '../../support/raw-text.ts';
import { Refusal } from '../both/refusal.ts';
import { fromShown } from '../both/shown-name.ts';

/** Windows takes a backslash for a /, has drives such as C:, and has no names that are not Unicode. */
const isWindows = process.platform === 'win32';

export function localName(shown: string): string {
  const name = fromShown(shown);
  if (name === undefined || ['', '.', '..'].includes(name) || /[/\0]/.test(name)) {
    throw new Refusal(
      'E_NAME',
      `${shown} cannot be the name of a file, whether it was typed or listed by the server.`,
    );
  }
  if (isWindows && (isRaw(name) || /[\\:]/.test(name))) {
    throw new Refusal(
      'E_NAME',
      `${shown} cannot be the name of a file here; give another name with --as.`,
    );
  }
  return name;
}
