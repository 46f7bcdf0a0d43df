// Runs proveDecoder on decoders of other packages, in the versions of fuzz/others/package-lock.json. Every
// check of every package runs in its own process, because some decoders never return, and some throw where no
// caller can catch.
//   npm ci --prefix fuzz/others --ignore-scripts
//   npm run others                              proves all, and prints a table
//   npm run others -- --write                   writes the table into docs/proving-findings.md, too
//   npm run others -- NAME --only CHECK         prints the whole report of one check of one package
// --seed N makes other cases (default 1). --path P, with NAME, replays one case.

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decoderChecks } from '../src/prove/decoder/options.ts';
import { installedVersion } from './others/load.ts';
import { others } from './others/targets.ts';
import type { Other } from './others/targets.ts';

const ONE = fileURLToPath(new URL('others/one.ts', import.meta.url));
const DOCUMENT = new URL('../docs/proving-findings.md', import.meta.url);
/** The table is written between these marks. */
const MARKS = { begin: '<!-- others: begin -->', end: '<!-- others: end -->' };
/** Time in ms that one check of one target may take. The slowest checks that return take a few seconds. */
const PATIENCE = 60_000;

interface Finding {
  readonly check: string;
  readonly what: string;
  readonly chunks: string;
}

/** Runs one.ts. Resolves with what it printed, and whether it ended by itself. */
function run(args: readonly string[]): Promise<{ printed: string; ended: boolean }> {
  const child = spawn(process.execPath, ['--import', 'tsx', ONE, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ printed, ended: code !== null });
    });
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The finding in the last printed line; `undefined` if the check found nothing. */
function findingOf(check: string, printed: string, ended: boolean): Finding | undefined {
  if (!ended) {
    const what = `does not come back within ${PATIENCE / 1000} s of hostile or torn bytes`;
    return { check, what, chunks: '' };
  }
  const line = printed.trim().split('\n').at(-1) ?? '';
  const last: unknown = line === '' ? undefined : JSON.parse(line);
  if (!isRecord(last)) {
    return { check, what: 'ended without a word', chunks: '' };
  }
  const uncaught = last['uncaught'];
  if (typeof uncaught === 'string') {
    return { check, what: `throws where nothing can catch it: ${uncaught}`, chunks: '' };
  }
  const found = last['found'];
  if (!isRecord(found)) {
    return undefined;
  }
  return { check, what: String(found['what']), chunks: String(found['chunks']) };
}

async function prove(other: Other, seed: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of decoderChecks) {
    const { printed, ended } = await run([other.name, '--only', check, '--seed', seed]);
    const finding = findingOf(check, printed, ended);
    if (finding !== undefined) {
      findings.push(finding);
    }
    // A decoder that carries state from one connection to the next makes all other findings meaningless.
    if (finding !== undefined && check === 'isolation') {
      break;
    }
  }
  return findings;
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

function rowsOf(other: Other, findings: readonly Finding[]): string[] {
  const how = other.how === '' ? '' : ` (${other.how})`;
  const name = `${other.name} ${installedVersion(other.name) ?? ''}${how}`;
  if (findings.length === 0) {
    return [`| ${name} | | nothing found | | |`];
  }
  return findings.map(({ check, what, chunks }, index) => {
    const shown = chunks === '' ? '' : `\`${cell(chunks)}\``;
    const replay = `\`npm run others -- ${other.name} --only ${check}\``;
    return `| ${index === 0 ? name : ''} | ${check} | ${cell(what)} | ${shown} | ${replay} |`;
  });
}

async function table(seed: string): Promise<string> {
  const rows = ['| package | check | the decoder | chunks | replay |', '|---|---|---|---|---|'];
  for (const other of others) {
    const own = rowsOf(other, await prove(other, seed));
    console.log(own.join('\n'));
    rows.push(...own);
  }
  return rows.join('\n');
}

function write(rows: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = text.split(MARKS.begin);
  const after = rest?.split(MARKS.end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`docs/proving-findings.md lacks ${MARKS.begin} or ${MARKS.end}.`);
  }
  writeFileSync(DOCUMENT, `${before}${MARKS.begin}\n\n${rows}\n\n${MARKS.end}${after}`);
}

async function main(): Promise<number> {
  const { values: given, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      path: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const missing = others.filter(({ name }) => installedVersion(name) === undefined);
  if (missing.length > 0) {
    console.error(
      'The packages of others are not installed: npm ci --prefix fuzz/others --ignore-scripts',
    );
    return 2;
  }
  const [name] = positionals;
  if (name === undefined) {
    const rows = await table(given.seed);
    if (given.write) {
      write(rows);
    }
    return 0;
  }
  const only = given.only === undefined ? [] : ['--only', given.only];
  const path = given.path === undefined ? [] : ['--path', given.path];
  const { printed, ended } = await run([name, '--seed', given.seed, '--text', ...only, ...path]);
  console.log(
    ended ? printed.trimEnd() : `${printed}The decoder did not return within ${PATIENCE} ms.`,
  );
  return ended ? 0 : 1;
}

process.exitCode = await main();
