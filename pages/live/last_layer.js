/**
 * The last layer: softmax regression on the activations before it, from the weights that it has, on
 * drawings of the visitor's own and on digits that the network is not to forget.
 *
 * Each step is one of gradient descent with momentum, on all examples. The loss is the mean
 * cross-entropy of the digits to rehearse, plus TAUGHT_SHARE times that of the drawings, plus a
 * penalty on the squared distance of the weights from those at the start. The mean of the
 * activations is subtracted from them, because what all digits have in common would otherwise
 * dominate the gradient. Learning rate and penalty are relative to the mean square of the
 * activations, so they suit every network. They were chosen with LeNet-5 on habits of writing zeros
 * that it misread, and on those of MNIST's validation images that no page shows.
 *
 * This module does not know the page.
 *
 * @typedef {import("./network.js").Network} Network
 *
 * @typedef {object} Examples
 * @property {Float32Array} activations of all examples, one after the other
 * @property {ArrayLike<number>} labels
 */

import { FRAME_PIXELS, runLayer } from "./network.js";

export const STEPS = 60;
const TAUGHT_SHARE = 0.5;
const LEARNING_RATE = 1.5;
const MOMENTUM = 0.9;
const PENALTY = 0.005;
const SOFTMAX = new Set(["softmax", "softmax_with_rejection"]);
const WEIGHTS = "taught weights", BIAS = "taught bias";

/**
 * Whether a network ends in a dense layer with softmax.
 * @param {Network} network
 */
export function canLearn({ layers }) {
  const { kind, activation } = layers.at(-1);
  return kind === "dense" && SOFTMAX.has(activation);
}

/**
 * The activations before the last layer.
 * @param {Network} network
 * @param {Float32Array} frames
 * @returns {Float32Array}
 */
export function computeActivations({ layers, tensors }, frames) {
  const count = frames.length / FRAME_PIXELS;
  return layers.slice(0, -1).reduce((input, layer) => runLayer(layer, tensors, input, count), frames);
}

/**
 * What the last layer gives for activations.
 * @param {Network} network
 * @param {Float32Array} activations
 * @returns {Float32Array} 10 probabilities of each
 */
export function classify({ layers, tensors }, activations) {
  const layer = layers.at(-1);
  return runLayer(layer, tensors, activations, activations.length / layer.input[0]);
}

/** Examples in the form in which each step goes through them: without activations that are 0. */
class Inputs {
  /**
   * @param {Examples} examples
   * @param {Float64Array} mean of the activations of all digits, subtracted in the square
   */
  constructor({ activations, labels }, mean) {
    this.labels = labels;
    this.starts = new Int32Array(labels.length + 1); // of the values of each example
    this.values = new Float64Array(activations.length);
    this.places = new Int32Array(activations.length);
    let count = 0, squares = 0;
    activations.forEach((value, i) => {
      const place = i % mean.length;
      squares += (value - mean[place]) ** 2;
      if (value !== 0) {
        this.values[count] = value;
        this.places[count++] = place;
      }
      if (place === mean.length - 1) this.starts[(i + 1) / mean.length] = count;
    });
    // The mean square of an example, whose bias is 1.
    this.square = squares / labels.length + 1;
  }
}

/** A network whose last layer learns. */
export class Lesson {
  /**
   * @param {Network} network
   * @param {Examples} rehearsal digits that it is not to forget
   */
  constructor(network, rehearsal) {
    const layer = network.layers.at(-1);
    [this._size] = layer.input;
    [this._digits] = layer.output;
    this._rejects = layer.activation === "softmax_with_rejection";
    this._mean = findMean(rehearsal.activations, this._size);
    this._rehearsal = new Inputs(rehearsal, this._mean);
    this._first = network;
    this.restart();
  }

  /** Goes back to the weights at the start. */
  restart() {
    const { weights, bias } = this._first.layers.at(-1);
    this.steps = 0;
    this.network = this._first;
    this._weights = Float64Array.from(this._first.tensors[weights]);
    // The bias for activations whose mean is subtracted.
    this._bias = this._addMean(Float64Array.from(this._first.tensors[bias]), 1);
    this._start = { weights: this._weights.slice(), bias: this._bias.slice() };
    this._speed = { weights: new Float64Array(this._weights.length), bias: new Float64Array(this._digits) };
  }

