// Loads a module of this folder's own node_modules. The types of these modules are asserted here, in one
// place, so that `npm run typecheck` works when they are not installed.

import { readFileSync } from 'node:fs';

/** The module `name`, or its default export if it has no other. */
export async function load<Module>(name: string): Promise<Module> {
  const loaded: object = await import(name);
  const own = 'default' in loaded && Object.keys(loaded).length <= 2 ? loaded.default : loaded;
  return own as Module; // The one assertion: the type in targets.ts was taken from the module's README.
}

/** The version that is installed; `undefined` if none is. */
export function installedVersion(name: string): string | undefined {
  try {
    const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
    const { version }: { version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
