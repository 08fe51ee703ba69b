/**
 * Candidates: the segmentation graph of pieces of strokes, and the best path through it. The twin
 * of core/digits/candidates.py and core/digits/segmentation.py, which explain the limits.
 *
 * @typedef {object} Pieces in any order
 * @property {import("./geometry.js").Box[]} boxes
 * @property {number[][]} wholes the pieces of each stroke
 * @property {(a: number, b: number) => number} measureDistance between two pieces
 * @property {(a: number, b: number) => number} measureTips between the ends of two pieces
 * @property {(a: number, b: number) => boolean} cross whether two cross as in a plus sign
 * @property {(pieces: number[]) => FoundDigit} join the digit that pieces are together
 *
 * @typedef {object} FoundDigit
 * @property {import("./geometry.js").Box} box
 * @property {Float32Array} frame
 * @property {number[]} strokes its strokes, by their places in the drawing
 *
 * @typedef {object} Candidate pieces start to end - 1 of a row that may be a digit
 * @property {number} start
 * @property {number} end
 * @property {FoundDigit | null} digit null for a speck, which a path may skip
 * @property {number} penalty
 * @property {boolean} isJoined
 * @property {boolean} isCluster
 *
 * @typedef {object} CandidateRow rows start to end - 1, which may be one
 * @property {number} start
 * @property {number} end
 * @property {Candidate[]} candidates
 * @property {number} penalty of its lower border
 */

import { getHeight, getWidth, joinBoxes } from "./geometry.js";
import { proposeGroups } from "./groups.js";
import { areClose, findRows, sortRow } from "./rows.js";

const ROW_BREAK_PENALTY = 2;
const TOUCHING_ROWS_PENALTY = 3;
const TOUCHING = 0.05;
const MAX_JOINED_ROWS = 3;
const MIN_ROW_HEIGHT = 0.33;
const CUT_PENALTY = 1.5;
const JOINED_FACTOR = 8;

/**
 * Divides pieces into rows and proposes groups of neighbours in each.
 * @param {Pieces} pieces
 * @returns {CandidateRow[]}
 */
export function buildGraph(pieces) {
  const wholes = pieces.wholes.map((own) => joinBoxes(own.map((piece) => pieces.boxes[piece])));
  const rows = findRows(wholes).map((row) => row.flatMap((whole) => pieces.wholes[whole]));
  const breaks = rows.slice(1).map((below, i) => weighRowBreak(pieces, rows[i], below));
  const graph = [];
  for (let start = 0; start < rows.length; start++) {
    for (let end = start + 1; end <= Math.min(rows.length, start + MAX_JOINED_ROWS); end++) {
      if (!breaks.slice(start, end - 1).every(Boolean)) break;
      const candidates = buildRow(pieces, rows.slice(start, end));
      graph.push({ start, end, candidates, penalty: breaks[end - 1] ?? 0 });
    }
  }
  return graph;
}

/**
 * Lists the candidates of a graph that may be digits, row by row.
 * @param {CandidateRow[]} graph
 */
export function listCandidates(graph) {
  return graph.flatMap(({ candidates }) => candidates.filter(({ digit }) => digit));
}

/**
 * Chooses the rows and digits with the highest sum of log-confidences less penalties.
 * @param {CandidateRow[]} graph
 * @param {(candidate: Candidate) => number} getLogConfidence
 * @param {(candidate: Candidate) => number} weighDivision the penalty of a border within a cluster
 * @returns {FoundDigit[][]} the digits of each row
 */
export function choosePath(graph, getLogConfidence, weighDivision) {
  const rows = graph.map((row) => {
    const borders = weighBorders(row, weighDivision);
    const spans = row.candidates.map((one) => {
      const logConfidence = one.digit ? getLogConfidence(one) : 0;
      const weight = one.isJoined ? JOINED_FACTOR : 1;
      const score = weight * logConfidence - one.penalty - (borders.get(one.end) ?? 0);
      return { start: one.start, end: one.end, score, value: one.digit };
    });
    const { score, path } = findBest(spans);
    return { start: row.start, end: row.end, score: score - row.penalty, value: path };
  });
  return findBest(rows).path.map((row) => row.filter(Boolean));
}

/** What dividing two rows costs; 0 where they are certainly two. */
function weighRowBreak({ boxes, measureDistance }, above, below) {
  const upper = above.map((piece) => boxes[piece]), lower = below.map((piece) => boxes[piece]);
  if (!areClose(upper, lower)) return 0;
  const tallest = Math.max(...[...upper, ...lower].map(getHeight));
  const touch = above.some((a) => below.some((b) => measureDistance(a, b) < TOUCHING * tallest));
  return touch ? TOUCHING_ROWS_PENALTY : ROW_BREAK_PENALTY;
}

function buildRow(pieces, rows) {
  const row = sortRow(pieces.boxes, rows.flat());
  const wholes = row.map((piece) => pieces.wholes.findIndex((own) => own.includes(piece)));
  const groups = proposeGroups({
    boxes: row.map((piece) => pieces.boxes[piece]),
    wholes,
    cuts: row.slice(1).map((_, left) => weighCut(wholes, left + 1)),
    height: findHeight(pieces.boxes, rows),
    measureDistance: (a, b) => pieces.measureDistance(row[a], row[b]),
    measureTips: (a, b) => pieces.measureTips(row[a], row[b]),
    cross: (a, b) => pieces.cross(row[a], row[b]),
  });
  return groups.map(({ isSkipped, ...group }) => ({
    ...group,
    digit: isSkipped ? null : pieces.join(row.slice(group.start, group.end)),
  }));
}

/** The penalty of a border if it divides a stroke. */
function weighCut(wholes, border) {
  const isCut = wholes.slice(0, border).some((whole) => wholes.includes(whole, border));
  return isCut ? CUT_PENALTY : 0;
}

/** The height of the tallest piece, or of all together if they are parts of one row. */
function findHeight(boxes, rows) {
  const own = rows[0].map((piece) => boxes[piece]);
  if (rows.length === 1) {
    return Math.max(...own.map(getHeight), MIN_ROW_HEIGHT * Math.max(...own.map(getWidth)));
  }
  return getHeight(joinBoxes(rows.flat().map((piece) => boxes[piece])));
}

/** The penalties of the borders within the clusters of a row, by the piece after the border. */
function weighBorders({ candidates }, weighDivision) {
  const penalties = new Map();
  for (const one of candidates.filter(({ isCluster }) => isCluster)) {
    for (let piece = one.start + 1; piece < one.end; piece++) {
      penalties.set(piece, weighDivision(one));
    }
  }
  return penalties;
}

/** The best path by dynamic programming: the sum of its scores, and the values of its spans. */
function findBest(spans) {
  const best = new Map([[0, { score: 0, path: [] }]]);
  for (const { start, end, score, value } of [...spans].sort((a, b) => a.end - b.end)) {
    const before = best.get(start);
    if (!before) continue;
    const total = before.score + score;
    if (!best.has(end) || total > best.get(end).score) {
      best.set(end, { score: total, path: [...before.path, value] });
    }
  }
  return best.get(Math.max(...best.keys()));
}
