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

/**
 * Bounds for tests that hang, on a machine with ten times the load. `expect.poll` waits for what has no event, and
 * would give up after a second.
 */
const PATIENT = {
  testTimeout: 240_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 60_000 } },
};

/** What both kinds of tests of the package have in common. */
const OURS = {
  ...PATIENT,
  setupFiles: ['test/support/equal-bytes.ts'],
  // One process runs many files: starting a process for each, and importing the sources anew, takes longer
  // than most tests. A test must leave no listener, timer or fake clock behind.
  isolate: false,
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
          ...PATIENT,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          maxWorkers: 2,
          ...PATIENT,
        },
      },
      {
        test: {
          name: 'gateway',
          include: ['gateway/test/**/*.test.ts'],
          ...PATIENT,
        },
      },
    ],
  },
});
