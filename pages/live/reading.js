/**
 * The reading: what the reader has predicted last, for other components of the page.
 *
 * @typedef {object} Reading
 * @property {import("./number.js").NumberPrediction | null} number null where there is none
 * @property {import("./geometry.js").Stroke[]} strokes that the number was found in
 * @property {number} picked the place of the digit that is picked
 * @property {boolean} isSettled whether the pen is up, and the number that of the whole drawing
 * @property {string} message in place of a number
 * @property {import("./writing.js").Writing} writing what is on the pad
 * @property {(place: number) => void} pick picks a digit
 */

/** @type {Reading | null} */
let last = null;
const listeners = new Set();

/**
 * Tells of a new reading. A listener that fails keeps nobody else from it.
 * @param {Reading | null} reading null if nobody reads any more
 */
export function publish(reading) {
  last = reading;
  for (const listener of listeners) {
    try {
      listener(reading);
    } catch (error) {
      reportError(error);
    }
  }
}

/**
 * Has a function called with the last reading, and with each new one.
 * @param {(reading: Reading | null) => void} listener
 * @returns {() => void} ends it
 */
export function follow(listener) {
  listeners.add(listener);
  listener(last);
  return () => listeners.delete(listener);
}

/**
 * The frame of a picture, or else of the digit that is picked on the pad.
 * @param {Reading | null} reading
 * @param {number[] | null} given the frame of a picture, 784 bytes
 * @returns {Float32Array | undefined} 0 paper … 1 ink; undefined where there is none
 */
export function pickFrame(reading, given) {
  if (given) return Float32Array.from(given, (ink) => ink / 255);
  return reading?.number?.rows.flat()[reading.picked].frame;
}
