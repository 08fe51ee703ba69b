/** The moment of the writing that the page shows: that of the whole drawing, unless somebody replays it. */

/** @type {number | null} in seconds from the first point */
let moment = null;
const listeners = new Set();

/** The moment that is shown; null for the whole drawing. */
export const getMoment = () => moment;

/**
 * Shows the drawing as it was at a moment.
 * @param {number | null} next in seconds from the first point; null for the whole drawing
 */
export function setMoment(next) {
  if (next === moment) return;
  moment = next;
  for (const listener of listeners) listener();
}

/**
 * Has a function called whenever another moment is shown.
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function followMoment(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
