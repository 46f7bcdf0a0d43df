// Loads a module of this folder's own node_modules. Types of foreign modules are asserted here, once:
// `npm run typecheck` does not need them to be installed.

import { readFileSync } from 'node:fs';

/** What `import(name)` gives, or the default export of it where that is all there is. */
export async function load<Module>(name: string): Promise<Module> {
  const loaded: object = await import(name);
  const own = 'default' in loaded && Object.keys(loaded).length <= 2 ? loaded.default : loaded;
  return own as Module; // The one assertion: what `targets.ts` says of a module is what its README says.
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
