/**
 * Taught drawings: frames of which the visitor has said what digit they are. They are kept in the
 * memory of the tab of the browser, so they stay when the page is loaded again.
 *
 * @typedef {object} Drawing
 * @property {Float32Array} frame 784 numbers in 0…1
 * @property {number} digit
 *
 * @typedef {{digit: number, levels: string}} Described a drawing, with its 784 bytes in Base64
 */

const KEY = "digitlab:taught";
const LEVELS = 255;

/** @returns {Drawing[]} those that were kept */
export function loadDrawings() {
  try {
    return readDrawings(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));
  } catch (error) {
    console.warn("The drawings to learn cannot be read.", error);
    return [];
  }
}

/** @param {Drawing[]} drawings */
export function keepDrawings(drawings) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(drawings.map(describeDrawing)));
  } catch (error) {
    console.warn("The drawings to learn cannot be kept.", error); // blocked, or full
  }
}

/**
 * Drawings, and those of others that are not among them.
 * @param {Drawing[]} drawings
 * @param {Described[]} others
 */
export function joinDrawings(drawings, others) {
  const known = new Set(drawings.map((drawing) => JSON.stringify(describeDrawing(drawing))));
  const isNew = (drawing) => !known.has(JSON.stringify(describeDrawing(drawing)));
  return [...drawings, ...readDrawings(others).filter(isNew)];
}

/** @returns {Drawing[]} */
function readDrawings(described) {
  return described.map(({ digit, levels }) => ({
    digit,
    frame: Float32Array.from(atob(levels), (letter) => letter.charCodeAt(0) / LEVELS),
  }));
}

/** @returns {Described} */
function describeDrawing({ digit, frame }) {
  return { digit, levels: btoa(String.fromCharCode(...frame.map((ink) => Math.round(ink * LEVELS)))) };
}
