/** Predictions: the probabilities of one model for frames, and the most probable digit. */

import { FRAME_PIXELS, runNetwork } from "./network.js";

/**
 * What a model predicts for each of several frames.
 * @param {Float32Array[]} frames
 * @param {import("./network.js").Network} network
 * @returns {Float32Array[]} ten probabilities each
 */
export function predictFrames(frames, network) {
  const batch = new Float32Array(frames.length * FRAME_PIXELS);
  frames.forEach((frame, i) => batch.set(frame, i * FRAME_PIXELS));
  const outputs = runNetwork(network, batch), size = outputs.length / frames.length;
  return frames.map((_, i) => outputs.slice(i * size, (i + 1) * size));
}

/**
 * The most probable digit.
 * @param {Float32Array} probabilities
 */
export const findDigit = (probabilities) => probabilities.indexOf(Math.max(...probabilities));
