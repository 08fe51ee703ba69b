/**
 * Preparation: the activations of many digits, computed a few milliseconds at a time, so that the
 * pen keeps its pace. Each network is prepared once for as long as the window is open.
 *
 * @typedef {import("./network.js").Network} Network
 * @typedef {import("./last_layer.js").Examples} Examples
 */

import { computeActivations, Lesson } from "./last_layer.js";
import { FRAME_PIXELS } from "./network.js";

const SLICE = 12; // milliseconds of computing at a time
const PART = 4; // digits

/** What is known of one network: its digits, and the lesson once these are there. */
export class Preparation {
  /** @type {Lesson | null} */
  lesson = null;
  /** @type {import("./taught.js").Drawing[] | null} those that the lesson has learned */
  learned = null;
  /** @type {Examples | null} */
  heldOut = null;
  done = 0; // digits
  #work;

  /**
   * @param {Network} network
   * @param {import("./samples.js").Samples} samples
   */
  constructor(network, samples) {
    this.total = samples.rehearsal.labels.length + samples.heldOut.labels.length;
    this.#work = this.#prepare(network, samples);
  }

  /** Computes for a few milliseconds; returns whether all is done. */
  proceed() {
    const end = performance.now() + SLICE;
    while (!this.lesson && performance.now() < end) this.#work.next();
    return Boolean(this.lesson);
  }

  *#prepare(network, { rehearsal, heldOut }) {
    const known = yield* this.#compute(network, rehearsal);
    this.heldOut = yield* this.#compute(network, heldOut);
    this.lesson = new Lesson(network, known);
  }

  *#compute(network, { frames, labels }) {
    const size = network.layers.at(-1).input[0];
    const activations = new Float32Array(labels.length * size);
    for (let start = 0; start < labels.length; start += PART) {
      const part = frames.subarray(start * FRAME_PIXELS, (start + PART) * FRAME_PIXELS);
      activations.set(computeActivations(network, part), start * size);
      this.done = Math.min(this.done + PART, this.total);
      yield;
    }
    return { activations, labels };
  }
}
