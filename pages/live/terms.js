/**
 * Terms: how one cell of a network is computed from the cells before it. This module does not know
 * the page.
 *
 * @typedef {import("./trace.js").Stage} Stage
 * @typedef {import("./network.js").Layer} Layer
 *
 * @typedef {object} Term
 * @property {number} input its place among the values of the stage before
 * @property {number} value of the input
 * @property {number} weight NaN in a softmax, which has none
 * @property {number} product what is added: of value and weight; in a softmax, the power of e
 *
 * @typedef {object} Sum
 * @property {Term[]} terms
 * @property {number} bias in a softmax, the power of "no digit"
 * @property {number} total of the terms and the bias
 * @property {string} activation
 * @property {number} result the value of the cell
 */

import { activate } from "./network.js";
import { findHighest, listPool, listWindow } from "./windows.js";

const LIST = {
  convolution: listConvolution,
  max_pooling(layer, _tensors, input, cell) {
    const places = listPool(layer, cell);
    const highest = findHighest(places, input);
    return places.map((place) => weigh(input, place, Number(place === highest)));
  },
  average_pooling(layer, _tensors, input, cell) {
    const places = listPool(layer, cell);
    return places.map((place) => weigh(input, place, 1 / places.length));
  },
  scale: ({ weights, output }, tensors, input, cell) =>
    [weigh(input, cell, tensors[weights][cell % output.at(-1)])],
  dense: ({ weights, output: [units] }, tensors, input, unit) =>
    Array.from(input, (_, i) => weigh(input, i, tensors[weights][i * units + unit])),
  products: ({ weights, output: [, , digits] }, tensors, input, cell) =>
    [weigh(input, Math.floor(cell / digits), tensors[weights][cell])],
  sums({ output: [digits] }, _tensors, input, digit) {
    return Array.from({ length: input.length / digits }, (_, i) => weigh(input, i * digits + digit, 1));
  },
};

/**
 * How a cell is computed.
 * @param {Layer | null} layer of its stage
 * @param {Object<string, Float32Array>} tensors
 * @param {Float32Array | undefined} input the values of the stage before
 * @param {number} cell its place among the values of its stage
 * @returns {Sum | null} null where it is no sum
 */
export function sumCell(layer, tensors, input, cell) {
  if (layer?.kind === "softmax") return sumPowers(layer, input, cell);
  if (!LIST[layer?.kind]) return null;
  const terms = LIST[layer.kind](layer, tensors, input, cell);
  const biases = tensors[layer.bias] ?? [0];
  const bias = biases[cell % biases.length];
  const total = addProducts(terms) + bias;
  const result = Float32Array.of(total);
  activate(layer.activation, result, 1);
  return { terms, bias, total, activation: layer.activation, result: result[0] };
}

/**
 * The sum of the products of terms.
 * @param {Term[]} terms
 */
export function addProducts(terms) {
  return terms.reduce((sum, { product }) => sum + product, 0);
}

function weigh(input, place, weight) {
  return { input: place, value: input[place], weight, product: input[place] * weight };
}

function listConvolution(layer, tensors, input, cell) {
  const { input: [, , channels], output: [, , filters], kernel, weights } = layer;
  const filter = cell % filters;
  return listWindow(layer, cell, kernel).flatMap(({ y, x, position }) =>
    Array.from({ length: channels }, (_, channel) => {
      const place = (y * kernel[1] + x) * channels + channel;
      return weigh(input, position * channels + channel, tensors[weights][place * filters + filter]);
    }));
}

/** A probability: its power of e, and its share of that of "no digit", over the sum of all. */
function sumPowers({ activation }, logits, digit) {
  const rejects = activation === "softmax_with_rejection";
  const highest = Math.max(rejects ? 0 : -Infinity, ...logits);
  const terms = Array.from(logits, (value, input) => (
    { input, value, weight: NaN, product: Math.exp(value - highest) }));
  const bias = rejects ? Math.exp(-highest) : 0;
  const total = addProducts(terms) + bias;
  const result = (terms[digit].product + bias / terms.length) / total;
  return { terms, bias, total, activation, result };
}
