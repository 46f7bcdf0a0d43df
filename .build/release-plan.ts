// What a release changes, as data: the files with their new texts, the tag and its message, and the reasons
// against the release. This file is pure: .build/release.ts reads and writes.

/** The files that a release reads. */
export interface ReleaseTexts {
  readonly manifest: string;
  readonly lock: string;
  readonly changelog: string;
}

export interface ReleasePlan {
  readonly texts: ReleaseTexts;
  readonly tag: string;
  /** The changelog's section about the version, without its heading. It is the message of the tag. */
  readonly notes: string;
  /** The reasons why this must not be released yet, one sentence each. */
  readonly problems: readonly string[];
}

interface Wanted {
  readonly version: string;
  /** Day of the release, such as 2026-11-30. */
  readonly day: string;
}

const VERSION = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/;

function isAbove(next: string, before: string): boolean {
  const [a, b] = [next, before].map((version) =>
    (VERSION.exec(version) ?? []).slice(1).map(Number),
  );
  const at = [0, 1, 2].find((index) => a?.[index] !== b?.[index]);
  return at !== undefined && (a?.[at] ?? 0) > (b?.[at] ?? 0);
}

function versionIn(manifest: string): string {
  const { version }: { version?: unknown } = JSON.parse(manifest);
  return String(version);
}

/** Replaces the first `times` versions in the text. npm's lock file has the version of the package twice. */
function withVersion(
  text: string,
  { from, to, times }: { from: string; to: string; times: number },
): string {
  let left = times;
  return text.replaceAll(`"version": "${from}"`, (found) =>
    left-- > 0 ? `"version": "${to}"` : found,
  );
}

/** The section of the version in the changelog, from its heading to the next one. */
function sectionOf(changelog: string, version: string): string | undefined {
  const start = changelog.indexOf(`## ${version} (unreleased)\n`);
  if (start < 0) {
    return undefined;
  }
  const next = changelog.indexOf('\n## ', start + 1);
  const section = changelog.slice(start, next < 0 ? undefined : next);
  return section.slice(section.indexOf('\n')).trim();
}

/** The fields of package.json that say where the package lives, and what is missing without each. */
const PLACES = {
  repository: 'npm accepts no provenance, and links of the README lead nowhere there',
  homepage: 'nobody finds the documents from npm',
  bugs: 'nobody finds where to report a fault',
} as const;

/** Whether a field names a place on the web: an address, or an object with one. */
function namesPlace(field: unknown): boolean {
  const { url }: { url?: unknown } = typeof field === 'object' ? { ...field } : { url: field };
  return typeof url === 'string' && /^(?:git\+)?https:\/\/\S+\.\S/.test(url);
}

/** Returns a sentence for each place that package.json does not name. */
function unknownPlaces(manifest: string): readonly string[] {
  const facts: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(JSON.parse(manifest)),
  );
  const missing = Object.entries(PLACES)
    .filter(([name]) => !namesPlace(facts[name]))
    .map(([name, without]) => `package.json has no https address as its ${name}: ${without}.`);
  return missing.length === 0
    ? []
    : [
        ...missing,
        'CONTRIBUTING.md, "Before the first release", says what else a first release needs.',
      ];
}

function problemsOf({ manifest, changelog }: ReleaseTexts, version: string): readonly string[] {
  const before = versionIn(manifest);
  const notes = sectionOf(changelog, version);
  return [
    VERSION.test(version) ? [] : `${version} is not a version: write three numbers, such as 0.2.0.`,
    isAbove(version, before) ? [] : `The version must be above ${before}.`,
    notes === undefined ? `CHANGELOG.md has no "## ${version} (unreleased)".` : [],
    notes === '' ? `CHANGELOG.md says nothing about ${version}.` : [],
    unknownPlaces(manifest),
  ].flat();
}

/** Returns the reasons why what is committed must not be published, one sentence each. */
export function publishingProblems({ manifest, changelog }: ReleaseTexts): readonly string[] {
  const version = versionIn(manifest);
  const isDated = changelog
    .split('\n')
    .some((line) => line.startsWith(`## ${version} (`) && /\(\d{4}-\d\d-\d\d\)$/.test(line));
  return [
    isDated
      ? []
      : `CHANGELOG.md has no date for ${version}: npm run release -- VERSION gives it one.`,
    unknownPlaces(manifest),
  ].flat();
}

export function planRelease(texts: ReleaseTexts, { version, day }: Wanted): ReleasePlan {
  const { manifest, lock, changelog } = texts;
  const from = versionIn(manifest);
  return {
    texts: {
      manifest: withVersion(manifest, { from, to: version, times: 1 }),
      lock: withVersion(lock, { from, to: version, times: 2 }),
      changelog: changelog.replace(`## ${version} (unreleased)\n`, `## ${version} (${day})\n`),
    },
    tag: `v${version}`,
    notes: sectionOf(changelog, version) ?? '',
    problems: problemsOf(texts, version),
  };
}
