/**
 * Numbers: what models predict for the digits in strokes. The twin of core/inference/number.py,
 * judge.py, detector.py and vote.py for strokes. This module does not know the page.
 *
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {object} Engine what it takes to read
 * @property {Network[]} judge the built-in models that score frames
 * @property {Network} [detector] without it, every frame counts as a digit
 * @property {OutputMemory} memory
 *
 * @typedef {object} DigitPrediction
 * @property {import("./geometry.js").Box} box
 * @property {Float32Array} frame
 * @property {number[]} strokes
 * @property {Float32Array[]} probabilities ten of each model
 * @property {boolean[]} notSure of each model
 * @property {number} digit the most likely one
 * @property {number} confidence its mean probability
 * @property {string} character the digit, or "?"
 * @property {boolean} looksLikeDigit what the detector takes the frame for
 * @property {string} question what it may be instead of one digit; empty where it is one
 *
 * @typedef {object} NumberPrediction
 * @property {string} text rows apart by a newline
 * @property {DigitPrediction[][]} rows
 */

import { choosePath, listCandidates } from "./candidates.js";
import { isDrawing } from "./frame.js";
import { OutputMemory } from "./memory.js";
import { segmentStrokes } from "./segmentation.js";

const MIN_PROBABILITY = 1e-6;
const NO_DIGIT = "?";
const MAYBE_NO_DIGIT = "No digit?", MAYBE_TWO_DIGITS = "Two digits?";

/**
 * An engine with nothing in its memory.
 * @param {Network[]} judge
 * @param {Network} [detector]
 * @returns {Engine}
 */
export function buildEngine(judge, detector) {
  return { judge, detector, memory: new OutputMemory() };
}

/**
 * Finds the digits in strokes.
 * @param {import("./geometry.js").Stroke[]} strokes
 * @param {Engine} engine
 * @returns {import("./candidates.js").FoundDigit[][]} rows of digits; none without enough ink
 */
export function findDigits(strokes, engine) {
  if (!isDrawing(strokes)) return [];
  const graph = segmentStrokes(strokes);
  const candidates = listCandidates(graph);
  const scores = scoreFrames(candidates.map(({ digit }) => digit.frame), engine);
  const scoreOf = new Map(candidates.map((candidate, i) => [candidate, scores[i]]));
  return choosePath(
    graph,
    (candidate) => scoreOf.get(candidate),
    (candidate) => weighDivision(candidate.digit.frame, engine),
  );
}

/**
 * Predicts the number in strokes.
 * @param {import("./geometry.js").Stroke[]} strokes
 * @param {Network[]} models one or several
 * @param {Engine} engine
 * @returns {NumberPrediction | null} null where there is too little ink
 */
export function readNumber(strokes, models, engine) {
  const found = findDigits(strokes, engine);
  if (!found.length) return null;
  const frames = found.flat().map(({ frame }) => frame);
  const outputs = models.map((model) => engine.memory.run(model, frames));
  let i = 0;
  const rows = found.map((row) =>
    row.map((digit) => {
      const probabilities = outputs.map((own) => own[i]);
      const detection = detect(frames[i++], engine);
      return { ...digit, probabilities, ...vote(probabilities, models, detection) };
    }),
  );
  const text = rows.map((row) => row.map(({ character }) => character).join("")).join("\n");
  return { text, rows };
}

/** The logarithm of the confidence in the most probable digit: the judges' geometric mean. */
function scoreFrames(frames, { judge, memory }) {
  const outputs = judge.map((network) => memory.run(network, frames));
  return frames.map((_, i) => {
    const logs = outputs.map((own) => takeLogarithms(own[i]));
    const mean = (digit) => logs.reduce((sum, own) => sum + own[digit], 0) / logs.length;
    return Math.max(...logs[0].map((_log, digit) => mean(digit)));
  });
}

function takeLogarithms(probabilities) {
  return Array.from(probabilities, (value) => Math.log(Math.max(value, MIN_PROBABILITY)));
}

/** The log-odds of no digit against several digits; 0 where several are likelier. */
function weighDivision(frame, { detector, memory }) {
  if (!detector) return 0;
  const [, several, none] = takeLogarithms(memory.run(detector, [frame])[0]);
  return Math.max(none - several, 0);
}

function detect(frame, { detector, memory }) {
  if (!detector) return { isDigit: true, mayBeSeveral: false };
  const [digit, several, none] = memory.run(detector, [frame])[0];
  return { isDigit: digit >= detector.constants.threshold, mayBeSeveral: several > none };
}

/**
 * The digit with the largest weighted mean of the models' probabilities, if it is one.
 * @param {Float32Array[]} probabilities ten of each model
 * @param {Network[]} models
 * @param {{isDigit: boolean, mayBeSeveral: boolean}} detection what the detector takes the frame for
 */
export function vote(probabilities, models, { isDigit, mayBeSeveral }) {
  const weights = models.map(({ constants }) => constants.vote_weight);
  const sum = weights.reduce((a, b) => a + b);
  const weigh = (values) => values.reduce((total, value, i) => total + (value * weights[i]) / sum, 0);
  const mean = Array.from(probabilities[0], (_, digit) => weigh(probabilities.map((own) => own[digit])));
  const confidence = Math.max(...mean);
  const digit = mean.indexOf(confidence);
  const accepted = isDigit && confidence >= weigh(models.map((one) => one.constants.not_sure_below));
  return {
    digit,
    confidence: Math.min(confidence, 1),
    character: accepted ? String(digit) : NO_DIGIT,
    looksLikeDigit: isDigit,
    question: accepted ? "" : mayBeSeveral ? MAYBE_TWO_DIGITS : MAYBE_NO_DIGIT,
    notSure: models.map(({ constants }, i) => Math.max(...probabilities[i]) < constants.not_sure_below),
  };
}
