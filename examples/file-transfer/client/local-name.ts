// The name of a file here that a shown name of the server stands for. A server that is not honest must not choose
// where a file goes, so it is a single name, here as well.

import { isRaw } from '../../support/raw-text.ts';
import { Refusal } from '../both/refusal.ts';
import { fromShown } from '../both/shown-name.ts';

/** Some systems take a backslash for a / and have drives, and no names that are not Unicode. */
const isWindows = process.platform === 'win32';

export function localName(shown: string): string {
  const name = fromShown(shown);
  if (name === undefined || ['', '.', '..'].includes(name) || /[/\0]/.test(name)) {
    throw new Refusal(
      'E_NAME',
      'What the server listed, or what was typed, is not the name of a file.',
    );
  }
  if (isWindows && (isRaw(name) || /[\\:]/.test(name))) {
    throw new Refusal(
      'E_NAME',
      `${shown} cannot be the name of a file here; say another with --as.`,
    );
  }
  return name;
}
