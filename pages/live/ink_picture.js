/**
 * The picture of an ink map: a digit under a grid of coloured places, one of which is selected by
 * pointing at it, by a tap or by the arrow keys.
 */

import { findPenWidth } from "./dabs.js";
import { create, createShape } from "./elements.js";
import { findSquare, GRID, measureChange } from "./ink_map.js";
import { findDigit } from "./predictions.js";

export const FULL_CHANGE = 4; // of the log-odds, for which a colour is full
const FULL_OPACITY = 0.85;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class InkPicture {
  /** @param {(place: number) => void} onSelect called when a place is selected */
  constructor(onSelect) {
    this._onSelect = onSelect;
    this._cells = Array.from({ length: GRID * GRID }, (_, place) => createShape("rect", { ...locate(place), width: 1, height: 1 }));
    this._digit = createShape("g", { class: "strokes" });
    this._letters = createShape("g", {});
    this._cursor = createShape("rect", { class: "cursor", width: 1, height: 1 });
    const picture = createShape("svg", { viewBox: `0 0 ${GRID} ${GRID}`, "aria-hidden": "true" });
    picture.append(this._digit, ...this._cells, this._letters, this._cursor);
    this.element = create("div", {
      class: "map", role: "application", tabIndex: 0,
      "aria-label": `Map of ${GRID} by ${GRID} places; the arrow keys move`,
      onpointermove: (event) => this._point(event),
      onpointerdown: (event) => this._point(event),
      onkeydown: (event) => this._press(event),
    }, picture);
  }

  /**
   * Draws the digit.
   * @param {import("./geometry.js").Stroke[]} strokes
   */
  draw(strokes) {
    const { left, top, side } = findSquare(strokes);
    const scale = GRID / side;
    this._digit.replaceChildren(...strokes.map((stroke) => createShape("polyline", {
      points: stroke.map(([x, y]) => `${(x - left) * scale},${(y - top) * scale}`).join(" "),
      "stroke-width": findPenWidth(strokes) * scale,
    })));
  }

  /**
   * Colours the places.
   * @param {(import("./ink_map.js").Outcome | null)[]} outcomes by place; none yet if it is empty
   * @param {Float32Array | null} before the probabilities without a change
   */
  colour(outcomes, before) {
    const letters = [];
    this._cells.forEach((cell, place) => {
      const { name, opacity, letter } = describeCell(outcomes[place], before);
      cell.setAttribute("class", name);
      cell.style.fillOpacity = opacity;
      if (letter) letters.push(createLetter(letter, place));
    });
    this._letters.replaceChildren(...letters);
  }

  /**
   * Selects a place, or none.
   * @param {number | null} place
   */
  select(place) {
    this._place = place;
    this._cursor.style.display = place === null ? "none" : "";
    for (const [name, value] of Object.entries(locate(place ?? 0))) this._cursor.setAttribute(name, value);
  }

  _point({ offsetX, offsetY, currentTarget: { clientWidth, clientHeight } }) {
    const [x, y] = [offsetX / clientWidth, offsetY / clientHeight].map((share) =>
      Math.min(Math.max(Math.floor(share * GRID), 0), GRID - 1));
    this._onSelect(y * GRID + x);
  }

  _press(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = locate(this._place ?? 0);
    const [column, row] = [x + step[0], y + step[1]];
    if (Math.min(column, row) >= 0 && Math.max(column, row) < GRID) this._onSelect(row * GRID + column);
  }
}

/** What the colours of the places mean. */
export function createLegend() {
  const rows = [
    ["loss", "the digit becomes less probable"],
    ["gain", "the digit becomes more probable"],
    ["other", "another digit, which is written there"],
  ];
  return create("ul", { class: "legend" }, ...rows.map(([name, text]) => create("li", {}, create("i", { class: name }), text)));
}

const locate = (place) => ({ x: place % GRID, y: Math.floor(place / GRID) });

function describeCell(outcome, before) {
  if (!outcome || outcome.isRead === false) return { name: "", opacity: 0 };
  const digit = findDigit(before), found = findDigit(outcome.probabilities);
  if (found !== digit) return { name: "other", opacity: 1, letter: String(found) };
  const change = measureChange(digit, before, outcome.probabilities);
  return { name: change < 0 ? "loss" : "gain", opacity: FULL_OPACITY * Math.min(Math.abs(change) / FULL_CHANGE, 1) };
}

function createLetter(text, place) {
  const { x, y } = locate(place);
  const letter = createShape("text", { x: x + 0.5, y: y + 0.82 });
  letter.textContent = text;
  return letter;
}
