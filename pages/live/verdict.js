/** The verdict on a lesson: whether the model forgets, whether it cannot learn a drawing, and what to do. */

import { STEPS } from "./last_layer.js";
import { testPairs } from "./shares.js";

const CHANCE = 0.05; // a smaller p-value is hardly chance

/**
 * @param {string} title of the model
 * @param {number} steps that were taken
 * @param {boolean[]} drawings for each, whether the model predicts its digit now
 * @param {boolean[][]} heldOut for each held-out digit, whether it was predicted before, and is now
 * @returns {string} empty where nothing is to be said
 */
export function describeVerdict(title, steps, drawings, heldOut) {
  return [describeDrawings(title, steps, drawings), describeHeldOut(title, heldOut)].filter(Boolean).join(" ");
}

function describeDrawings(title, steps, drawings) {
  const wrong = count(drawings, (isRight) => !isRight);
  if (!wrong || steps < STEPS) return "";
  return `After ${steps} steps, ${title} still misclassifies ${wrong} of ${drawings.length} drawings. Where more steps `
    + "do not help, its last layer cannot tell them from other digits: choose another model.";
}

function describeHeldOut(title, heldOut) {
  const lost = count(heldOut, ([before, now]) => before && !now), won = count(heldOut, ([before, now]) => !before && now);
  const chance = testPairs(lost, won);
  if (lost <= won || chance >= CHANCE) return "";
  const p = chance < 0.001 ? "below 0.001" : chance.toFixed(3);
  return `${title} forgets: ${lost} held-out digits are newly misclassified and ${won} newly correct, which chance hardly `
    + `explains (p-value ${p}). Check the digits of your drawings, throw away what it learned and take single steps to see `
    + "where it begins to forget, or choose another model.";
}

const count = (values, has) => values.filter(has).length;
