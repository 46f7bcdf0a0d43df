// The reference is complete: every public name has a page and says what it is, and every option says its
// default and its unit. Reads what typedoc wrote.

import { readdirSync, readFileSync } from 'node:fs';

const here = new URL('./', import.meta.url);
const project = JSON.parse(readFileSync(new URL('out/api.json', here), 'utf8'));
const pages = readdirSync(new URL('out', here), { recursive: true }).map(String);

const UNITS =
  /\b(?:bytes?|KiB|MiB|ms|bits?|number|count|index|offset|port|seed|exponent|length in|width|characters|times|how many)\b/i;

/** The whole text of a comment, its tags included. */
function textOf({ summary = [], blockTags = [] } = {}) {
  const parts = [...summary, ...blockTags.flatMap(({ content }) => content)];
  return parts.map(({ text }) => text).join('');
}

function isNumber(type) {
  return JSON.stringify(type ?? null).includes('"name":"number"') && type.type !== 'reflection';
}

/** What each entry of the package exports, as the snapshots of the API say. */
function publicNames() {
  const folder = new URL('../../test/api-surface/', here);
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    return Array.from(text.matchAll(/^exports (?:type )?(\w+)/gm), ([, name]) => name);
  });
}

function hasPage(name) {
  return pages.some((page) => new RegExp(`[./]${name}(?:-\\d+)?\\.html$`).test(page));
}

const declared = project.children.flatMap((module) =>
  module.children.filter(({ variant }) => variant !== 'reference'),
);
const names = [...new Set(publicNames())];
const options = declared
  .filter(({ name, children }) => name.endsWith('Options') && children !== undefined)
  .flatMap(({ name, children }) =>
    children
      .filter(({ flags }) => flags?.isOptional)
      .map((option) => ({
        ...option,
        place: `${name}.${option.name}`,
        text: textOf(option.comment),
      })),
  );

const faults = [
  ...names.filter((name) => !hasPage(name)).map((name) => `${name} has no page`),
  ...declared
    .filter(
      ({ comment, signatures: [signature] = [] }) => textOf(comment ?? signature?.comment) === '',
    )
    .map(({ name }) => `${name} does not say what it is`),
  ...options
    .filter(({ text }) => !/\b[Dd]efault\b|\bRequired\b/.test(text))
    .map(({ place }) => `${place} does not say its default`),
  ...options
    .filter(({ text, type }) => isNumber(type) && !UNITS.test(text))
    .map(({ place, text }) => `${place} does not say its unit: ${text}`),
];

if (names.length < 200 || options.length < 100) {
  faults.push(`only ${names.length} names and ${options.length} options were found`);
}
console.log(faults.join('\n'));
console.log(`${names.length} names, ${options.length} options, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
