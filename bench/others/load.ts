// Loads a module of bench/node_modules, which is there after `npm ci --prefix bench --ignore-scripts`.
// Types of foreign modules are asserted here, once: type-checking does not need them to be installed.

import { existsSync } from 'node:fs';

const modules = new URL('../node_modules/', import.meta.url);

/** What `import(name)` gives, or the default export of it where that is all there is. */
export async function load<Module>(name: string): Promise<Module> {
  const loaded: object = await import(name);
  const own = 'default' in loaded && Object.keys(loaded).length <= 2 ? loaded.default : loaded;
  return own as Module; // The one assertion: what decoders.ts says of a module is what its source says.
}

/** The same for a file of a package that its `exports` do not name. */
export function loadFile<Module>(path: string): Promise<Module> {
  return load<Module>(new URL(path, modules).href);
}

export function isInstalled(name: string): boolean {
  return existsSync(new URL(`${name}/package.json`, modules));
}
