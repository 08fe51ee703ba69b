/**
 * The worker of the ink map: computes beside the page. First it tells what the model predicts for
 * a change at every place, and then, from the change that counts most, whether it is read as the
 * digit.
 *
 * @typedef {object} Networks
 * @property {import("./network.js").Network[]} judge
 * @property {import("./network.js").Network} [detector]
 * @property {import("./network.js").Network} model
 *
 * @typedef {object} Job
 * @property {number} id
 * @property {import("./geometry.js").Stroke[]} strokes
 * @property {import("./ink_map.js").Kind} kind
 *
 * @typedef {object} Progress
 * @property {number} id of the job
 * @property {Float32Array} before the probabilities without a change
 * @property {(import("./ink_map.js").Outcome | null)[]} outcomes by place
 */

import { drawFrame } from "./frame.js";
import { changeInk, GRID, isReadAsOne, rankPlaces } from "./ink_map.js";
import { buildEngine } from "./number.js";
import { predictFrames } from "./predictions.js";

const SLICE = 100; // milliseconds between two pauses
const PLACES = [...Array(GRID * GRID).keys()];

/** @type {Networks} */
let networks;
let latest; // id of a job
let pauseTime = 0;

/** @param {Job} job */
async function run({ id, strokes, kind }) {
  const { judge, detector, model } = networks;
  const engine = buildEngine(judge, detector);
  const [before] = predictFrames([drawFrame(strokes)], model);
  const changed = [], outcomes = [];
  for (const place of PLACES) {
    if (await isOutdated(id)) return;
    changed[place] = changeInk(strokes, kind, place);
    outcomes[place] = changed[place] && { probabilities: predictFrames([changed[place].frame], model)[0] };
  }
  postMessage({ id, before, outcomes });
  for (const place of rankPlaces(outcomes, before)) {
    if (await isOutdated(id, () => postMessage({ id, before, outcomes }))) return;
    outcomes[place].isRead = isReadAsOne(changed[place], engine);
  }
  postMessage({ id, before, outcomes });
}

/** Whether another job has come: pauses now and then, to take it. */
async function isOutdated(id, onPause = () => {}) {
  if (performance.now() < pauseTime) return false;
  onPause();
  await new Promise((resolve) => setTimeout(resolve));
  pauseTime = performance.now() + SLICE;
  return id !== latest;
}

globalThis.onmessage = ({ data: { newNetworks, job } }) => {
  networks = newNetworks ?? networks;
  latest = job.id;
  run(job);
};
