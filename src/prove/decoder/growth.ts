// Computes from measurements how steeply cost grows with the bytes. This file is pure.
//
// Noise (other processes, collections of a large heap) only ever adds cost. Noise comes in lumps, so with
// noise one step between two lengths looks steep and the next step looks flat. A cost that grows with the
// square is steep in every step.

/**
 * Exponent from which on growth counts as steep, if every step has it. 1 is linear growth, 2 is quadratic
 * growth.
 */
export const STEEP_EXPONENT = 1.6;

/**
 * Returns the least exponent of the steps between costs, each cost for twice as many bytes as the cost
 * before. It is 1 if cost is linear and 2 if it is quadratic. `least` is the cost below which two costs
 * cannot be told apart.
 */
export function leastExponent(costs: readonly number[], least: number): number {
  const exponents = costs.slice(1).map((cost, index) => {
    const before = Math.max(costs[index] ?? 0, least);
    return Math.log2(Math.max(cost, least) / before);
  });
  return Math.min(...exponents);
}
