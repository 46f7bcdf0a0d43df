// A page with every public name, each with its sentence and the way to its page in the API reference. It is made of
// what typedoc wrote, and lets the search of the site find names.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const reference: string = fileURLToPath(new URL('api/out', import.meta.url));

interface Part {
  readonly text: string;
}

interface Comment {
  readonly summary?: readonly Part[];
}

interface Declared {
  readonly name: string;
  readonly kind: number;
  readonly variant: string;
  readonly comment?: Comment;
  readonly signatures?: readonly { readonly comment?: Comment }[];
  readonly children?: readonly Declared[];
}

/** The folders of typedoc for what it calls kinds. */
const FOLDERS: Readonly<Record<number, string>> = {
  32: 'variables',
  64: 'functions',
  128: 'classes',
  256: 'interfaces',
  2097152: 'types',
};

/** The first sentence of a comment, without links of typedoc. What a colon announces does not follow here. */
function sentenceOf({ comment, signatures: [signature] = [] }: Declared): string {
  const { summary = [] } = comment ?? signature?.comment ?? {};
  const text = summary
    .map((part) => part.text)
    .join('')
    .replaceAll(/\s+/g, ' ');
  return (/^.*?[.:](?= |$)/.exec(text)?.[0] ?? text).replace(/:$/, '.');
}

function entryOf(module: Declared, declared: Declared): string {
  const folder = FOLDERS[declared.kind] ?? 'variables';
  const file = `${module.name.replace('/', '_')}.${declared.name}.html`;
  if (!existsSync(join(reference, folder, file))) {
    throw new Error(`The reference has no page ${folder}/${file}`);
  }
  return `### [${declared.name}](/api/${folder}/${file})\n\n${sentenceOf(declared)}\n`;
}

function moduleOf(module: Declared): string {
  const own = (module.children ?? []).filter(({ variant }) => variant !== 'reference');
  const entries = own
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map((declared) => entryOf(module, declared));
  return `## ${module.name}\n\n${entries.join('\n')}`;
}

/** The page in one language. Throws if the reference is not made yet. */
export function makeReferencePage(introduction: string): string {
  if (!existsSync(join(reference, 'api.json'))) {
    throw new Error('The API reference is missing: npm run api:reference makes it');
  }
  const project: Declared = JSON.parse(readFileSync(join(reference, 'api.json'), 'utf8'));
  const modules = (project.children ?? []).map(moduleOf);
  return `---\noutline: 2\n---\n\n# API\n\n${introduction}\n\n${modules.join('\n')}`;
}
