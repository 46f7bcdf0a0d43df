// The page of `--web`: one HTML file, which `npm run build` makes.

import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { UnreadableInput } from './inputs.ts';

/** Places where the page may lie: beside the built command line, or in the build beside the sources. */
const PLACES = ['../page/inspect.html', '../../dist/page/inspect.html'];

/** Reads the page. Throws UnreadableInput if the page was not built. */
export function readPage(): string {
  for (const place of PLACES) {
    try {
      return readFileSync(new URL(place, import.meta.url), 'utf8');
    } catch {
      // Try the next place.
    }
  }
  const hint = 'Run npm run build.';
  throw new UnreadableInput(new UsageError('ERR_OPTION', 'The page is not built.', { hint }));
}
