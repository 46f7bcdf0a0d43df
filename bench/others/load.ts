// Loads a module of bench/node_modules, which exists after `npm ci --prefix bench --ignore-scripts`. The
// types of these modules are asserted here, in one place, so that type-checking works when they are not
// installed.

import { existsSync } from 'node:fs';

const modules = new URL('../node_modules/', import.meta.url);

/** The module `name`, or its default export if it has no other. */
export async function load<Module>(name: string): Promise<Module> {
  const loaded: object = await import(name);
  const own = 'default' in loaded && Object.keys(loaded).length <= 2 ? loaded.default : loaded;
  return own as Module; // The one assertion: the type in decoders.ts was taken from the module's source.
}

/** Loads a file of a package that is not in the package's `exports`. */
export function loadFile<Module>(path: string): Promise<Module> {
  return load<Module>(new URL(path, modules).href);
}

export function isInstalled(name: string): boolean {
  return existsSync(new URL(`${name}/package.json`, modules));
}
