/**
 * Memory: the outputs of networks for the frames of the last drawings.
 *
 * While somebody draws, most frames stay as they were, and some networks have others in common.
 */

import { average, FRAME_PIXELS, runNetwork } from "./network.js";

const MAX_FRAMES = 512;

/**
 * @typedef {import("./network.js").Network} Network
 */

export class OutputMemory {
  /** Remembers the outputs for this many frames, those that were not needed for longest go. */
  constructor(maxFrames = MAX_FRAMES) {
    this._maxFrames = maxFrames;
    /** @type {Map<string, Map<string, Float32Array>>} outputs by network, by frame */
    this._known = new Map();
    /** @type {WeakMap<Float32Array, Map<string, Float32Array>>} the same by frame in use */
    this._records = new WeakMap();
  }

  /**
   * The outputs of a network for each frame; unknown ones are computed in one batch.
   * @param {Network} network
   * @param {Float32Array[]} frames
   * @returns {Float32Array[]}
   */
  run(network, frames) {
    if (network.members.length) {
      const outputs = network.members.map((member) => this.run(member, frames));
      return frames.map((_, i) => average(outputs.map((own) => own[i])));
    }
    const records = frames.map((frame) => this._find(frame));
    const unknown = new Map();
    records.forEach((record, i) => {
      if (!record.has(network.key)) unknown.set(record, frames[i]);
    });
    if (unknown.size) {
      const batch = new Float32Array(unknown.size * FRAME_PIXELS);
      [...unknown.values()].forEach((frame, i) => batch.set(frame, i * FRAME_PIXELS));
      const outputs = runNetwork(network, batch);
      const size = outputs.length / unknown.size;
      [...unknown.keys()].forEach((record, i) => {
        record.set(network.key, outputs.slice(i * size, (i + 1) * size));
      });
    }
    return records.map((record) => record.get(network.key));
  }

  /** What is known of a frame, which now was needed last. */
  _find(frame) {
    if (this._records.has(frame)) return this._records.get(frame);
    const levels = new Uint8Array(frame.length);
    for (let i = 0; i < frame.length; i++) levels[i] = Math.round(frame[i] * 255);
    const key = LATIN.decode(levels);
    const record = this._known.get(key) ?? new Map();
    this._known.delete(key);
    this._known.set(key, record);
    this._records.set(frame, record);
    if (this._known.size > this._maxFrames) this._known.delete(this._known.keys().next().value);
    return record;
  }
}

const LATIN = new TextDecoder("latin1");
