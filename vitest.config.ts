import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// `unit` and `processes` need Node and nothing else; `examples` runs the systems under examples/ as processes;
// `interop` talks to software that nobody here wrote. `gateway` is a package of its own: it needs
// `npm ci --prefix gateway`, a build, and for one of its buses nats-server.
// With UNSTICK_TEST_REPORT the results are also written to that file, for .ci/run to count.
const report = process.env['UNSTICK_TEST_REPORT'];

/** Test files whose time goes into the processes that they start: commands, programs of the docs, compilers. */
const PROCESSES = [
  'test/cli/**/*.test.ts',
  'test/docs/{guessing,inspect,recipe-metrics,recipes,snippets,survival}.test.ts',
  'test/prove/{reach,server,server-process,server-verdicts}.test.ts',
  'test/{fuzz,fuzz-regressions,packed,package,release,types}.test.ts',
];

/** What both kinds of tests have in common. */
const OURS = {
  setupFiles: ['test/support/equal-bytes.ts'],
  // One process runs many files: starting a process for each, and importing the sources anew, takes longer
  // than most tests. A test must leave no listener, timer or fake clock behind.
  isolate: false,
  // A bound for a test that hangs, on a machine with ten times the load.
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // Many tests wait for sockets and processes, so more of them run than there are processors.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', ...PROCESSES],
          ...OURS,
        },
      },
      {
        test: {
          name: 'processes',
          include: PROCESSES,
          ...OURS,
        },
      },
      {
        test: {
          name: 'examples',
          globalSetup: 'test/support/bundle-examples.ts',
          include: ['examples/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'gateway',
          include: ['gateway/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
