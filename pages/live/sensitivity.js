/**
 * Sensitivity: how the predictions of models change as a frame is perturbed, step by step. This
 * module does not know the page.
 *
 * @typedef {object} Perturbation as in core/analysis/sensitivity.py
 * @property {string} id
 * @property {string} title
 * @property {string} unit of the amounts
 * @property {number} minimum
 * @property {number} maximum
 * @property {number} neutral the amount without effect
 *
 * @typedef {{amount: number, digit: number}} Flip the digit that is predicted beyond an amount
 */

import { OutputMemory } from "./memory.js";
import { vote } from "./number.js";
import { perturb } from "./perturbation.js";

// The number of steps between the amounts on a curve, and on a slider.
export const STEPS = 40;

/**
 * The amounts on a curve, equidistant and ascending.
 * @param {Perturbation} change
 */
export function listAmounts({ minimum, maximum }) {
  return Array.from({ length: STEPS + 1 }, (_, i) => minimum + ((maximum - minimum) * i) / STEPS);
}

/**
 * What models predict for a perturbed frame.
 * @param {Float32Array} frame
 * @param {import("./perturbation.js").Amounts} amounts
 * @param {import("./network.js").Network[]} networks one or several
 * @returns {import("./number.js").DigitPrediction} without a box and strokes
 */
export function predictPerturbed(frame, amounts, networks) {
  const changed = perturb(frame, amounts);
  // Networks have others in common. Memory takes frames that differ little for the same.
  const memory = new OutputMemory(1);
  const probabilities = networks.map((network) => memory.run(network, [changed])[0]);
  const detection = { isDigit: true, mayBeSeveral: false };
  return { frame: changed, probabilities, ...vote(probabilities, networks, detection) };
}

/**
 * Where a model's prediction changes. Beyond means further from the neutral amount: to the left of
 * it, the digit that is predicted for smaller amounts.
 * @param {number[]} amounts ascending
 * @param {number[]} digits predicted at each amount
 * @param {number} neutral
 * @returns {Flip[]}
 */
export function listFlips(amounts, digits, neutral) {
  return amounts.slice(1).flatMap((next, i) => {
    const amount = (amounts[i] + next) / 2;
    return digits[i] === digits[i + 1] ? [] : [{ amount, digit: digits[amount < neutral ? i : i + 1] }];
  });
}

/**
 * The curve of a perturbation as sentences.
 * @param {Perturbation} change
 * @param {number} digit whose probability is drawn
 * @param {string[]} titles of the models
 * @param {Flip[][]} flips of each model
 */
export function describeCurve({ title, unit }, digit, titles, flips) {
  const sentences = titles.flatMap((model, i) => flips[i].map(
    (flip) => `${model} predicts ${flip.digit} beyond ${formatAmount(flip.amount)}.`));
  return [
    `Probability of ${digit} against ${title.toLowerCase()} in ${unit}.`,
    ...(sentences.length ? sentences : ["No model changes its prediction."]),
  ].join(" ");
}

/** An amount with at most three digits. */
export const formatAmount = (amount) => String(Number(amount.toPrecision(3)));
