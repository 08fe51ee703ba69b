/**
 * Perturbations of a frame: the twin of perturb in core/analysis/sensitivity.py and of
 * core/synthesis/warping.py. This module knows neither models nor the page.
 *
 * @typedef {object} Amounts by the ids in core/analysis/sensitivity.py
 * @property {number} [rotation] degrees, clockwise
 * @property {number} [shift_x] pixels to the right
 * @property {number} [shift_y] pixels downwards
 * @property {number} [scale] 2 makes the digit twice as large
 * @property {number} [thickness] pixels added on every side of the strokes
 */

import { FRAME_SIZE } from "./frame.js";

const CENTRE = (FRAME_SIZE - 1) / 2;
const LAST = FRAME_SIZE - 0.001; // of the places that have ink or are next to it

/**
 * Changes the thickness of the strokes, then scales and rotates about the centre, then shifts.
 * @param {Float32Array} frame 784 numbers in 0…1
 * @param {Amounts} amounts
 * @returns {Float32Array} 784 numbers in 0…1; ink outside of the frame is cut off
 */
export function perturb(frame, { rotation = 0, shift_x = 0, shift_y = 0, scale = 1, thickness = 0 }) {
  const angle = (rotation * Math.PI) / 180;
  const cos = Math.cos(angle) / scale, sin = Math.sin(angle) / scale;
  const source = thicken(frame, thickness);
  return frame.map((_, i) => {
    const row = Math.floor(i / FRAME_SIZE) - CENTRE - shift_y;
    const column = (i % FRAME_SIZE) - CENTRE - shift_x;
    const ink = sample(source, cos * row - sin * column + CENTRE, sin * row + cos * column + CENTRE);
    return Math.min(Math.max(ink, 0), 1);
  });
}

/** Thickens or thins strokes by at most one pixel at a time. */
function thicken(frame, pixels) {
  if (!pixels) return frame;
  const step = Math.min(Math.max(pixels, -1), 1);
  const pick = step > 0 ? Math.max : Math.min;
  const changed = frame.map((ink, i) => {
    const row = Math.floor(i / FRAME_SIZE), column = i % FRAME_SIZE;
    const other = pick(
      ink,
      frame[row > 0 ? i - FRAME_SIZE : i],
      frame[row < FRAME_SIZE - 1 ? i + FRAME_SIZE : i],
      frame[column > 0 ? i - 1 : i],
      frame[column < FRAME_SIZE - 1 ? i + 1 : i],
    );
    return ink + Math.abs(step) * (other - ink);
  });
  return thicken(changed, pixels - step);
}

/** The ink at a place between pixels; outside of the frame is paper. */
function sample(frame, row, column) {
  const y = clip(row), x = clip(column);
  const top = Math.floor(y), left = Math.floor(x);
  const below = y - top, right = x - left;
  const get = (i, j) =>
    i >= 0 && i < FRAME_SIZE && j >= 0 && j < FRAME_SIZE ? frame[i * FRAME_SIZE + j] : 0;
  return (1 - below) * ((1 - right) * get(top, left) + right * get(top, left + 1))
    + below * ((1 - right) * get(top + 1, left) + right * get(top + 1, left + 1));
}

function clip(place) {
  return Math.min(Math.max(place, -1), LAST);
}
