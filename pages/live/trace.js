/**
 * Trace: the stages of a network, from the frame to its probabilities, and their values for a frame.
 *
 * A softmax is a stage of its own, after that of the logits. Where the logits are weighted sums of
 * pixels, as in logistic regression, the weights of each digit and their products with the pixels
 * are stages too. This module does not know the page.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./network.js").Layer} Layer
 *
 * @typedef {object} Stage
 * @property {string} title
 * @property {string} name the same, in full
 * @property {boolean} ofDigits whether each map or unit belongs to a digit
 * @property {number[]} shape height, width and number of maps; a unit is a map of one cell
 * @property {Layer | null} layer what computes it, of a kind below or in network.js; null for the
 *   frame
 * @property {number} source the place of the stage from which it is computed; -1 if from none
 */

import { activate, runLayer } from "./network.js";

const DIGITS = 10, FRAME = [28, 28];
const TITLES = {
  normalise: ["Upright", "Frame with even strokes, upright"],
  convolution: ["Conv", "Convolution"],
  max_pooling: ["Pool", "Max pooling"],
  average_pooling: ["Pool", "Average pooling"],
  scale: ["Norm", "Batch normalisation"],
  dense: ["Dense", "Dense layer"],
  templates: ["Weights", "Weights of each digit"],
  products: ["Products", "Weights × frame"],
  logits: ["Logits", "Logits"],
  softmax: ["Output", "Output"],
};
const OF_DIGITS = ["templates", "products", "logits", "softmax"];
const RUN = {
  templates: ({ weights }, tensors) => tensors[weights],
  products: ({ weights }, tensors, input) =>
    tensors[weights].map((weight, i) => weight * input[Math.floor(i / DIGITS)]),
  sums({ bias }, tensors, input) {
    const sums = tensors[bias].slice();
    for (let i = 0; i < input.length; i++) sums[i % DIGITS] += input[i];
    return sums;
  },
  softmax({ activation }, _tensors, input) {
    const output = input.slice();
    activate(activation, output, output.length);
    return output;
  },
};

/**
 * The stages of a network that is no mean of others.
 * @param {Network} network
 * @returns {Stage[]}
 */
export function listStages({ layers }) {
  const stages = [{ title: "Frame", name: "Frame", shape: toMaps(FRAME), layer: null, source: -1 }];
  const separated = layers.flatMap((layer, i) => separate(layer, layers[i - 1]?.output ?? FRAME));
  for (const layer of separated) {
    const source = stages.findLastIndex((stage) => stage.layer?.kind !== "templates");
    stages.push({ layer, shape: toMaps(layer.output), source: layer.kind === "templates" ? -1 : source });
  }
  return nameStages(stages);
}

/**
 * The values of each stage for a frame.
 * @param {Stage[]} stages
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array} frame 784 numbers in 0…1
 * @returns {Float32Array[]} channels last
 */
export function traceFrame(stages, tensors, frame) {
  const values = [];
  for (const { layer, source } of stages) {
    values.push(layer ? runStage(layer, tensors, values[source]) : frame);
  }
  return values;
}

/**
 * The values of one stage.
 * @param {Layer} layer
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array} input
 */
export function runStage(layer, tensors, input) {
  const run = RUN[layer.kind];
  return run ? run(layer, tensors, input) : runLayer(layer, tensors, input, 1);
}

function separate(layer, shape) {
  if (!layer.activation.startsWith("softmax")) return [layer];
  const { output, activation } = layer;
  const softmax = { kind: "softmax", input: output, output, activation };
  const logits = { ...layer, activation: "none" };
  return [...(weighsPixels(layer, shape) ? separateProducts(logits) : [logits]), softmax];
}

/** Whether each digit has a weight for each pixel of one image. */
function weighsPixels({ kind, output: [units] }, shape) {
  return kind === "dense" && units === DIGITS && String(toMaps(shape)) === String(toMaps(FRAME));
}

function separateProducts({ weights, bias }) {
  const maps = [...FRAME, DIGITS];
  return [
    { kind: "templates", input: [], output: maps, weights, activation: "none" },
    { kind: "products", input: FRAME, output: maps, weights, activation: "none" },
    { kind: "sums", input: maps, output: [DIGITS], bias, activation: "none" },
  ];
}

/** Units are maps of one cell. */
function toMaps(shape) {
  return shape.length === 1 ? [1, 1, ...shape] : [...shape, 1].slice(0, 3);
}

/** Numbers the layers of one kind, where there are several. */
function nameStages(stages) {
  const keys = stages.map(({ layer }, place) =>
    stages[place + 1]?.layer?.kind === "softmax" ? "logits" : layer?.kind);
  const titles = keys.map((key) => TITLES[key]?.[0]);
  return stages.map((stage, place) => {
    if (!stage.layer) return stage;
    const [title, name] = TITLES[keys[place]];
    const isOne = titles.filter((other) => other === title).length === 1;
    const number = isOne ? "" : ` ${titles.slice(0, place + 1).filter((other) => other === title).length}`;
    return { ...stage, title: title + number, name: name + number, ofDigits: OF_DIGITS.includes(keys[place]) };
  });
}
