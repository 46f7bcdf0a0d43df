// How many connections a process may have on this machine: the files that it may open, less those that Node
// needs.

const OWN_FILES = 200;

/**
 * The maximum number of connections. It follows from the hard limit, to which Node raises its limit at the
 * start.
 */
export function largestCount(): number {
  const report: { userLimits?: { open_files?: { hard?: unknown } } } = JSON.parse(
    JSON.stringify(process.report.getReport()),
  );
  const limit = report.userLimits?.open_files?.hard;
  return typeof limit === 'number' || typeof limit === 'string'
    ? (Number.isNaN(Number(limit)) ? Infinity : Number(limit)) - OWN_FILES
    : Infinity;
}
