// How many connections a process may hold here: files that it may open, less what it needs itself.

const OWN_FILES = 200;

/** Node raises the limit to the hard one as it starts. */
export function largestCount(): number {
  const report: { userLimits?: { open_files?: { hard?: unknown } } } = JSON.parse(
    JSON.stringify(process.report.getReport()),
  );
  const limit = report.userLimits?.open_files?.hard;
  return typeof limit === 'number' || typeof limit === 'string'
    ? (Number.isNaN(Number(limit)) ? Infinity : Number(limit)) - OWN_FILES
    : Infinity;
}
