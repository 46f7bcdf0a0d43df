// Writes one row of docs/evidence.md: node .ci/evidence.mjs NAME WHAT OUTCOME SECONDS LOG
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [name, what, outcome, seconds, log] = process.argv.slice(2);
const page = new URL('../docs/evidence.md', import.meta.url);
const HEAD = `# Evidence

What the long checks of \`.ci/long\` last said. The script writes this page; each row has the commit and the day of its run.

| step | what | outcome | last line | time | commit | day |
|---|---|---|---|---|---|---|
`;

const lines = readFileSync(log, 'utf8')
  .split('\n')
  .map((line) => line.trim());
const summary =
  lines.findLast((line) => /^Tests /.test(line)) ?? lines.findLast((line) => line !== '') ?? '';
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const day = new Date().toISOString().slice(0, 10);
const cells = [name, what, outcome, summary.replaceAll('|', '\\|'), `${seconds} s`, commit, day];
const row = `| ${cells.join(' | ')} |`;

const text = existsSync(page) ? readFileSync(page, 'utf8') : HEAD;
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| step '));
const others = rows.filter((line) => !line.startsWith(`| ${name} |`));
writeFileSync(page, `${HEAD}${[...others, row].toSorted().join('\n')}\n`);
