/**
 * The ink map: for each place of a grid over a digit, what one dot of ink more, or one dot less,
 * does to the prediction of a model. This module does not know the page.
 *
 * @typedef {import("./geometry.js").Stroke} Stroke
 * @typedef {import("./geometry.js").Point} Point
 *
 * @typedef {"more" | "less"} Kind of change
 *
 * @typedef {object} Changed the digit after a change
 * @property {Stroke[]} strokes
 * @property {Float32Array} frame
 *
 * @typedef {object} Outcome of a change at a place
 * @property {Float32Array} probabilities ten
 * @property {boolean} [isRead] whether the changed strokes are read as one digit with this frame;
 *   undefined as long as it is not known
 */

import { addDot, removeInk } from "./dabs.js";
import { drawFrame } from "./frame.js";
import { findBox, getHeight, getLongerSide, getWidth } from "./geometry.js";
import { findDigits } from "./number.js";
import { findDigit } from "./predictions.js";
import { formatPercent, withArticle } from "./sentences.js";

export const GRID = 20; // places in a row, and rows
const MARGIN = 0.15; // around the box of the digit, by its longer side
const MIN_PROBABILITY = 1e-6; // keeps the logarithm finite
const ROWS = ["top", "", "bottom"], COLUMNS = ["left", "", "right"];

/**
 * The square that the grid covers.
 * @param {Stroke[]} strokes
 * @returns {{left: number, top: number, side: number}} in the unit of the strokes
 */
export function findSquare(strokes) {
  const box = findBox(strokes);
  const side = (1 + 2 * MARGIN) * getLongerSide(box);
  return { left: (box[0] + box[2] - side) / 2, top: (box[1] + box[3] - side) / 2, side };
}

/**
 * The centre of a place.
 * @param {Stroke[]} strokes
 * @param {number} place counted row by row
 * @returns {Point}
 */
export function locatePlace(strokes, place) {
  const { left, top, side } = findSquare(strokes);
  const cell = side / GRID;
  return [left + cell * ((place % GRID) + 0.5), top + cell * (Math.floor(place / GRID) + 0.5)];
}

/**
 * The digit after a change at a place.
 * @param {Stroke[]} strokes
 * @param {Kind} kind
 * @param {number} place
 * @returns {Changed | null} null where nothing can be taken away
 */
export function changeInk(strokes, kind, place) {
  const centre = locatePlace(strokes, place);
  const changed = kind === "more" ? addDot(strokes, centre) : removeInk(strokes, centre);
  return changed && { strokes: changed, frame: drawFrame(changed) };
}

/**
 * Whether changed strokes are read as one digit with their frame: a dot apart from the digit is none
 * of it, and a digit with a gap may be two.
 * @param {Changed} changed
 * @param {import("./number.js").Engine} engine
 */
export function isReadAsOne({ strokes, frame }, engine) {
  const digits = findDigits(strokes, engine).flat();
  return digits.length === 1 && digits[0].frame.every((ink, i) => ink === frame[i]);
}

/**
 * How much the log-odds of a digit change, natural logarithm.
 * @param {number} digit
 * @param {Float32Array} before
 * @param {Float32Array} after
 */
export function measureChange(digit, before, after) {
  const measure = ({ [digit]: share }) => Math.log(Math.max(share, MIN_PROBABILITY) / Math.max(1 - share, MIN_PROBABILITY));
  return measure(after) - measure(before);
}

/**
 * The places where ink can be changed, from the one that counts most: the more probable another
 * digit becomes, and after those, the less probable the digit.
 * @param {(Outcome | null)[]} outcomes by place
 * @param {Float32Array} before the probabilities without a change
 */
export function rankPlaces(outcomes, before) {
  const digit = findDigit(before);
  const weights = outcomes.map((outcome) => {
    if (!outcome) return null;
    const { probabilities } = outcome, found = findDigit(probabilities);
    return found === digit ? -probabilities[digit] : probabilities[found];
  });
  const places = [...outcomes.keys()].filter((place) => outcomes[place]);
  return places.sort((one, other) => weights[other] - weights[one]);
}

/**
 * The first place of a ranking whose change is read as the digit.
 * @param {(Outcome | null)[]} outcomes by place
 * @param {Float32Array} before the probabilities without a change
 * @returns {number | null | undefined} null where there is none, undefined while it is not known
 */
export function findStrongest(outcomes, before) {
  const place = rankPlaces(outcomes, before).find((one) => outcomes[one].isRead !== false);
  return place === undefined ? null : outcomes[place].isRead ? place : undefined;
}

/**
 * The finding of a map as a sentence.
 * @param {object} map
 * @param {string} map.title of the model
 * @param {Stroke[]} map.strokes
 * @param {Kind} map.kind
 * @param {Float32Array} map.before the probabilities without a change
 * @param {(Outcome | null)[]} map.outcomes by place
 */
export function describeMap({ title, strokes, kind, before, outcomes }) {
  const strongest = findStrongest(outcomes, before);
  if (strongest === undefined) return "The map is being computed.";
  if (strongest === null) return "No change of one dot leaves this one digit.";
  const digit = findDigit(before), after = outcomes[strongest].probabilities;
  const found = findDigit(after), where = describePlace(strokes, strongest);
  const change = kind === "more" ? `One dot ${where}` : `Taking away the ink ${where}`;
  if (found !== digit) return `${change} would turn this ${digit} (${title}) into ${withArticle(found)}.`;
  const none = kind === "more" ? "No single dot" : "No single gap";
  return `${none} changes the prediction of ${title}. ${change} costs most: `
    + `${digit} falls from ${formatPercent(before[digit], 2)} to ${formatPercent(after[digit], 2)}.`;
}

/**
 * What happens at one place, as a sentence.
 * @param {Kind} kind
 * @param {Outcome | null} outcome null where nothing can be taken away
 * @param {Float32Array} before the probabilities without a change
 */
export function describeOutcome(kind, outcome, before) {
  if (!outcome) return "There is no ink to take away.";
  if (outcome.isRead === false) {
    return kind === "more" ? "A dot here would not be taken for a part of the digit."
      : "With a gap here, this would not be taken for one digit.";
  }
  const digit = findDigit(before), after = outcome.probabilities, found = findDigit(after);
  const change = `${after[digit] < before[digit] ? "falls" : "rises"} from `
    + `${formatPercent(before[digit], 2)} to ${formatPercent(after[digit], 2)}.`;
  return found === digit ? `The prediction stays ${digit}, which ${change}`
    : `The prediction becomes ${found}, with ${formatPercent(after[found], 2)}; ${digit} ${change}`;
}

/** Where a place lies, in thirds of the digit's box: "at the top left". */
function describePlace(strokes, place) {
  const box = findBox(strokes), [x, y] = locatePlace(strokes, place);
  const third = (share) => (share < 1 / 3 ? 0 : share > 2 / 3 ? 2 : 1);
  const row = ROWS[third((y - box[1]) / getHeight(box))];
  const column = COLUMNS[getWidth(box) ? third((x - box[0]) / getWidth(box)) : 1];
  const names = [row, column].filter(Boolean);
  return names.length ? `at the ${names.join(" ")}` : "in the middle";
}
