// How steeply cost grows with the bytes, from measurements. Pure.
//
// Noise only ever adds: other processes, collections of a large heap. Noise comes in lumps, so one step
// between two lengths looks steep and the next step flat. A cost that grows with the square is steep in every
// step.

/** From this exponent on, in every step, growth counts as steep: 1 is linear, 2 quadratic. */
export const STEEP_EXPONENT = 1.6;

/**
 * The least exponent of the steps between costs, each of twice as many bytes as the cost before: 1 if cost is
 * linear, 2 if quadratic. `least` is the cost below which two costs cannot be told apart.
 */
export function leastExponent(costs: readonly number[], least: number): number {
  const exponents = costs.slice(1).map((cost, index) => {
    const before = Math.max(costs[index] ?? 0, least);
    return Math.log2(Math.max(cost, least) / before);
  });
  return Math.min(...exponents);
}
