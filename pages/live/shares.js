/**
 * Shares of a count, and pairs of predictions: the twin of estimate_share in core/analysis/metrics.py and of
 * mcnemar_p_value in core/analysis/agreement.py.
 */

// Two-sided 95% quantile of the standard normal distribution.
const Z = 1.959963984540054;

/**
 * A share of successes, with its 95% Wilson score interval.
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

/**
 * McNemar's exact test: the p-value of the counts of digits that only one of two models predicts correctly.
 * @param {number} onlyFirst
 * @param {number} onlySecond
 */
export function testPairs(onlyFirst, onlySecond) {
  const total = onlyFirst + onlySecond, fewer = Math.min(onlyFirst, onlySecond);
  let term = 0.5 ** total, sum = 0; // of the binomial distribution
  for (let i = 0; i <= fewer; i++) {
    sum += term;
    term *= (total - i) / (i + 1);
  }
  return Math.min(1, 2 * sum);
}
