/**
 * Strokes: from what streamlit-drawable-canvas sends, the twin of core/digits/strokes.py, and from
 * the points of a pen that is still down, as the canvas will send them.
 *
 * @typedef {import("./geometry.js").Stroke} Stroke
 * @typedef {import("./geometry.js").Point} Point
 */

import { findBox, roundToEven } from "./geometry.js";

const CURVE_POINTS = 4;
const ORIGIN_SHARES = { left: 0, top: 0, center: 0.5, right: 1, bottom: 1 };
// Fabric.js leaves out points that are nearer than this to the one before, in pixels.
const MIN_STEP = 0.4;

/**
 * The strokes of a drawing, where the canvas shows them, as far as they can be seen.
 * @param {{objects: object[]}} drawing the canvas's JSON
 * @param {number} side of the canvas, in pixels
 * @returns {Stroke[]} rounded to hundredths of a pixel
 */
export function readCanvas({ objects = [] }, side) {
  const paths = objects.filter(({ type }) => type === "Path");
  return paths.flatMap((item) => clipStroke(readObject(item), side)).map(roundStroke);
}

/**
 * The stroke that the canvas makes of the points of a pen.
 * @param {Point[]} points at least one
 * @param {number} side of the canvas, in pixels
 * @returns {Stroke[]} as ``readCanvas``
 */
export function readPen(points, side) {
  return clipStroke(flattenPath(smooth(points)), side).map(roundStroke);
}

const roundStroke = (stroke) => stroke.map(([x, y]) => [roundToEven(x * 100) / 100, roundToEven(y * 100) / 100]);

function readObject(item) {
  const points = flattenPath(item.path);
  return "left" in item && "top" in item ? transform(points, item) : points;
}

function flattenPath(path) {
  const points = [];
  for (const [command, ...numbers] of path) {
    const [x, y] = points.at(-1) ?? [];
    const [endX, endY] = numbers.slice(-2);
    for (let step = 1; command === "Q" && step < CURVE_POINTS; step++) {
      const t = step / CURVE_POINTS;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      points.push([a * x + b * numbers[0] + c * endX, a * y + b * numbers[1] + c * endY]);
    }
    points.push([endX, endY]);
  }
  return points;
}

/**
 * The box that Fabric.js gives a path, by its Path._calcBoundsFromPath and getBoundsOfCurve: it
 * takes a quadratic curve as a cubic one that has the control point twice. A path of moves alone
 * has an empty box at 0.
 */
function findPathBox(path) {
  const corners = [];
  let start;
  for (const [command, ...numbers] of path) {
    const end = numbers.slice(-2);
    const findAxis = (axis) => findTurn(start[axis], numbers[axis], end[axis]);
    if (command !== "M") corners.push(start, [findAxis(0), findAxis(1)], end);
    start = end;
  }
  return findBox(corners.length ? [corners] : [[[0, 0]]]);
}

/** The coordinate at which such a curve turns, or else of the control point, between the ends. */
function findTurn(start, control, end) {
  const [before, after] = [start - control, end - control];
  if (before * after <= 0) return control;
  const width = (Math.sqrt(Math.abs(before)) + Math.sqrt(Math.abs(after))) ** 2;
  return control + (Math.sign(before) * (before * after)) / width;
}

function transform(points, item) {
  const { scaleX = 1, scaleY = 1, skewX = 0, skewY = 0, angle = 0 } = item;
  const [left, top, right, bottom] = findPathBox(item.path);
  const [a, b] = [Math.tan(radians(skewX)), Math.tan(radians(skewY))];
  const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
  const [width, height] = [item.flipX ? -scaleX : scaleX, item.flipY ? -scaleY : scaleY];
  const [centreX, centreY] = findCentre(item, cos, sin, Math.abs(scaleX), Math.abs(scaleY));
  return points.map(([x, y]) => {
    const [fromX, fromY] = [x - (left + right) / 2, y - (top + bottom) / 2];
    const shearedY = b * fromX + fromY;
    const [scaledX, scaledY] = [width * (fromX + a * shearedY), height * shearedY];
    return [centreX + cos * scaledX - sin * scaledY, centreY + sin * scaledX + cos * scaledY];
  });
}

function findCentre(item, cos, sin, scaleX, scaleY) {
  const { left, top, originX = "center", originY = "center", strokeWidth: pen = 0 } = item;
  const x = (0.5 - ORIGIN_SHARES[originX]) * ((item.width ?? 0) + pen) * scaleX;
  const y = (0.5 - ORIGIN_SHARES[originY]) * ((item.height ?? 0) + pen) * scaleY;
  return [left + cos * x - sin * y, top + sin * x + cos * y];
}

const radians = (degrees) => (degrees * Math.PI) / 180;

/** The path of Fabric's pencil: curves whose ends lie between the points. */
function smooth(points) {
  const kept = decimate(points);
  const path = [["M", ...kept[0]]];
  for (let i = 1; i < kept.length; i++) {
    const [[x, y], [nextX, nextY]] = [kept[i - 1], kept[i]];
    if (x !== nextX || y !== nextY) path.push(["Q", x, y, (x + nextX) / 2, (y + nextY) / 2]);
  }
  return [...path, ["L", ...kept.at(-1)]];
}

/** As Fabric does it: the last point but one goes in any case. */
function decimate(points) {
  if (points.length <= 2) return points;
  const kept = [points[0]];
  for (const point of points.slice(1, -2)) {
    const [x, y] = kept.at(-1);
    if ((point[0] - x) ** 2 + (point[1] - y) ** 2 >= MIN_STEP ** 2) kept.push(point);
  }
  return [...kept, points.at(-1)];
}

/** The parts of a stroke inside the canvas. */
function clipStroke(stroke, side) {
  if (stroke.every(([x, y]) => x >= 0 && x <= side && y >= 0 && y <= side)) return [stroke];
  const parts = [];
  let isOpen = false;
  for (let i = 1; i < stroke.length; i++) {
    const [[x, y], [endX, endY]] = [stroke[i - 1], stroke[i]];
    const [dx, dy] = [endX - x, endY - y];
    const [first, last] = clipLine([x, y], [endX, endY], [0, 0, side, side]);
    if (first >= last) {
      isOpen = false;
      continue;
    }
    if (!isOpen || first > 0) parts.push([[x + first * dx, y + first * dy]]);
    parts.at(-1).push(last === 1 ? [endX, endY] : [x + last * dx, y + last * dy]);
    isOpen = last === 1;
  }
  return parts;
}

/**
 * The shares of a line at which it enters and leaves a rectangle, by Liang and Barsky. The first is
 * not below the second where the line is outside.
 * @param {Point} start
 * @param {Point} end
 * @param {import("./geometry.js").Box} box
 */
function clipLine([x, y], [endX, endY], [left, top, right, bottom]) {
  const [dx, dy] = [endX - x, endY - y];
  let [first, last] = [0, 1];
  for (const [step, room] of [[-dx, x - left], [dx, right - x], [-dy, y - top], [dy, bottom - y]]) {
    if (step === 0 && room < 0) return [1, 0];
    if (step < 0) first = Math.max(first, room / step);
    if (step > 0) last = Math.min(last, room / step);
  }
  return [first, last];
}
