/**
 * Segmentation of pen strokes: the twin of core/digits/stroke_segmentation.py, which explains the
 * limits.
 *
 * @typedef {import("./geometry.js").Stroke} Stroke
 */

import { buildGraph } from "./candidates.js";
import { drawFrame } from "./frame.js";
import {
  findBox,
  getHeight,
  getLongerSide,
  getWidth,
  measureTravel,
  measureVector,
  roundToEven,
} from "./geometry.js";

const MAX_SPECK_SIZE = 0.1;
const MIN_CUT_WIDTH = 1.1;
const MIN_PART_WIDTH = 0.1;
const MAX_CUTS = 3;
const COLUMNS = 48;
const SAMPLES = 32;
const MIN_BEYOND = 0.15;

/**
 * Proposes digits in strokes that are a drawing.
 * @param {Stroke[]} strokes
 * @returns {import("./candidates.js").CandidateRow[]}
 */
export function segmentStrokes(strokes) {
  const kept = findStrokes(strokes);
  const tallest = Math.max(...kept.map((stroke) => getHeight(findBox([strokes[stroke]]))));
  const parts = kept.map((stroke) => cutStroke(strokes[stroke], tallest));
  return buildGraph(describePieces(strokes, kept, parts));
}

/**
 * The places of the strokes that are neither empty nor specks.
 * @param {Stroke[]} strokes
 */
export function findStrokes(strokes) {
  const sizes = strokes.map((stroke) => (stroke.length ? getLongerSide(findBox([stroke])) : -1));
  const smallest = MAX_SPECK_SIZE * Math.max(...sizes);
  return [...strokes.keys()].filter((stroke) => sizes[stroke] >= smallest);
}

/** @returns {import("./candidates.js").Pieces} */
function describePieces(strokes, kept, parts) {
  const pieces = kept.flatMap((stroke, whole) =>
    parts[whole].map((points, place) => ({ stroke, whole, place, points })),
  );
  const samples = pieces.map(({ points }) => samplePoints(points));
  const tips = samples.map((points) => [points[0], points.at(-1)]);
  return {
    boxes: pieces.map(({ points }) => findBox([points])),
    wholes: kept.map((_, whole) => [...pieces.keys()].filter((i) => pieces[i].whole === whole)),
    measureDistance: remember(pieces.length, (a, b) => findDistance(samples[a], samples[b])),
    measureTips: (a, b) => findDistance(tips[a], tips[b]),
    cross: remember(pieces.length, (a, b) => doCross(samples[a], samples[b])),
    join: (members) => joinPieces(strokes, parts, members.map((piece) => pieces[piece])),
  };
}

/** A function of two pieces, in any order, that is computed once for each two. */
function remember(count, measure) {
  const known = new Map();
  return (a, b) => {
    const key = Math.min(a, b) * count + Math.max(a, b);
    if (!known.has(key)) known.set(key, measure(Math.min(a, b), Math.max(a, b)));
    return known.get(key);
  };
}

/** The digit that pieces are; a stroke is as it was written where all of its parts are there. */
function joinPieces(strokes, parts, members) {
  const inOrder = [...members].sort((a, b) => a.stroke - b.stroke || a.place - b.place);
  const own = [...new Set(inOrder.map(({ stroke }) => stroke))];
  const lines = own.flatMap((stroke) => {
    const present = inOrder.filter((piece) => piece.stroke === stroke);
    const isWhole = present.length === parts[present[0].whole].length;
    return isWhole ? [strokes[stroke]] : present.map(({ points }) => points);
  });
  return { box: findBox(lines), frame: drawFrame(lines), strokes: own };
}

/** Cuts a wide stroke where a vertical line meets it only once. */
function cutStroke(stroke, tallest) {
  const box = findBox([stroke]);
  const width = getWidth(box), height = getHeight(box);
  if (width < MIN_CUT_WIDTH * tallest || height < tallest / 2) return [stroke];
  const dense = fillStroke(stroke, width / COLUMNS);
  const cuts = findCuts(dense, box, MIN_PART_WIDTH * Math.min(1, height / width));
  const edges = [0, ...cuts, dense.length - 1];
  return edges.slice(1).map((end, i) => dense.slice(edges[i], end + 1));
}

