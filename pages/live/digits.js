/** The digits of a number: buttons with their frames, one of which is picked. */

import { create, createFrame, drawPicture, write } from "./elements.js";

export class Digits {
  /** @param {(place: number) => void} onPick called when a digit is picked */
  constructor(onPick) {
    this.element = create("div", { class: "digits", role: "group", "aria-label": "The digits found" });
    this.element.onkeydown = (event) => this._moveFocus(event);
    this._onPick = onPick;
  }

  /**
   * Shows the digits of a number; nothing for one digit.
   * @param {import("./number.js").NumberPrediction | null} number
   * @param {number} picked the place of the digit that is picked
   */
  show(number, picked) {
    const digits = number?.rows.flat() ?? [];
    const count = digits.length > 1 ? digits.length : 0;
    while (this.element.childElementCount > count) this.element.lastElementChild.remove();
    while (this.element.childElementCount < count) this._add(this.element.childElementCount);
    [...this.element.children].forEach((button, place) => {
      const { frame, character } = digits[place];
      button.setAttribute("aria-pressed", String(place === picked));
      button.setAttribute("aria-label", `Digit ${place + 1} of ${count}: ${character}`);
      button.tabIndex = place === picked ? 0 : -1; // the arrow keys reach the others
      drawPicture(button.firstElementChild, frame);
      write(button.lastElementChild, character);
    });
  }

  _add(place) {
    this.element.append(create("button", { type: "button", onclick: () => this._onPick(place) },
      createFrame(""), create("span")));
  }

  _moveFocus(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const next = this.element.children[[...this.element.children].indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
