/**
 * Networks: runs the layers of a file that core/inference/browser_file.py wrote.
 *
 * Every layer takes and gives a batch of images or vectors in one Float32Array, channels last.
 * This module knows neither models nor the page.
 *
 * @typedef {object} Layer
 * @property {string} kind convolution, max_pooling, average_pooling, scale, dense, normalise, mean
 * @property {number[]} input shape of one input
 * @property {number[]} output shape of one output
 * @property {string} activation none, relu, logistic, softmax or softmax_with_rejection
 * @property {string} [weights] the name of a tensor
 * @property {string} [bias] the name of a tensor
 * @property {number[]} [kernel] height and width of a convolution
 * @property {number[]} [padding] rows above and columns on the left, of zeros
 * @property {number} [stride]
 * @property {number} [size] of a pooling
 * @property {Layer[][]} [members] the networks of a mean, which is always the only layer
 * @property {{input: Float32Array, output: Float32Array}} [paper] what it computes, before its
 *   activation, for a frame without ink
 *
 * @typedef {object} Network
 * @property {Layer[]} layers
 * @property {Object<string, Float32Array>} tensors
 * @property {Network[]} members whose mean it is; without layers of its own
 * @property {string} key the same for networks that compute the same
 * @property {Object<string, number>} constants what the vote needs
 */

import { readArrays } from "./arrays.js";
import { normalise } from "./normalisation.js";
import { getItem, runConvolution, runDense } from "./products.js";

export const FRAME_PIXELS = 784;

/**
 * The network in the contents of a file.
 * @param {ArrayBuffer} file
 * @returns {Network}
 */
export function readNetwork(file) {
  const { arrays, metadata } = readArrays(file);
  return buildNetwork(JSON.parse(metadata.layers), arrays, JSON.parse(metadata.constants));
}

function buildNetwork(layers, tensors, constants) {
  const [{ members = [] }] = layers;
  const network = {
    layers,
    tensors,
    members: members.map((own) => buildNetwork(own, tensors, {})),
    key: JSON.stringify(layers),
    constants,
  };
  runNetwork(network, new Float32Array(FRAME_PIXELS)); // its layers keep what they compute
  return network;
}

/**
 * The outputs of a network for frames, 784 numbers in 0…1 each.
 * @param {Network} network
 * @param {Float32Array} frames
 * @returns {Float32Array} of all frames, one after the other
 */
export function runNetwork({ layers, tensors, members }, frames) {
  if (members.length) return average(members.map((member) => runNetwork(member, frames)));
  const count = frames.length / FRAME_PIXELS;
  return layers.reduce((input, layer) => runLayer(layer, tensors, input, count), frames);
}

/**
 * The mean of the outputs of several networks.
 * @param {Float32Array[]} outputs
 */
export function average(outputs) {
  return outputs[0].map((_, i) => outputs.reduce((sum, own) => sum + own[i], 0) / outputs.length);
}

/**
 * The outputs of a layer.
 * @param {Layer} layer
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array} input of a batch
 * @param {number} count how many inputs the batch has
 * @returns {Float32Array}
 */
export function runLayer(layer, tensors, input, count) {
  const output = new Float32Array(count * product(layer.output));
  RUN[layer.kind](layer, tensors, input, output, count);
  layer.paper ??= { input, output: output.slice() }; // a network runs on paper first
  activate(layer.activation, output, layer.output.at(-1));
  return output;
}

/**
 * Applies an activation function in place.
 * @param {string} activation
 * @param {Float32Array} values
 * @param {number} size of each vector to which a softmax is applied
 */
export function activate(activation, values, size) {
  ACTIVATE[activation](values, size);
}

const RUN = {
  convolution: runConvolution,
  dense: runDense,
  max_pooling: (layer, _tensors, input, output, count) => pool(layer, input, output, count, true),
  average_pooling: (layer, _tensors, input, output, count) => {
    pool(layer, input, output, count, false);
  },
  scale({ weights, bias, output: shape }, tensors, input, output) {
    const channels = shape.at(-1);
    for (let i = 0; i < input.length; i++) {
      output[i] = input[i] * tensors[weights][i % channels] + tensors[bias][i % channels];
    }
  },
  normalise(_layer, _tensors, input, output, count) {
    for (let i = 0; i < count; i++) output.set(normalise(getItem(input, i, count)), i * FRAME_PIXELS);
  },
};

const ACTIVATE = {
  none() {},
  relu(values) {
    for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
  },
  logistic(values) {
    for (let i = 0; i < values.length; i++) values[i] = 1 / (1 + Math.exp(-values[i]));
  },
  softmax: (values, size) => applySoftmax(values, size, -Infinity),
  // One more class, "no digit", has the logit 0, and all digits share its probability.
  softmax_with_rejection: (values, size) => applySoftmax(values, size, 0),
};

function applySoftmax(values, size, rejection) {
  for (let start = 0; start < values.length; start += size) {
    const logits = values.subarray(start, start + size);
    const highest = Math.max(rejection, ...logits);
    const rest = Math.exp(rejection - highest);
    const powers = Array.from(logits, (logit) => Math.exp(logit - highest));
    const sum = powers.reduce((a, b) => a + b, rest);
    for (let i = 0; i < size; i++) logits[i] = (powers[i] + rest / size) / sum;
  }
}

function pool({ input: [height, width, channels], output: [rows, columns], stride, size }, input, output, count, takesMaximum) {
  for (let i = 0, at = 0; i < count; i++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++, at++) {
          let sum = 0, maximum = -Infinity;
          for (let y = 0; y < size; y++) {
            const from = ((i * height + row * stride + y) * width + column * stride) * channels + channel;
            for (let x = 0; x < size; x++) {
              const value = input[from + x * channels];
              sum += value;
              if (value > maximum) maximum = value;
            }
          }
          output[at] = takesMaximum ? maximum : sum / (size * size);
        }
      }
    }
  }
}

function product(shape) {
  return shape.reduce((a, b) => a * b, 1);
}