/** Points of a stroke at most this far apart, all of its own among them. */
function fillStroke(stroke, spacing) {
  const filled = [stroke[0]];
  for (let i = 1; i < stroke.length; i++) {
    const [x, y] = stroke[i], [fromX, fromY] = stroke[i - 1];
    const steps = Math.max(1, Math.ceil(measureVector(x - fromX, y - fromY) / spacing));
    for (let step = 1; step < steps; step++) {
      filled.push(interpolate(stroke[i - 1], stroke[i], step, steps));
    }
    filled.push(stroke[i]);
  }
  return filled;
}

/** The point of a segment at a distance from its start, as NumPy computes it. */
function interpolate([x, y], [toX, toY], distance, length) {
  return [((toX - x) / length) * distance + x, ((toY - y) / length) * distance + y];
}

/** Points at which to cut a stroke, in the order of writing. */
function findCuts(points, box, margin) {
  const [left] = box;
  const columns = points.map(([x]) => Math.trunc((x - left) * (COLUMNS / getWidth(box))));
  const segments = columns.slice(1).map((to, i) => [Math.min(columns[i], to), Math.max(columns[i], to)]);
  const edge = Math.max(1, roundToEven(margin * COLUMNS));
  const runs = [];
  for (let border = edge; border <= COLUMNS - edge; border++) {
    if (segments.filter((segment) => isCrossed(segment, border)).length !== 1) continue;
    const last = runs.at(-1);
    if (last?.end === border) last.end++;
    else runs.push({ start: border, end: border + 1 });
  }
  const longest = runs.sort((a, b) => a.start - a.end - (b.start - b.end)).slice(0, MAX_CUTS);
  const cuts = longest.map(({ start, end }) => {
    const border = Math.floor((start + end - 1) / 2);
    return segments.findIndex((segment) => isCrossed(segment, border)) + 1;
  });
  return [...new Set(cuts)].filter((cut) => cut !== points.length - 1).sort((a, b) => a - b);
}

function isCrossed([lower, upper], border) {
  return lower < border && border <= upper;
}

/** Points of a stroke at equal distances. */
function samplePoints(stroke) {
  const travelled = measureTravel(stroke);
  const step = travelled.at(-1) / (SAMPLES - 1);
  let i = 0;
  return Array.from({ length: SAMPLES }, (_, sample) => {
    if (sample === SAMPLES - 1) return stroke.at(-1);
    const place = step * sample;
    while (i < stroke.length - 1 && travelled[i + 1] <= place) i++;
    if (i === stroke.length - 1) return stroke[i];
    const length = travelled[i + 1] - travelled[i];
    return interpolate(stroke[i], stroke[i + 1], place - travelled[i], length);
  });
}

function findDistance(first, second) {
  let least = Infinity;
  for (const [x, y] of first) {
    for (const [toX, toY] of second) {
      const square = (x - toX) ** 2 + (y - toY) ** 2;
      if (square < least) least = square;
    }
  }
  return Math.sqrt(least);
}

/**
 * Whether two strokes cross as in a plus sign: away from their ends, and the middle of one lies
 * left and right within the other.
 */
function doCross(first, second) {
  if (!holdsMiddle(first, second) && !holdsMiddle(second, first)) return false;
  const ends = Math.round(MIN_BEYOND * SAMPLES);
  const a = first.slice(ends, -ends), b = second.slice(ends, -ends);
  for (let i = 1; i < a.length; i++) {
    for (let j = 1; j < b.length; j++) {
      const [p, q, r, s] = [a[i - 1], a[i], b[j - 1], b[j]];
      if (divides(p, q, r, s) && divides(r, s, p, q)) return true;
    }
  }
  return false;
}

function holdsMiddle(line, other) {
  const [left, , right] = findBox([line]), [from, , to] = findBox([other]);
  return left <= (from + to) / 2 && (from + to) / 2 <= right;
}

/** Whether two points lie on both sides of the line through a segment. */
function divides([x, y], [toX, toY], first, second) {
  const findSide = (point) => Math.sign((toX - x) * (point[1] - y) - (toY - y) * (point[0] - x));
  return findSide(first) * findSide(second) < 0;
}
