/**
 * Penalties: what speaks against a group of pieces, and against a border between two of them. The
 * twin of core/digits/penalties.py, which explains the limits and weights.
 *
 * @typedef {object} PieceRow the pieces of a row from left to right
 * @property {import("./geometry.js").Box[]} boxes
 * @property {number[]} wholes the stroke that each piece is, or was cut from
 * @property {number[]} cuts the penalty of each border that cuts a stroke; 0 for others
 * @property {number} height of the row
 * @property {(a: number, b: number) => number} measureDistance between two pieces
 * @property {(a: number, b: number) => number} measureTips between the ends of two pieces
 * @property {(a: number, b: number) => boolean} cross whether two cross as in a plus sign
 */

import { getHeight, getWidth, joinBoxes } from "./geometry.js";

const MIN_SIDE = 0.15;
const MIN_BESIDE_OVERLAP = 0.2;
const STACKED = 3;
const MAX_COMPARED = 5;
const USUAL_WIDTH = 0.9;
const MAX_EXCESS = 1;
const USUAL_HEIGHT = 0.85;
const TALL = 0.45;
const MEETING = 0.06;
const MAX_DISTANCE = 0.15;
export const WEIGHTS = {
  pieces: 0.8,
  tallDistance: 1,
  lowDistance: 1,
  width: 2,
  lowness: 5,
  overlap: 2,
  offset: 2,
  tips: 1,
  crossing: 4,
  skipped: 1.25,
};

/**
 * The penalty of pieces start to end - 1 as one digit, without that of its border.
 * @param {PieceRow} row
 * @param {number} start
 * @param {number} end
 */
export function weighGroup(row, start, end) {
  const box = joinBoxes(row.boxes.slice(start, end));
  const width = getWidth(box) / row.height, height = getHeight(box) / row.height;
  const excess = height ? Math.max(0, width - USUAL_WIDTH * height) / height : MAX_EXCESS;
  const { tall, low } = measureDistances(row, start, end);
  return (
    WEIGHTS.pieces * (new Set(row.wholes.slice(start, end)).size - 1) +
    WEIGHTS.tallDistance * tall +
    WEIGHTS.lowDistance * low +
    WEIGHTS.width * Math.min(MAX_EXCESS, excess) +
    WEIGHTS.lowness * Math.max(0, USUAL_HEIGHT - height)
  );
}

/** How far apart the tall pieces of a group are, and how far the low ones from the others. */
function measureDistances(row, start, end) {
  let tall = 0, low = 0;
  for (let piece = start + 1; piece < end; piece++) {
    let nearest = start;
    for (let other = start; other < piece; other++) {
      if (row.measureDistance(piece, other) < row.measureDistance(piece, nearest)) nearest = other;
    }
    const distance = Math.min(1, row.measureDistance(piece, nearest) / row.height / MAX_DISTANCE);
    if (isTall(row, piece) && isTall(row, nearest)) tall += distance;
    else low += distance;
  }
  return { tall, low };
}

/**
 * The penalty of each border between two neighbours, cuts included.
 * @param {PieceRow} row
 */
export function weighBorders(row) {
  const overlaps = measureOverlaps(row);
  const crossing = findBetween(row, row.cross);
  return row.cuts.map((cut, left) => {
    const offset = cut ? 0 : measureOffset(row, left);
    const meets = !cut && row.measureTips(left, left + 1) < MEETING * row.height;
    return (
      WEIGHTS.overlap * overlaps[left] +
      WEIGHTS.offset * offset +
      WEIGHTS.tips * Number(meets) +
      WEIGHTS.crossing * Number(crossing[left]) +
      cut
    );
  });
}

/**
 * How much pieces on either side of each border overlap, as a share of the narrower piece, more
 * where one lies above the other; 0 for cuts.
 * @param {PieceRow} row
 */
export function measureOverlaps(row) {
  return row.cuts.map((cut, left) => {
    let overlap = 0;
    for (let a = Math.max(0, left + 1 - MAX_COMPARED); a <= left && !cut; a++) {
      for (let b = left + 1; b < Math.min(row.boxes.length, left + 1 + MAX_COMPARED); b++) {
        const stacked = measureShare(row, a, b, 1) < MIN_BESIDE_OVERLAP ? STACKED : 1;
        overlap = Math.max(overlap, measureShare(row, a, b, 0) * stacked);
      }
    }
    return overlap;
  });
}

/** How much less than the whole height two tall neighbours overlap. */
function measureOffset(row, left) {
  const areTall = isTall(row, left) && isTall(row, left + 1);
  return areTall ? 1 - measureShare(row, left, left + 1, 1) : 0;
}

function isTall(row, piece) {
  return getHeight(row.boxes[piece]) > TALL * row.height;
}

/** How much two boxes overlap along an axis, as a share of the shorter side, 0…1. */
function measureShare(row, a, b, axis) {
  const [start, otherStart] = [row.boxes[a][axis], row.boxes[b][axis]];
  const [end, otherEnd] = [row.boxes[a][axis + 2], row.boxes[b][axis + 2]];
  const common = Math.min(end, otherEnd) - Math.max(start, otherStart);
  const shorter = Math.max(Math.min(end - start, otherEnd - otherStart), MIN_SIDE * row.height);
  return Math.min(Math.max(common / shorter, 0), 1);
}

/**
 * Whether each border lies between any two pieces of a kind.
 * @param {PieceRow} row
 * @param {(a: number, b: number) => boolean} test of two pieces
 */
export function findBetween(row, test) {
  const between = row.cuts.map(() => false);
  for (let a = 0; a < between.length; a++) {
    for (let b = a + 1; b <= between.length; b++) {
      if (!between.slice(a, b).every(Boolean) && test(a, b)) between.fill(true, a, b);
    }
  }
  return between;
}
