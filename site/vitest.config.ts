import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The site as it is built, in a browser. `npm run site:check` builds it first.
// With UNSTICK_TEST_REPORT the results are also written to that file, for .ci/run to count.
const report = process.env['UNSTICK_TEST_REPORT'];

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['test/**/*.test.ts'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Bounds for a test that hangs, on a machine with ten times the load.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
