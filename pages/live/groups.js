/**
 * Groups: which neighbouring pieces of a row may be one digit. The twin of core/digits/groups.py,
 * which explains the limits.
 *
 * @typedef {import("./penalties.js").PieceRow} PieceRow
 * @typedef {[number, number]} Span
 *
 * @typedef {object} Group pieces start to end - 1 of a row
 * @property {number} start
 * @property {number} end
 * @property {number} penalty if they are a digit, or skipped
 * @property {boolean} isSkipped whether they belong to no digit
 * @property {boolean} isJoined whether pieces beside them touch them and are as narrow as a digit
 * @property {boolean} isCluster whether they are close to one another and to no others
 */

import { getHeight, getLongerSide, getWidth, joinBoxes } from "./geometry.js";
import { findBetween, measureOverlaps, WEIGHTS, weighBorders, weighGroup } from "./penalties.js";

const MAX_PIECES = 5;
const MAX_GAP = 0.4;
const MAX_PENALTY = 3;
const MIN_CLUSTER_OVERLAP = 0.5;
const MAX_JOINED_WIDTH = 1.2;
const MAX_CLUSTER_WIDTH = 1.6;
const SMALL = 0.3;
// How close strokes are that may belong together, by the height of the row.
const JOINED = 0.1;
const CLUSTERED = 0.2;

/**
 * Proposes groups of neighbouring pieces, among which there is a path through the row.
 * @param {PieceRow} row
 * @returns {Group[]}
 */
export function proposeGroups(row) {
  const borders = weighBorders(row);
  const joined = findBetween(row, (a, b) => areClose(row, a, b, JOINED));
  const clusters = listClusters(row);
  const certain = [...listCertain(row), ...clusters];
  const groups = listSmall(row).map((piece) => buildGroup([piece, piece + 1], WEIGHTS.skipped, true));
  for (let start = 0; start < row.boxes.length; start++) {
    for (let end = start + 1; end <= row.boxes.length; end++) {
      const isCertain = includesSpan(certain, start, end);
      if (!isCertain && !mayBeDigit(row, start, end)) continue;
      const penalty = weighGroup(row, start, end);
      if (!isCertain && penalty > MAX_PENALTY) continue;
      const group = buildGroup([start, end], penalty + (borders[end - 1] ?? 0));
      group.isJoined = Boolean(joined[start - 1] || joined[end - 1]);
      group.isCluster = includesSpan(clusters, start, end);
      groups.push(group);
    }
  }
  return groups;
}

/** @returns {Group} */
function buildGroup([start, end], penalty, isSkipped = false) {
  return { start, end, penalty, isSkipped, isJoined: false, isCluster: false };
}

function includesSpan(spans, start, end) {
  return spans.some((span) => span[0] === start && span[1] === end);
}

/** The pieces, cut from no other, that may be specks beside larger ones. */
function listSmall({ boxes, cuts, height }) {
  const small = boxes.map((box) => getLongerSide(box) < SMALL * height);
  if (small.every(Boolean)) return [];
  return [...boxes.keys()].filter((piece) => small[piece] && !cuts[piece] && !cuts[piece - 1]);
}

/** The spans that are proposed whatever their penalty is. */
function listCertain(row) {
  return [
    ...listConnected(row.cuts.map((cut) => cut > 0)),
    ...listConnected(measureOverlaps(row).map((overlap) => overlap >= MIN_CLUSTER_OVERLAP)),
    ...listConnected(findBetween(row, row.cross)),
    ...(new Set(row.wholes).size <= MAX_PIECES ? [[0, row.boxes.length]] : []),
  ];
}

/** The spans of several pieces that are close to one another and no wider than a letter. */
function listClusters(row) {
  const spans = listConnected(findBetween(row, (a, b) => areClose(row, a, b, CLUSTERED)));
  return spans.filter(([start, end]) => {
    const box = joinBoxes(row.boxes.slice(start, end));
    return end - start > 1 && getWidth(box) <= MAX_CLUSTER_WIDTH * getHeight(box);
  });
}

/** The spans of pieces of which each is connected with the next. */
function listConnected(connected) {
  const borders = [...connected.keys()].filter((left) => !connected[left]);
  const edges = [0, ...borders.map((left) => left + 1), connected.length + 1];
  return edges.slice(1).map((end, i) => [edges[i], end]);
}

/** Whether two pieces are close and together no wider than one thing. */
function areClose(row, a, b, distance) {
  const width = getWidth(joinBoxes([row.boxes[a], row.boxes[b]]));
  const isNarrow = width <= MAX_JOINED_WIDTH * row.height;
  return isNarrow && row.measureDistance(a, b) < distance * row.height;
}

function mayBeDigit(row, start, end) {
  if (new Set(row.wholes.slice(start, end)).size > MAX_PIECES) return false;
  let [, , right] = row.boxes[start];
  for (const box of row.boxes.slice(start + 1, end)) {
    if (box[0] - right > MAX_GAP * row.height) return false;
    right = Math.max(right, box[2]);
  }
  return true;
}
