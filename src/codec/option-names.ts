// The options object of a factory: an object, with no names but those that it has. A misspelt limit
// would otherwise be no limit.

import { UsageError } from '../errors.ts';

export function checkOptionNames(
  factory: string,
  options: unknown,
  known: readonly string[],
): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError(
      'ERR_OPTION',
      `${factory} takes an options object, not ${String(options)}.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError('ERR_OPTION', `${factory} has no option '${unknown}'.`, {
    hint: `It has ${known.join(', ')}.`,
  });
}

/** Refuses what is not a function, where one was asked for. */
export function checkFunction(name: string, given: unknown): void {
  if (typeof given === 'function') return;
  throw new UsageError(
    'ERR_OPTION',
    `${name} must be a function, not ${given === null ? 'null' : typeof given}.`,
  );
}
