/**
 * Counterfactuals: the smallest change that turns a frame into another digit for a model.
 *
 * Pixels of the frame take the values of the nearest sample that the model predicts as that digit,
 * one by one, until the model predicts it; what is not needed is undone. The method is that of the
 * minimal counterfactuals of LIT (I. Tenney et al., "The Language Interpretability Tool", 2020,
 * arXiv:2008.05122), with pixels in place of the columns of a table. This module does not know the
 * page.
 *
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {object} Counterfactual
 * @property {Float32Array} frame that was changed
 * @property {Float32Array} neighbour whose values the pixels take
 * @property {number} rival the digit that is predicted at the end
 * @property {number[]} pixels in the order in which they are changed
 * @property {Float32Array[]} probabilities ten of each step, from the frame as it is to its end
 */

import { findDigit, predictFrames } from "./predictions.js";
import { formatPercent, withArticle } from "./sentences.js";

const MIN_PROBABILITY = 1e-30; // keeps logarithms finite
const BATCH = 8; // frames between two pauses

/**
 * The sample of a digit that is nearest to a frame, among those that a model predicts as this digit.
 * @param {Float32Array} frame
 * @param {number} rival
 * @param {import("./samples.js").Digits} digits
 * @param {Network} network
 * @returns {Float32Array | null} null where there is none
 */
export function findNeighbour(frame, rival, { frames, labels }, network) {
  const own = [...labels.keys()].filter((i) => labels[i] === rival)
    .map((i) => frames.subarray(i * frame.length, (i + 1) * frame.length));
  const distances = new Map(own.map((other) => [other, measureDistance(frame, other)]));
  const isRead = (other) => findDigit(predictFrames([other], network)[0]) === rival;
  return own.sort((one, other) => distances.get(one) - distances.get(other)).find(isRead) ?? null;
}

/**
 * Searches for the smallest change; pauses after every few predictions.
 * @param {Float32Array} frame
 * @param {Float32Array} neighbour predicted as the rival
 * @param {number} rival
 * @param {Network} network
 * @returns {Generator<void, Counterfactual>}
 */
export function* searchCounterfactual(frame, neighbour, rival, network) {
  const search = new Search(frame, neighbour, rival, network);
  let pixels = yield* search.grow();
  for (let count = Infinity; pixels.length < count;) {
    count = pixels.length;
    pixels = yield* search.shorten(yield* search.prune(pixels));
  }
  return { frame, neighbour, rival, pixels, probabilities: yield* search.predictSteps(pixels) };
}

/**
 * A frame with some pixels of another one.
 * @param {Float32Array} frame
 * @param {Float32Array} neighbour
 * @param {number[]} pixels
 */
export function mixFrames(frame, neighbour, pixels) {
  const mixed = frame.slice();
  for (const pixel of pixels) mixed[pixel] = neighbour[pixel];
  return mixed;
}

/**
 * The ink of changes, in pixels full of ink.
 * @param {Counterfactual} counterfactual
 * @param {number} step the number of changes
 * @returns {{added: number, removed: number, share: number}} share of the ink of the frame
 */
export function measureInk({ frame, neighbour, pixels }, step) {
  const changes = pixels.slice(0, step).map((pixel) => neighbour[pixel] - frame[pixel]);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const added = sum(changes.filter((change) => change > 0)), removed = -sum(changes.filter((change) => change < 0));
  return { added, removed, share: (added + removed) / sum([...frame]) };
}

/**
 * A whole change as a sentence.
 * @param {Counterfactual} counterfactual
 * @param {string} title of the model
 */
export function describeCounterfactual(counterfactual, title) {
  const { rival, pixels: { length: count }, probabilities: [before] } = counterfactual;
  const { share } = measureInk(counterfactual, count);
  return `Changing ${count} ${count === 1 ? "pixel" : "pixels"} would turn this ${findDigit(before)} (${title}) into `
    + `${withArticle(rival)}. The change is ${formatPercent(share, 0)} of the digit's ink.`;
}

/**
 * A part of a change as sentences.
 * @param {Counterfactual} counterfactual
 * @param {number} step the number of changes
 */
export function describeStep(counterfactual, step) {
  const { rival, pixels, probabilities } = counterfactual;
  const { added, removed } = measureInk(counterfactual, step);
  const shares = [findDigit(probabilities[0]), rival].map((digit) => `${digit}: ${formatPercent(probabilities[step][digit])}`);
  return `${step} of ${pixels.length} pixels changed. Ink added: ${added.toFixed(1)}, removed: ${removed.toFixed(1)}. `
    + `${shares.join(", ")}.`;
}

class Search {
  constructor(frame, neighbour, rival, network) {
    Object.assign(this, { frame, neighbour, rival, network });
  }

  /** Changes pixels until the rival is predicted, first those with the largest effect for their ink. */
  * grow() {
    const pixels = [];
    let rest = [...this.frame.keys()].filter((pixel) => this.frame[pixel] !== this.neighbour[pixel]);
    let [margin] = yield* this.measureMargins([pixels]);
    while (margin <= 0 && rest.length) {
      const margins = yield* this.measureMargins(rest.map((pixel) => [...pixels, pixel]));
      const effects = new Map(rest.map((pixel, i) => [pixel, (margins[i] - margin) / this.measureChange(pixel)]));
      rest = rest.sort((one, other) => effects.get(other) - effects.get(one));
      pixels.push(...rest.splice(0, 1 + Math.floor(pixels.length / 2)));
      [margin] = yield* this.measureMargins([pixels]);
    }
    return pixels;
  }

  /** Undoes what is not needed, the last changes first, until each of them is. */
  * prune(pixels) {
    for (const pixel of pixels.toReversed()) {
      const rest = pixels.filter((other) => other !== pixel);
      const [margin] = yield* this.measureMargins([rest]);
      if (margin > 0) pixels = rest;
    }
    return pixels;
  }

  /** The first steps, as far as they are enough. */
  * shorten(pixels) {
    const margins = yield* this.measureMargins(pixels.map((_, i) => pixels.slice(0, i + 1)));
    return pixels.slice(0, margins.findIndex((margin) => margin > 0) + 1);
  }

  * predictSteps(pixels) {
    return yield* this.predict([...pixels.keys(), pixels.length].map((step) => pixels.slice(0, step)));
  }

  /** The log-odds of the rival against the most probable other digit, for each set of pixels. */
  * measureMargins(sets) {
    const probabilities = yield* this.predict(sets);
    return probabilities.map((own) => {
      const others = own.filter((_, digit) => digit !== this.rival);
      return takeLogarithm(own[this.rival]) - takeLogarithm(Math.max(...others));
    });
  }

  * predict(sets) {
    const probabilities = [];
    for (let i = 0; i < sets.length; i += BATCH) {
      const frames = sets.slice(i, i + BATCH).map((pixels) => mixFrames(this.frame, this.neighbour, pixels));
      probabilities.push(...predictFrames(frames, this.network));
      yield;
    }
    return probabilities;
  }

  measureChange(pixel) {
    return Math.abs(this.neighbour[pixel] - this.frame[pixel]);
  }
}

const takeLogarithm = (share) => Math.log(Math.max(share, MIN_PROBABILITY));

function measureDistance(one, other) {
  return one.reduce((sum, ink, i) => sum + (ink - other[i]) ** 2, 0);
}
