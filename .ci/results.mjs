// Reads a JSON report of vitest. Prints the numbers of tests that passed, and of those that failed or were
// skipped, then a line for each of the latter.

import { readFileSync } from 'node:fs';

const LINES_OF_A_FAULT = 2;

const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
);
console.log(numPassedTests, numFailedTests + numPendingTests);
for (const { name, message, assertionResults } of testResults) {
  // A file that could not be loaded has a message and no tests.
  if (message) {
    tell(name, message);
  }
  for (const { status, fullName, failureMessages } of assertionResults) {
    if (status !== 'passed') {
      tell(`${status}: ${fullName}`, failureMessages.join(' '));
    }
  }
}

function tell(what, why) {
  const begin = why.split('\n').slice(0, LINES_OF_A_FAULT).join(' ');
  console.log(`${what}: ${begin}`.replaceAll(/\s+/g, ' '));
}
