// Where the package runs, as data: docs/runtimes.md has a row for each, and run.mjs tries each. `says` is what
// the output must have. A row that fails on purpose says so: there the output is the error that a user gets.

/** How the whole program is compiled before it runs: see `compiled` in run.mjs. */
const PROGRAM = 'out/consumer.js';
const WELL = /^all is well$/m;

const nodes = [20, 22, 24, 26].map((version) => ({
  name: `Node ${version}`,
  command: [`node@${version}`, PROGRAM],
  says: WELL,
}));

/** TypeScript finds modules in three ways. node10 is gone from TypeScript 7, and knows no `exports` before. */
const compilers = [
  ['5.6', 'nodenext', 'nodenext'],
  ['5.9', 'nodenext', 'nodenext'],
  ['5.9', 'esnext', 'bundler'],
  ['7', 'nodenext', 'nodenext'],
  ['7', 'esnext', 'bundler'],
].map(([version, module, resolution]) => ({
  name: `TypeScript ${version}, ${resolution}`,
  command: [`tsc@${version}`, '--module', module, '--moduleResolution', resolution],
  says: /^$/,
}));

/** jest runs ES modules only with this flag of Node. */
const VM = '--experimental-vm-modules';

function jest(
  name,
  file,
  { node = 'node', flags = [VM], says = /Tests: +\d+ passed/, fails = false } = {},
) {
  return { name, command: [node, ...flags, 'node_modules/jest/bin/jest.js', file], says, fails };
}

export const ROWS = [
  ...nodes,
  { name: 'Node, require()', command: ['node', 'require.cjs'], says: WELL },
  { name: 'worker_threads', command: ['node', 'thread.mjs'], says: WELL },
  { name: 'Bun', command: ['bun', 'run', PROGRAM], says: WELL },
  { name: 'Deno', command: ['deno', 'run', '--allow-all', PROGRAM], says: WELL },
  {
    name: 'a Worker without Node built-ins',
    command: ['node', VM, 'worker-context.mjs', 'bundled/pure.mjs'],
    says: WELL,
  },
  { name: 'esbuild, for browsers', command: ['node', 'bundled/pure.mjs'], says: WELL },
  { name: 'esbuild, for Node', command: ['node', 'bundled/consumer.mjs'], says: WELL },
  { name: 'Vite', command: ['node', 'vite-out/pure.js'], says: WELL },
  { name: 'node:test', command: ['node', '--test', 'node.test.mjs'], says: /pass 1$/m },
  { name: 'vitest', command: ['vitest', 'run', 'vitest.test.mjs'], says: /Tests +2 passed/ },
  jest('jest, ES modules', 'jest-esm.test.mjs'),
  jest('jest, import() in CommonJS', 'jest-import.test.cjs'),
  jest('jest, require() in CommonJS on Node 20', 'jest-require.test.cjs', {
    flags: [],
    says: /Must use import to load ES Module/,
    fails: true,
  }),
  jest('jest, require() in CommonJS on Node 24', 'jest-require.test.cjs', { node: 'node@24' }),
  jest('jest with jsdom', 'jsdom.test.mjs'),
  ...compilers,
  {
    name: 'TypeScript 5.9, node10',
    command: ['tsc@5.9', '--module', 'commonjs', '--moduleResolution', 'node10'],
    says: /Cannot find module 'unstick/,
    fails: true,
  },
  {
    name: 'TypeScript 7, node10',
    command: ['tsc@7', '--module', 'commonjs', '--moduleResolution', 'node10'],
    says: /moduleResolution.*(?:removed|must be)/,
    fails: true,
  },
];

/** Rows of the table that another step of `.ci/run` tries, with the file that does. */
export const ELSEWHERE = [{ name: 'Chromium', file: 'test/interop/browser.test.ts' }];
