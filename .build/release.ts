// Makes a release of what is committed: sets the version, and the date in the changelog, and makes a commit
// and a tag.
//
//   npm run release -- 0.2.0 --dry-run    says what would happen, and changes nothing
//   npm run release -- 0.2.0
//   npm run release -- --check            says whether what is committed may be published; npm publish asks it
//
// It publishes nothing. The workflow `release` publishes the package when the tag arrives at the forge. There
// npm attests from which commit and by which workflow the package was made (provenance). On a person's
// machine it cannot.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { planRelease, publishingProblems } from './release-plan.ts';
import type { ReleasePlan, ReleaseTexts } from './release-plan.ts';

const FILES = {
  manifest: 'package.json',
  lock: 'package-lock.json',
  changelog: 'CHANGELOG.md',
} satisfies Record<keyof ReleaseTexts, string>;

function git(...words: readonly string[]): string {
  return execFileSync('git', words, { encoding: 'utf8' }).trim();
}

function read(name: keyof ReleaseTexts): string {
  return readFileSync(FILES[name], 'utf8');
}

function readTexts(): ReleaseTexts {
  return { manifest: read('manifest'), lock: read('lock'), changelog: read('changelog') };
}

/** The reasons against a release that git knows. */
function treeProblems(tag: string): readonly string[] {
  return [
    git('status', '--porcelain') === '' ? [] : 'There are changes that are not committed.',
    git('tag', '--list', tag) === '' ? [] : `The tag ${tag} exists.`,
  ].flat();
}

function release({ texts, tag, notes }: ReleasePlan): void {
  const names = Object.keys(FILES) as (keyof ReleaseTexts)[];
  for (const name of names) {
    writeFileSync(FILES[name], texts[name]);
  }
  git('commit', '--quiet', '--message', `chore(release): ${tag}`, '--', ...Object.values(FILES));
  // Lines that begin with # are headings of the changelog, not comments.
  git('tag', '--annotate', '--cleanup=verbatim', '--message', `${tag}\n\n${notes}\n`, tag);
  console.log(`${tag} is committed and tagged. To publish it: git push --follow-tags`);
}

function tell({ tag, notes }: ReleasePlan): void {
  console.log(
    `Would set the version in ${FILES.manifest} and ${FILES.lock}, date ${FILES.changelog},`,
  );
  console.log(
    `commit them as "chore(release): ${tag}", and tag that as ${tag} with these notes:\n`,
  );
  console.log(notes);
}

/** Prints the reasons against it, if there are any. Returns whether there are. */
function refuses(what: string, problems: readonly string[]): boolean {
  if (problems.length > 0) {
    console.error(`\nNot to be ${what} yet:\n${problems.map((each) => `- ${each}`).join('\n')}`);
    process.exitCode = 1;
  }
  return problems.length > 0;
}

function main(words: readonly string[]): void {
  if (words.join(' ') === '--check') {
    refuses('published', publishingProblems(readTexts()));
    return;
  }
  const isDry = words.includes('--dry-run');
  const [version, ...more] = words.filter((word) => word !== '--dry-run');
  if (version === undefined || version.startsWith('-') || more.length > 0) {
    console.error('Usage: npm run release -- VERSION [--dry-run], or npm run release -- --check');
    process.exitCode = 2;
    return;
  }
  const day = new Date().toISOString().slice(0, 10);
  const plan = planRelease(readTexts(), { version, day });
  const problems = [...plan.problems, ...treeProblems(plan.tag)];
  if (isDry) {
    tell(plan);
  }
  if (!refuses('released', problems) && !isDry) {
    release(plan);
  }
}

main(process.argv.slice(2));
