/** Outputs: the ten probabilities of a network, each a button with a bar. */

import { create, write } from "./elements.js";
import { formatPercent } from "./sentences.js";

const DIGITS = [...Array(10).keys()];
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export class Outputs {
  /** @param {(digit: number) => void} onPick called with the digit whose button was pressed */
  constructor(onPick) {
    this._buttons = DIGITS.map((digit) => create("button", { type: "button", onclick: () => onPick(digit) },
      create("b", {}, String(digit)), create("span"), create("i", { class: "share" })));
    this.element = create("div", { class: "outputs", role: "group", "aria-label": "Output" }, ...this._buttons);
    this.element.onkeydown = (event) => this._moveFocus(event);
  }

  /**
   * Shows probabilities.
   * @param {Float32Array} probabilities ten
   * @param {number | null} picked the digit that is picked
   */
  show(probabilities, picked) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    this._buttons.forEach((button, digit) => {
      const percent = formatPercent(probabilities[digit], 0);
      write(button.children[1], percent);
      button.children[2].style.transform = `scaleX(${probabilities[digit]})`;
      button.classList.toggle("best", digit === best);
      button.setAttribute("aria-label", `Output ${digit}: ${percent}`);
      button.setAttribute("aria-pressed", String(digit === picked));
      button.tabIndex = digit === (picked ?? 0) ? 0 : -1; // the arrow keys reach the others
    });
  }

  _moveFocus(event) {
    const next = this._buttons[this._buttons.indexOf(event.target) + STEPS[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
