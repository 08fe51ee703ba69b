/**
 * The last layer: softmax regression on the activations before it, from the weights that it has, on
 * drawings of the visitor's own and on digits that the network is not to forget.
 *
 * Each step is one of gradient descent with momentum, on all examples. The loss is the mean
 * cross-entropy of the digits to rehearse, plus TAUGHT_SHARE times that of the drawings, plus a
 * penalty on the squared distance of the weights from those at the start. The mean of the
 * activations is subtracted from them, because what all digits have in common would otherwise
 * dominate the gradient. Learning rate and penalty are relative to the mean square of the
 * activations, so they suit every network.
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
    this._rehearsal = rehearsal;
    this._mean = findMean(rehearsal.activations, this._size);
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
   * Takes one step.
   * @param {Examples} taught drawings, at least one
   */
  step(taught) {
    const gradient = { weights: new Float64Array(this._weights.length), bias: new Float64Array(this._digits) };
    const scale = this._addGradient(gradient, this._rehearsal, 1) + this._addGradient(gradient, taught, TAUGHT_SHARE);
    this._mean.forEach((mean, i) => {
      for (let digit = 0; digit < this._digits; digit++) {
        gradient.weights[i * this._digits + digit] -= mean * gradient.bias[digit];
      }
    });
    this._move("weights", this._weights, gradient, scale);
    this._move("bias", this._bias, gradient, scale);
    this.steps++;
    this.network = this._build();
  }

  /** Adds the gradient of the cross-entropy; returns the mean square of the activations. */
  _addGradient(gradient, { activations, labels }, share) {
    const { _size: size, _digits: digits, _weights: weights, _mean: mean } = this;
    const offset = this._addMean(this._bias.slice(), -1);
    const weight = share / labels.length;
    let squares = 0;
    for (let i = 0; i < labels.length; i++) {
      const own = activations.subarray(i * size, (i + 1) * size);
      const logits = offset.slice();
      for (let input = 0; input < size; input++) {
        squares += (own[input] - mean[input]) ** 2;
        if (own[input] === 0) continue;
        for (let digit = 0; digit < digits; digit++) logits[digit] += own[input] * weights[input * digits + digit];
      }
      const errors = this._findErrors(logits, labels[i]).map((error) => weight * error);
      errors.forEach((error, digit) => { gradient.bias[digit] += error; });
      for (let input = 0; input < size; input++) {
        if (own[input] === 0) continue;
        for (let digit = 0; digit < digits; digit++) gradient.weights[input * digits + digit] += own[input] * errors[digit];
      }
    }
    return weight * (squares + labels.length);
  }

  /** The derivative of the cross-entropy of one example by its logits. */
  _findErrors(logits, label) {
    const highest = Math.max(...logits, this._rejects ? 0 : -Infinity);
    const powers = logits.map((logit) => Math.exp(logit - highest));
    const rest = this._rejects ? Math.exp(-highest) : 0;
    const sum = powers.reduce((a, b) => a + b, rest);
    // Of the probability of the label, this is the share that is not from "no digit".
    const certain = powers[label] / (powers[label] + rest / powers.length);
    return powers.map((power, digit) => power / sum - (digit === label ? certain : 0));
  }

  _move(part, values, gradient, scale) {
    const start = this._start[part], speed = this._speed[part];
    for (let i = 0; i < values.length; i++) {
      const slope = gradient[part][i] / scale + PENALTY * (values[i] - start[i]);
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
