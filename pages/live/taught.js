/**
 * Taught drawings: frames of which the visitor has said what digit they are. They are kept in the
 * memory of the tab of the browser, so they stay when the page is loaded again.
 *
 * @typedef {object} Drawing
 * @property {Float32Array} frame 784 numbers in 0…1
 * @property {number} digit
 */

const KEY = "digitlab:taught";
const LEVELS = 255;

/** @returns {Drawing[]} */
export function loadDrawings() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]").map(({ digit, levels }) => ({
      digit,
      frame: Float32Array.from(atob(levels), (letter) => letter.charCodeAt(0) / LEVELS),
    }));
  } catch (error) {
    console.warn("The drawings to learn cannot be read.", error);
    return [];
  }
}

/** @param {Drawing[]} drawings */
export function keepDrawings(drawings) {
  const described = drawings.map(({ digit, frame }) => ({
    digit,
    levels: btoa(String.fromCharCode(...frame.map((ink) => Math.round(ink * LEVELS)))),
  }));
  try {
    sessionStorage.setItem(KEY, JSON.stringify(described));
  } catch (error) {
    console.warn("The drawings to learn cannot be kept.", error); // blocked, or full
  }
}
