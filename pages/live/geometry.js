/**
 * Points, boxes and lengths of strokes.
 *
 * @typedef {[number, number]} Point x rightwards and y downwards, in any unit
 * @typedef {Point[]} Stroke
 * @typedef {[number, number, number, number]} Box left, top, right, bottom
 */

/**
 * The length of a vector, correctly rounded in nearly all cases: C. Borges, "An improved algorithm
 * for hypot(a,b)", 2019, arXiv:1904.09481. Math.hypot and NumPy differ in the last digit.
 * @param {number} x
 * @param {number} y
 */
export function measureVector(x, y) {
  const long = Math.max(Math.abs(x), Math.abs(y)), short = Math.min(Math.abs(x), Math.abs(y));
  if (!short) return long;
  const length = Math.sqrt(long * long + short * short);
  if (length <= 2 * short) {
    const rest = length - short;
    const error = long * (2 * rest - long) + (rest - 2 * (long - short)) * rest;
    return length - error / (2 * length);
  }
  const rest = length - long;
  const error = 2 * rest * (long - 2 * short) + (4 * rest - short) * short + rest * rest;
  return length - error / (2 * length);
}

/**
 * How far each point of a stroke is from its start along the stroke.
 * @param {Stroke} stroke
 */
export function measureTravel(stroke) {
  const travelled = [0];
  for (let i = 1; i < stroke.length; i++) {
    const [x, y] = stroke[i], [fromX, fromY] = stroke[i - 1];
    travelled.push(travelled[i - 1] + measureVector(x - fromX, y - fromY));
  }
  return travelled;
}

/**
 * The box around strokes that have a point.
 * @param {Stroke[]} strokes
 * @returns {Box}
 */
export function findBox(strokes) {
  const box = /** @type {Box} */ ([Infinity, Infinity, -Infinity, -Infinity]);
  for (const stroke of strokes) for (const [x, y] of stroke) stretch(box, x, y, x, y);
  return box;
}

/**
 * The box around boxes.
 * @param {Box[]} boxes
 * @returns {Box}
 */
export function joinBoxes(boxes) {
  const box = /** @type {Box} */ ([Infinity, Infinity, -Infinity, -Infinity]);
  for (const [left, top, right, bottom] of boxes) stretch(box, left, top, right, bottom);
  return box;
}

function stretch(box, left, top, right, bottom) {
  if (left < box[0]) box[0] = left;
  if (top < box[1]) box[1] = top;
  if (right > box[2]) box[2] = right;
  if (bottom > box[3]) box[3] = bottom;
}

/** @param {Box} box */
export function getWidth([left, , right]) {
  return right - left;
}

/** @param {Box} box */
export function getHeight([, top, , bottom]) {
  return bottom - top;
}

/** @param {Box} box */
export function getLongerSide(box) {
  return Math.max(getWidth(box), getHeight(box));
}

/**
 * Rounds as NumPy and Python do: halves to the even neighbour.
 * @param {number} value
 */
export function roundToEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2) ? below + 1 : below;
}
