/**
 * The frame: the twin of core/digits/frame.py for pen strokes, which explains each step.
 *
 * It computes in 32 bits where NumPy does, and adds in the same order, so frames are identical: a
 * symmetric digit lies between two pixels, where the last digit of a sum decides.
 */

import {
  findBox,
  getHeight,
  getLongerSide,
  getWidth,
  measureTravel,
  roundToEven,
} from "./geometry.js";

export const FRAME_SIZE = 28;
export const BOX_SIZE = 20;
export const PEN_WIDTH = 2.4;
const MIN_DRAWING_SIZE = 4;
const MIN_DRAWING_SHARE = 0.015;
const MAX_TAP_SHARE = 0.6;
const POINT_SPACING = 0.35;
const LEVELS = 255;
// A pixel whose centre is further away than this from a line has no ink.
const REACH = PEN_WIDTH / 2 + 0.5;

const round = Math.fround;

/**
 * Whether strokes have enough ink to be a digit.
 * @param {import("./geometry.js").Stroke[]} strokes
 */
export function isDrawing(strokes) {
  const inked = strokes.filter((stroke) => stroke.length);
  if (!inked.length) return false;
  const longer = Math.max(...inked.map((stroke) => getLongerSide(findBox([stroke]))));
  const reach = Math.max(...findBox(inked).map(Math.abs));
  const smallest =
    reach <= 1 ? reach * MIN_DRAWING_SHARE : Math.min(MIN_DRAWING_SIZE, reach * MAX_TAP_SHARE);
  return longer > 0 && longer >= smallest;
}

/**
 * Renders strokes that are a drawing as a frame.
 * @param {import("./geometry.js").Stroke[]} strokes
 * @returns {Float32Array} 28 rows of 28 pixels, 0 paper … 1 ink
 */
export function drawFrame(strokes) {
  const inked = strokes.filter((stroke) => stroke.length);
  const bounds = findBox(inked);
  const extent = [getWidth(bounds), getHeight(bounds)];
  const scale = (BOX_SIZE - PEN_WIDTH) / Math.max(...extent);
  const [width, height] = extent.map((side) => Math.ceil(side * scale + PEN_WIDTH - 1e-9));
  const marginX = (width - extent[0] * scale) / 2, marginY = (height - extent[1] * scale) / 2;
  const [left, top] = bounds;
  const lines = inked.map((stroke) =>
    stroke.map(([x, y]) => [(x - left) * scale + marginX, (y - top) * scale + marginY]),
  );
  return placeByCentreOfMass(drawLines(lines, width, height), width, height);
}

/** The ink of each pixel, by its distance from the nearest line. */
function drawLines(lines, width, height) {
  const squares = new Float32Array(width * height).fill(Infinity);
  for (const line of lines) {
    const points = dropClosePoints(line);
    if (points.length === 1) points.push(points[0]);
    for (let i = 1; i < points.length; i++) {
      measureSquares(squares, width, height, points[i - 1], points[i]);
    }
  }
  const reach = round(REACH);
  return squares.map((square) => {
    const ink = round(reach - round(Math.sqrt(square)));
    return ink > 0 ? Math.min(ink, 1) : 0;
  });
}

function dropClosePoints(line) {
  const places = measureTravel(line).map((travelled) => Math.floor(travelled / POINT_SPACING));
  return line.filter((_, i) => !i || places[i] > places[i - 1] || i === line.length - 1);
}

/** Lowers the squares of distances of pixels to those from a segment, where it is near. */
function measureSquares(squares, width, height, [startX, startY], [endX, endY]) {
  const fromX = round(startX), fromY = round(startY);
  const alongX = round(round(endX) - fromX), alongY = round(round(endY) - fromY);
  const length = round(round(alongX * alongX) + round(alongY * alongY));
  const sharePerStep = round(1 / Math.max(length, round(1e-6)));
  const firstX = Math.max(0, Math.floor(Math.min(startX, endX) - REACH - 0.5));
  const lastX = Math.min(width - 1, Math.ceil(Math.max(startX, endX) + REACH));
  const firstY = Math.max(0, Math.floor(Math.min(startY, endY) - REACH - 0.5));
  const lastY = Math.min(height - 1, Math.ceil(Math.max(startY, endY) + REACH));
  for (let row = firstY; row <= lastY; row++) {
    const y = round(row + 0.5 - fromY);
    const shareY = round(round(y * alongY) * sharePerStep);
    for (let column = firstX; column <= lastX; column++) {
      const x = round(column + 0.5 - fromX);
      const share = round(round(round(x * alongX) * sharePerStep) + shareY);
      const clipped = share < 0 ? 0 : share > 1 ? 1 : share;
      const gapX = round(x - round(clipped * alongX));
      const gapY = round(y - round(clipped * alongY));
      const square = round(round(gapX * gapX) + round(gapY * gapY));
      const at = row * width + column;
      if (square < squares[at]) squares[at] = square;
    }
  }
}

function placeByCentreOfMass(ink, width, height) {
  const box = ink.map((value) => roundToEven(round(value * LEVELS)) / LEVELS);
  const mass = sumPairwise(box, 0, box.length);
  const rows = Array.from({ length: height }, (_, row) => sumPairwise(box, row * width, width));
  const columns = new Float32Array(width);
  for (let i = 0; i < box.length; i++) columns[i % width] += box[i];
  const top = findStart(rows, mass), left = findStart(columns, mass);
  const frame = new Float32Array(FRAME_SIZE * FRAME_SIZE);
  for (let row = 0; row < height; row++) {
    const pixels = box.subarray(row * width, (row + 1) * width);
    frame.set(pixels, (top + row) * FRAME_SIZE + left);
  }
  return frame;
}

/** The first row or column of a box, so that its centre of mass lies on the frame's centre. */
function findStart(sums, mass) {
  const centre = sums.reduce((total, sum, place) => total + sum * place, 0) / mass;
  const start = Math.floor(FRAME_SIZE / 2 - centre + 0.5);
  return Math.min(Math.max(start, 0), FRAME_SIZE - sums.length);
}

/** The sum in 32 bits, in the order in which NumPy adds: eight sums at once, halves if many. */
function sumPairwise(values, start, count) {
  if (count > 128) {
    const half = Math.floor(count / 2) - (Math.floor(count / 2) % 8);
    const first = sumPairwise(values, start, half);
    return round(first + sumPairwise(values, start + half, count - half));
  }
  const whole = count < 8 ? 0 : count - (count % 8);
  const sums = new Float32Array(8);
  for (let i = 0; i < whole; i++) sums[i % 8] += values[start + i];
  const [a, b, c, d, e, f, g, h] = sums;
  let sum = round(round(round(a + b) + round(c + d)) + round(round(e + f) + round(g + h)));
  for (let i = whole; i < count; i++) sum = round(sum + values[start + i]);
  return sum;
}
