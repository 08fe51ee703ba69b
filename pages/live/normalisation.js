/**
 * The steps of logistic regression before its weights: the twin of the layers ClearPaper, EvenPen
 * and SetUpright in core/training/architectures.py, which explains them.
 */

const SIZE = 28;
const MIDDLE = (SIZE - 1) / 2;
const PEN_WIDTH = 2.8;
const SPREAD = 6.6;
const PROPORTION = 0.6;
const REACH = 2;
const TINY = 1e-6;
const MIN_WIDTH = 0.1;

/**
 * A frame with even strokes, upright, centred and of one size.
 * @param {Float32Array} frame 784 numbers
 * @returns {Float32Array} 784 numbers
 */
export function normalise(frame) {
  return setUpright(evenPen(clearPaper(frame)));
}

/** Subtracts the grey of the paper: the mean of the rim, whose corners count twice. */
function clearPaper(frame) {
  let sum = 0;
  for (let i = 0; i < SIZE; i++) {
    sum += frame[i] + frame[SIZE * (SIZE - 1) + i] + frame[SIZE * i] + frame[SIZE * i + SIZE - 1];
  }
  const paper = sum / (4 * SIZE);
  return frame.map((ink) => Math.max(0, ink - paper) / (1 + TINY - paper));
}

/** Makes strokes about PEN_WIDTH wide. */
function evenPen(frame) {
  const least = new Float32Array(frame), greatest = new Float32Array(frame);
  let edge = TINY, ink = 0;
  for (let row = 0, i = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++, i++) {
      const left = column ? frame[i - 1] : 0, right = column < SIZE - 1 ? frame[i + 1] : 0;
      const above = row ? frame[i - SIZE] : 0, below = row < SIZE - 1 ? frame[i + SIZE] : 0;
      ink += frame[i];
      edge += Math.hypot(right - left, below - above) / 2;
      least[i] = Math.min(frame[i], left, right, above, below);
      greatest[i] = Math.max(frame[i], left, right, above, below);
    }
  }
  const excess = ((2 * ink) / edge - PEN_WIDTH) / 2;
  const thinner = Math.min(Math.max(0, excess), 1), thicker = Math.min(Math.max(0, -excess), 1);
  return frame.map((own, i) => own + thinner * (least[i] - own) + thicker * (greatest[i] - own));
}

/** Makes a digit upright, centred and of one size, and takes the root of its ink. */
function setUpright(frame) {
  const { row, column, lean, high, wide } = measureMoments(frame);
  const rowStep = Math.sqrt(high + wide) / SPREAD;
  const columnStep = rowStep * Math.sqrt(Math.sqrt(wide / high) / PROPORTION);
  const upright = new Float32Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    const start = column + lean * (y - row);
    for (let x = 0; x < SIZE; x++) {
      const place = start + columnStep * (x - MIDDLE);
      upright[SIZE * y + x] = weighPixels(place, (i) => frame[SIZE * y + i]);
    }
  }
  const result = new Float32Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    const place = row + rowStep * (y - MIDDLE);
    for (let x = 0; x < SIZE; x++) {
      const ink = weighPixels(place, (i) => upright[SIZE * i + x]);
      result[SIZE * y + x] = Math.sqrt(Math.max(0, ink));
    }
  }
  return result;
}

/** The centre of the ink, its lean, and its variance along the lean and across it. */
function measureMoments(frame) {
  let mass = TINY, rowSum = 0, columnSum = 0;
  forEachPixel(frame, (ink, y, x) => {
    mass += ink;
    rowSum += ink * y;
    columnSum += ink * x;
  });
  const row = rowSum / mass, column = columnSum / mass;
  let covariance = 0, down = 0, across = 0;
  forEachPixel(frame, (ink, y, x) => {
    covariance += (ink * (y - row) * (x - column)) / mass;
    down += (ink * (y - row) ** 2) / mass;
    across += (ink * (x - column) ** 2) / mass;
  });
  const high = down + MIN_WIDTH ** 2;
  const lean = covariance / high;
  const wide = Math.max(0, across - lean * covariance) + MIN_WIDTH ** 2;
  return { row, column, lean, high, wide };
}

function forEachPixel(frame, visit) {
  for (let i = 0; i < frame.length; i++) {
    if (frame[i]) visit(frame[i], Math.floor(i / SIZE), i % SIZE);
  }
}

/** The weighted mean of the pixels around a place; outside of the frame there is no ink. */
function weighPixels(place, getPixel) {
  const first = Math.max(0, Math.ceil(place - REACH));
  const last = Math.min(SIZE - 1, Math.floor(place + REACH));
  let sum = 0;
  for (let i = first; i <= last; i++) sum += (REACH - Math.abs(place - i)) * getPixel(i);
  return sum / REACH ** 2;
}
