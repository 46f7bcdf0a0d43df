// Which of the slow proofs npm test makes: a few, another choice each time. test/interop makes all.

/** Seed of the choice. UNSTICK_SEED makes the same one again. */
export const choiceSeed = Number(
  process.env['UNSTICK_SEED'] ?? Math.floor(Math.random() * 2 ** 31),
);

/** So many of a list, one after the other from a place that the seed decides. */
export function chosen<T>(list: readonly T[], count: number): readonly T[] {
  const start = choiceSeed % Math.max(1, list.length);
  return [...list.slice(start), ...list.slice(0, start)].slice(0, count);
}
