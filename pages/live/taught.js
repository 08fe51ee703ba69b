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
 * Drawings with one more, which takes the place of one with the same frame.
 * @param {Drawing[]} drawings
 * @param {Drawing} drawing
 * @returns {Drawing[]} the same list if the drawing is in it with this digit
 */
export function addDrawing(drawings, drawing) {
  const place = drawings.findIndex((own) => isSame(own.frame, drawing.frame));
  if (place < 0) return [...drawings, drawing];
  return drawings[place].digit === drawing.digit ? drawings : drawings.with(place, drawing);
}

/**
 * Drawings, and those of others.
 * @param {Drawing[]} drawings
 * @param {Described[]} others
 * @returns {Drawing[]} the same list if all others are in it
 */
export function joinDrawings(drawings, others) {
  return readDrawings(others).reduce(addDrawing, drawings);
}

const findLevel = (ink) => Math.round(ink * LEVELS);

const isSame = (one, other) => one.every((ink, i) => findLevel(ink) === findLevel(other[i]));

/** @returns {Drawing[]} */
function readDrawings(described) {
  return described.map(({ digit, levels }) => ({
    digit,
    frame: Float32Array.from(atob(levels), (letter) => letter.charCodeAt(0) / LEVELS),
  }));
}

/**
 * @param {Drawing} drawing
 * @returns {Described}
 */
export function describeDrawing({ digit, frame }) {
  return { digit, levels: btoa(String.fromCharCode(...frame.map(findLevel))) };
}
