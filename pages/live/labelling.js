/** Labelling: the frame of a digit, what is predicted for it, and buttons to say which digit it is. */

import { create, createFrame, drawPicture, write } from "./elements.js";
import { withArticle } from "./sentences.js";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export class Labelling {
  /** @param {(digit: number) => void} onLabel called with the digit that the visitor says it is */
  constructor(onLabel) {
    this._frame = createFrame("The frame the model classifies");
    this._sentence = create("p");
    const buttons = create("div", { class: "segments", role: "group", "aria-label": "Add this drawing as" },
      ...DIGITS.map((digit) => createButton(digit, onLabel)));
    this._question = create("div", {}, create("p", {}, "Add this drawing as"), buttons);
    this.element = create("div", { class: "labelling" }, this._frame, create("div", {}, this._sentence, this._question));
  }

  /**
   * Shows a frame, or only a sentence where there is none.
   * @param {Float32Array | undefined} frame
   * @param {string} sentence
   * @param {boolean} isSettled whether screen readers are to speak the sentence
   */
  show(frame, sentence, isSettled) {
    this._frame.hidden = this._question.hidden = !frame;
    this._sentence.setAttribute("aria-live", isSettled ? "polite" : "off");
    write(this._sentence, sentence);
    if (frame) drawPicture(this._frame, frame);
  }
}

function createButton(digit, onLabel) {
  const label = `Add as ${withArticle(digit)}`;
  return create("button", { type: "button", "aria-label": label, onclick: () => onLabel(digit) }, String(digit));
}
