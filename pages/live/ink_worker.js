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

const SLICE = 100; // milliseconds between two messages
const PLACES = [...Array(GRID * GRID).keys()];

/** @type {Networks} */
let networks;
let latest; // id of a job

/** @param {Job} job */
async function run({ id, strokes, kind }) {
  const engine = buildEngine(networks.judge, networks.detector);
  const changed = PLACES.map((place) => changeInk(strokes, kind, place));
  const frames = changed.filter(Boolean).map(({ frame }) => frame);
  const [before, ...after] = predictFrames([drawFrame(strokes), ...frames], networks.model);
  const outcomes = changed.map((one) => one && { probabilities: after.shift() });
  let next = 0; // when the page is told
  for (const place of rankPlaces(outcomes, before)) {
    if (performance.now() >= next) {
      postMessage({ id, before, outcomes });
      await new Promise((resolve) => setTimeout(resolve)); // there may be another job
      if (id !== latest) return;
      next = performance.now() + SLICE;
    }
    outcomes[place].isRead = isReadAsOne(changed[place], engine);
  }
  postMessage({ id, before, outcomes });
}

globalThis.onmessage = ({ data: { newNetworks, job } }) => {
  networks = newNetworks ?? networks;
  latest = job.id;
  run(job);
};
