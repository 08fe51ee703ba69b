/** Influence: which ink raised the logit of a digit, and which lowered it, as a picture in two colours. */

import { create, write } from "./elements.js";
import { FRAME_SIZE } from "./frame.js";
import { shareLogit } from "./gradient.js";
import { findRange, readColour } from "./maps.js";

const INK = 128, FAINT = 0.4; // the grey and the opacity of ink that has no influence

export class Influence {
  constructor() {
    this._canvas = create("canvas", { width: FRAME_SIZE, height: FRAME_SIZE, role: "img" });
    this._caption = create("figcaption");
    this.element = create("figure", { class: "influence" }, this._canvas, this._caption);
  }

  /**
   * Shows what each pixel adds to the logit of a digit.
   * @param {import("./trace.js").Stage[]} stages
   * @param {Object<string, Float32Array>} tensors
   * @param {Float32Array[]} values of each stage
   * @param {number} digit
   * @param {string[]} colours of the lowest value, of 0 and of the highest value
   */
  show(stages, tensors, values, digit, colours) {
    const { place, shares } = shareLogit(stages, tensors, values, digit);
    const { lowest, highest } = findRange(shares);
    const limit = Math.max(-lowest, highest);
    const picture = tintInk(values[place], shares, limit, colours.map(readColour));
    this._canvas.getContext("2d").putImageData(picture, 0, 0);
    this._canvas.setAttribute("aria-label", `The ink that raised or lowered the logit of ${digit}`);
    write(this._caption, `Blue ink raised the logit of ${digit}, orange ink lowered it: gradient × input of each `
      + `pixel${place ? " of the upright frame" : ""}, full colour ±${limit.toPrecision(2)}.`);
  }
}

/** Ink is a pale shape where it has no influence. */
function tintInk(ink, shares, limit, [negative, zero, positive]) {
  const picture = new ImageData(FRAME_SIZE, FRAME_SIZE);
  shares.forEach((own, i) => {
    const share = limit ? own / limit : 0;
    const end = share < 0 ? negative : positive;
    const faint = FAINT * ink[i] * (1 - Math.abs(share));
    zero.forEach((level, part) => {
      const tint = level + Math.abs(share) * (end[part] - level);
      picture.data[4 * i + part] = tint + faint * (INK - tint);
    });
    picture.data[4 * i + 3] = 255;
  });
  return picture;
}
