/** Boxes over a pad, one around each digit of a number, with what it is taken for. */

import { createShape } from "./elements.js";
import { getHeight, getWidth } from "./geometry.js";
import { addLayer } from "./layers.js";

const NAME = "digit-boxes";
const COLOUR = "#5eb3ee", DOUBTFUL = "#ffb14e"; // on the black pad
const LETTER_SIDE = 16;

/**
 * Draws the boxes of a number in place of the ones before; none for a single digit.
 * @param {Element | null} canvas of the pad
 * @param {import("./number.js").NumberPrediction | null} number
 * @param {{side: number, pen: number, picked: number}} options side of the pad and width of the pen
 *   in pixels of the pad, and the place of the digit that is picked
 */
export function drawBoxes(canvas, number, { side, pen, picked }) {
  const parent = canvas?.parentElement;
  if (!parent) return;
  const digits = number?.rows.flat() ?? [];
  const shown = digits.length > 1 ? digits : [];
  const layer = parent.querySelector(`.${NAME}`) ?? (shown.length ? addLayer(canvas, NAME, side) : null);
  layer?.replaceChildren(...shown.flatMap((digit, place) => draw(digit, pen / 2, place === picked)));
}

function draw({ box, character }, margin, isPicked) {
  const [x, y] = [box[0] - margin, box[1] - margin];
  const colour = character === "?" ? DOUBTFUL : COLOUR;
  const frame = createShape("rect", {
    x, y, width: getWidth(box) + 2 * margin, height: getHeight(box) + 2 * margin, rx: 3,
    fill: "none", stroke: colour, "stroke-width": isPicked ? 3 : 1.5,
  });
  const letter = createShape("text", {
    x: x + 2, y: Math.max(y - 4, LETTER_SIDE), fill: colour, "font-size": LETTER_SIDE,
    "font-family": "sans-serif", "font-weight": 700,
  });
  letter.textContent = character;
  return [frame, letter];
}
