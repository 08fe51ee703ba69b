/**
 * Samples: labelled digits from the server, fetched once for as long as the window is open, and
 * only if somebody asks for them.
 *
 * @typedef {object} Digits
 * @property {Float32Array} frames 784 numbers in 0…1 each, one after the other
 * @property {Uint8Array} labels
 *
 * @typedef {object} Samples as in core/runs/samples.py
 * @property {string} id of the data set
 * @property {string} title
 * @property {Digits} rehearsal equally many of each digit; models may have learned from them
 * @property {Digits} heldOut no model has learned from them
 */

import { readArrays } from "./arrays.js";
import { fetchFile } from "./loader.js";

/** @type {Map<string, Promise<Samples>>} by address */
const samples = new Map();

/**
 * The samples at an address below the page's.
 * @param {string} address
 * @returns {Promise<Samples>}
 * @throws {Error} they cannot be had
 */
export function loadSamples(address) {
  if (!samples.has(address)) {
    const loading = fetchFile(address).then(readSamples);
    loading.catch(() => samples.delete(address));
    samples.set(address, loading);
  }
  return samples.get(address);
}

/**
 * The samples in the contents of a file.
 * @param {ArrayBuffer} file
 * @returns {Samples}
 */
export function readSamples(file) {
  const { arrays, metadata: { id, title } } = readArrays(file);
  const read = (part) => ({
    frames: Float32Array.from(arrays[`${part}_images`], (ink) => ink / 255),
    labels: arrays[`${part}_labels`],
  });
  return { id, title, rehearsal: read("rehearsal"), heldOut: read("held_out") };
}
