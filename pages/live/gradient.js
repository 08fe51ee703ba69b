/**
 * Gradient: how the logit of a digit depends on each pixel, by backpropagation. This module does
 * not know the page.
 *
 * @typedef {import("./trace.js").Stage} Stage
 * @typedef {import("./network.js").Layer} Layer
 */

import { findHighest, listPool } from "./windows.js";

const BACK = {
  convolution: backConvolution,
  max_pooling(layer, _tensors, input, gradient, result) {
    gradient.forEach((own, cell) => {
      result[findHighest(listPool(layer, cell), input)] += own;
    });
  },
  average_pooling(layer, _tensors, _input, gradient, result) {
    gradient.forEach((own, cell) => {
      const places = listPool(layer, cell);
      for (const place of places) result[place] += own / places.length;
    });
  },
  scale({ weights, output }, tensors, _input, gradient, result) {
    const channels = output.at(-1);
    for (let i = 0; i < result.length; i++) result[i] = gradient[i] * tensors[weights][i % channels];
  },
  dense({ weights, output: [units] }, tensors, _input, gradient, result) {
    for (let i = 0; i < result.length; i++) result[i] = multiply(tensors[weights], i * units, gradient, 0, units);
  },
  products({ weights, output: [, , digits] }, tensors, _input, gradient, result) {
    for (let i = 0; i < result.length; i++) {
      result[i] = multiply(tensors[weights], i * digits, gradient, i * digits, digits);
    }
  },
  sums({ output: [digits] }, _tensors, _input, gradient, result) {
    for (let i = 0; i < result.length; i++) result[i] = gradient[i % digits];
  },
};
/** The derivative of an activation function, from what it gives. */
const DERIVE = {
  none: () => 1,
  relu: (value) => (value > 0 ? 1 : 0),
  logistic: (value) => value * (1 - value),
};

/**
 * What each pixel adds to the logit of a digit, to first order: its gradient times its value.
 *
 * The steps of logistic regression before its weights have no gradient: there, the pixels are those
 * of the frame that these steps give.
 *
 * @param {Stage[]} stages
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array[]} values of each stage
 * @param {number} digit
 * @returns {{place: number, shares: Float32Array}} the place of the stage whose pixels they are
 */
export function shareLogit(stages, tensors, values, digit) {
  let place = stages.length - 2; // of the logits
  let gradient = values[place].map((_, i) => Number(i === digit));
  for (; BACK[stages[place].layer?.kind]; place = stages[place].source) {
    const { layer, source } = stages[place];
    const derive = DERIVE[layer.activation];
    const output = values[place];
    const inner = gradient.map((own, i) => own && own * derive(output[i]));
    gradient = new Float32Array(values[source].length);
    BACK[layer.kind](layer, tensors, values[source], inner, gradient);
  }
  return { place, shares: gradient.map((own, i) => own * values[place][i]) };
}

function multiply(one, from, other, start, count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += one[from + i] * other[start + i];
  return sum;
}

function backConvolution(layer, tensors, _input, gradient, result) {
  const { input: [height, width, channels], output: [rows, columns, filters] } = layer;
  const { kernel: [kernelHeight, kernelWidth], padding: [above, before], stride } = layer;
  const weights = tensors[layer.weights];
  for (let row = 0, cell = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, cell += filters) {
      const own = gradient.subarray(cell, cell + filters);
      if (own.every((value) => value === 0)) continue;
      for (let y = 0; y < kernelHeight; y++) {
        const top = row * stride - above + y;
        if (top < 0 || top >= height) continue;
        for (let x = 0; x < kernelWidth; x++) {
          const left = column * stride - before + x;
          if (left < 0 || left >= width) continue;
          const place = (top * width + left) * channels;
          const from = (y * kernelWidth + x) * channels * filters;
          for (let channel = 0; channel < channels; channel++) {
            result[place + channel] += multiply(weights, from + channel * filters, own, 0, filters);
          }
        }
      }
    }
  }
}
