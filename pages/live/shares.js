/** Shares of a count: the twin of estimate_share in core/analysis/metrics.py. */

// Two-sided 95 % quantile of the standard normal distribution.
const Z = 1.959963984540054;

/**
 * A share of successes, with its 95 % Wilson score interval.
 * @param {number} successes
 * @param {number} trials at least 1
 */
export function estimateShare(successes, trials) {
  const value = successes / trials;
  const centre = (value + Z ** 2 / (2 * trials)) / (1 + Z ** 2 / trials);
  const half = (Z / (1 + Z ** 2 / trials)) * Math.sqrt((value * (1 - value)) / trials + Z ** 2 / (4 * trials ** 2));
  return {
    value,
    low: Math.max(0, Math.min(value, centre - half)),
    high: Math.min(1, Math.max(value, centre + half)),
  };
}
