/**
 * Dabs: strokes with one dot of ink more, or with the ink of one place taken away. This module
 * knows neither models nor the page.
 *
 * @typedef {import("./geometry.js").Stroke} Stroke
 * @typedef {import("./geometry.js").Point} Point
 */

import { BOX_SIZE, isDrawing, PEN_WIDTH } from "./frame.js";
import { findBox, getLongerSide } from "./geometry.js";
import { findStrokes } from "./segmentation.js";

const CORNERS = 12; // of a dot
// Of the widest stroke. Segmentation takes a stroke below a tenth of it for a speck, which belongs
// to no digit.
const DOT_WIDTH = 0.105;

/**
 * The width of the pen that draws the frame, in the unit of the strokes.
 * @param {Stroke[]} strokes
 */
export function findPenWidth(strokes) {
  return (PEN_WIDTH / (BOX_SIZE - PEN_WIDTH)) * getLongerSide(findBox(strokes));
}

/**
 * Strokes and one more, a small circle that the pen fills.
 * @param {Stroke[]} strokes
 * @param {Point} centre
 */
export function addDot(strokes, [x, y]) {
  const radius = (DOT_WIDTH / 2) * Math.max(...strokes.map((stroke) => getLongerSide(findBox([stroke]))));
  const dot = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return [...strokes, dot];
}

/**
 * Strokes without what lies within the pen's width of a place, and without the specks that are left.
 * @param {Stroke[]} strokes
 * @param {Point} centre
 * @returns {Stroke[] | null} null where there is no ink, or not enough is left
 */
export function removeInk(strokes, centre) {
  const radius = findPenWidth(strokes);
  const parts = strokes.map((stroke) => cutStroke(stroke, centre, radius));
  if (parts.every(([first], i) => first === strokes[i])) return null;
  const rest = parts.flat();
  return isDrawing(rest) ? findStrokes(rest).map((stroke) => rest[stroke]) : null;
}

/** The parts of a stroke outside a circle; the stroke itself where it passes by. */
function cutStroke(stroke, centre, radius) {
  const parts = [];
  const isOutside = ([x, y]) => (x - centre[0]) ** 2 + (y - centre[1]) ** 2 > radius ** 2;
  let part = isOutside(stroke[0]) ? [stroke[0]] : null;
  for (let i = 1; i < stroke.length; i++) {
    const [enter, leave] = crossCircle(stroke[i - 1], stroke[i], centre, radius);
    if (part && enter >= 0 && enter < leave && enter <= 1) {
      parts.push([...part, interpolate(stroke[i - 1], stroke[i], enter)]);
      part = null;
    }
    if (!part && leave >= 0 && leave <= 1) part = [interpolate(stroke[i - 1], stroke[i], leave)];
    part?.push(stroke[i]);
  }
  if (!parts.length && part?.[0] === stroke[0]) return [stroke];
  return part ? [...parts, part] : parts;
}

/** The shares of a line at which it enters and leaves a circle; NaN where it passes by. */
function crossCircle([x, y], [endX, endY], [centreX, centreY], radius) {
  const [dx, dy, fromX, fromY] = [endX - x, endY - y, x - centreX, y - centreY];
  const square = dx * dx + dy * dy, nearest = -(fromX * dx + fromY * dy) / square;
  const half = Math.sqrt((radius ** 2 - fromX ** 2 - fromY ** 2) / square + nearest ** 2);
  return [nearest - half, nearest + half];
}

const interpolate = ([x, y], [endX, endY], share) => [x + share * (endX - x), y + share * (endY - y)];
