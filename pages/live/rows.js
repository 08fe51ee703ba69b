/**
 * Rows of writing: the twin of core/digits/rows.py, which explains the limits.
 *
 * @typedef {import("./geometry.js").Box} Box
 */

import { getHeight, joinBoxes, measureVector } from "./geometry.js";

const MIN_TALL_SHARE = 0.4;
const MIN_NEAR_OVERLAP = 0.25;
const MIN_FAR_OVERLAP = 0.5;
const MAX_NEAR_GAP = 1.5;
const MAX_DOUBTFUL_GAP = 0.35;

/**
 * Divides pieces into rows, from top to bottom, each from left to right.
 * @param {Box[]} boxes at least one
 * @returns {number[][]} the pieces of each row
 */
export function findRows(boxes) {
  const getMiddle = (row) => {
    const [, top, , bottom] = joinBoxes(row.map((piece) => boxes[piece]));
    return top + bottom;
  };
  return chainPieces(boxes).sort((a, b) => getMiddle(a) - getMiddle(b));
}

/**
 * Sorts pieces from left to right, by the middles of their boxes.
 * @param {Box[]} boxes
 * @param {number[]} pieces
 */
export function sortRow(boxes, pieces) {
  const getMiddle = (piece) => boxes[piece][0] + boxes[piece][2];
  return [...pieces].sort((a, b) => getMiddle(a) - getMiddle(b));
}

/**
 * Whether two rows are so close that they may be parts of the same digits.
 * @param {Box[]} above
 * @param {Box[]} below
 */
export function areClose(above, below) {
  const tallest = Math.max(...above.map(getHeight), ...below.map(getHeight));
  const isNear = (upper, lower) =>
    Math.min(upper[2], lower[2]) >= Math.max(upper[0], lower[0]) &&
    lower[1] - upper[3] < MAX_DOUBTFUL_GAP * tallest;
  return above.some((upper) => below.some((lower) => isNear(upper, lower)));
}

/** Rows as chains of tall pieces; a low one belongs to the row of the nearest tall piece. */
function chainPieces(boxes) {
  const minHeight = MIN_TALL_SHARE * Math.max(...boxes.map(getHeight));
  const pieces = [...boxes.keys()];
  const tall = sortRow(boxes, pieces.filter((piece) => getHeight(boxes[piece]) >= minHeight));
  const chains = connect(linkNeighbours(tall.map((piece) => boxes[piece])));
  const rows = chains.map((chain) => chain.map((place) => tall[place]));
  const rowOf = new Map(rows.flatMap((row) => row.map((piece) => [piece, row])));
  for (const piece of pieces.filter((one) => !rowOf.has(one))) {
    const gaps = tall.map((other) => measureGap(boxes[piece], boxes[other]));
    rowOf.get(tall[gaps.indexOf(Math.min(...gaps))]).push(piece);
  }
  return rows.map((row) => sortRow(boxes, row));
}

/** Links each piece with the nearest one on its left and on its right in the same row. */
function linkNeighbours(boxes) {
  const links = boxes.map(() => []);
  boxes.forEach((box, piece) => {
    const farness = boxes.map((other) => measureFarness(box, other));
    for (const [start, end] of [[0, piece], [piece + 1, boxes.length]]) {
      const side = farness.slice(start, end);
      const least = Math.min(...side);
      if (least === Infinity) continue;
      const other = start + side.indexOf(least);
      links[piece].push(other);
      links[other].push(piece);
    }
  });
  return links;
}

/** How far apart two pieces of a row are, by the taller one; infinite in different rows. */
function measureFarness(a, b) {
  const heights = [a, b].map((box) => Math.max(getHeight(box), 1e-9));
  const lower = Math.min(...heights), taller = Math.max(...heights);
  const overlap = (Math.min(a[3], b[3]) - Math.max(a[1], b[1])) / lower;
  const gap = Math.max(Math.max(a[0], b[0]) - Math.min(a[2], b[2]), 0) / taller;
  const offset = Math.abs(a[1] + a[3] - b[1] - b[3]) / taller;
  return overlap >= (gap <= MAX_NEAR_GAP ? MIN_NEAR_OVERLAP : MIN_FAR_OVERLAP)
    ? gap + offset
    : Infinity;
}

/** The connected components of a graph, each in ascending order. */
function connect(links) {
  const component = new Array(links.length).fill(-1);
  const found = [];
  for (let start = 0; start < links.length; start++) {
    if (component[start] >= 0) continue;
    const waiting = [start];
    component[start] = found.length;
    while (waiting.length) {
      for (const next of links[waiting.pop()]) {
        if (component[next] < 0) {
          component[next] = found.length;
          waiting.push(next);
        }
      }
    }
    found.push([...component.keys()].filter((one) => component[one] === found.length));
  }
  return found;
}

function measureGap(a, b) {
  const x = Math.max(a[0], b[0]) - Math.min(a[2], b[2]);
  const y = Math.max(a[1], b[1]) - Math.min(a[3], b[3]);
  return measureVector(Math.max(x, 0), Math.max(y, 0));
}
