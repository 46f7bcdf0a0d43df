// The version that every example program prints: that of the package.

import { readFileSync } from 'node:fs';

export function versionText(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  // The cast is safe: package.json of this project has a version.
  const { version } = JSON.parse(text) as { version: string };
  return `unstick ${version}`;
}