  /**
   * Takes steps.
   * @param {Examples} taught drawings, at least one
   * @param {number} count of steps
   */
  learn(taught, count) {
    const inputs = new Inputs(taught, this._mean);
    for (let i = 0; i < count; i++) this._takeStep(inputs);
    this.steps += count;
    this.network = this._build();
  }

  _takeStep(taught) {
    const { _size: size, _digits: digits, _mean: mean } = this;
    const gradient = { weights: new Float64Array(size * digits), bias: new Float64Array(digits) };
    this._addGradient(gradient, this._rehearsal, 1);
    this._addGradient(gradient, taught, TAUGHT_SHARE);
    for (let i = 0; i < size; i++) {
      for (let digit = 0; digit < digits; digit++) gradient.weights[i * digits + digit] -= mean[i] * gradient.bias[digit];
    }
    const scale = this._rehearsal.square + TAUGHT_SHARE * taught.square;
    this._move("weights", this._weights, gradient, scale);
    this._move("bias", this._bias, gradient, scale);
  }

  /** Adds the gradient of the mean cross-entropy of examples, times a factor. */
  _addGradient(gradient, { labels, starts, values, places }, factor) {
    const { _digits: digits, _weights: weights } = this;
    const offset = this._addMean(this._bias.slice(), -1);
    const errors = new Float64Array(digits); // first the logits
    for (let i = 0; i < labels.length; i++) {
      errors.set(offset);
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        const value = values[at], from = places[at] * digits;
        for (let digit = 0; digit < digits; digit++) errors[digit] += value * weights[from + digit];
      }
      this._findErrors(errors, labels[i], factor / labels.length);
      for (let digit = 0; digit < digits; digit++) gradient.bias[digit] += errors[digit];
      for (let at = starts[i]; at < starts[i + 1]; at++) {
        const value = values[at], from = places[at] * digits;
        for (let digit = 0; digit < digits; digit++) gradient.weights[from + digit] += value * errors[digit];
      }
    }
  }

  /** Turns the logits of an example into the derivative of its cross-entropy, times a factor. */
  _findErrors(logits, label, factor) {
    let highest = this._rejects ? 0 : -Infinity;
    for (const logit of logits) if (logit > highest) highest = logit;
    const rest = this._rejects ? Math.exp(-highest) : 0;
    let sum = rest;
    for (let digit = 0; digit < logits.length; digit++) {
      logits[digit] = Math.exp(logits[digit] - highest);
      sum += logits[digit];
    }
    // Of the probability of the label, the share that is not from "no digit".
    const certain = logits[label] / (logits[label] + rest / logits.length);
    for (let digit = 0; digit < logits.length; digit++) {
      logits[digit] = factor * (logits[digit] / sum - (digit === label ? certain : 0));
    }
  }

  _move(part, values, gradient, scale) {
    const start = this._start[part], speed = this._speed[part], slopes = gradient[part];
    for (let i = 0; i < values.length; i++) {
      const slope = slopes[i] / scale + PENALTY * (values[i] - start[i]);
      speed[i] = MOMENTUM * speed[i] - LEARNING_RATE * slope;
      values[i] += speed[i];
    }
  }

  /** Adds to a bias what the mean of the activations contributes, or subtracts it. */
  _addMean(bias, sign) {
    for (let i = 0; i < this._size; i++) {
      for (let digit = 0; digit < this._digits; digit++) {
        bias[digit] += sign * this._mean[i] * this._weights[i * this._digits + digit];
      }
    }
    return bias;
  }

  _build() {
    const { layers, tensors } = this._first;
    const layer = { ...layers.at(-1), weights: WEIGHTS, bias: BIAS, paper: undefined };
    const bias = Float32Array.from(this._addMean(this._bias.slice(), -1));
    return {
      ...this._first,
      layers: [...layers.slice(0, -1), layer],
      tensors: { ...tensors, [WEIGHTS]: Float32Array.from(this._weights), [BIAS]: bias },
    };
  }
}

function findMean(values, size) {
  const mean = new Float64Array(size);
  values.forEach((value, i) => { mean[i % size] += value; });
  return mean.map((sum) => (sum * size) / values.length);
}
