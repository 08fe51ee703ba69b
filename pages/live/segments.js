/** Segments: buttons in a row, one of which is pressed. */

import { create } from "./elements.js";

export class Segments {
  /**
   * @param {string} label of the group
   * @param {(title: string) => void} onPick called with the title of the button that was pressed
   */
  constructor(label, onPick) {
    this.element = create("div", { class: "segments", role: "group", "aria-label": label });
    this._onPick = onPick;
    this._titles = "";
  }

  /**
   * Shows titles; nothing where there is no choice.
   * @param {string[]} titles
   * @param {string} picked one of them
   */
  show(titles, picked) {
    if (String(titles) !== this._titles) this._build(titles.length > 1 ? titles : []);
    this._titles = String(titles);
    for (const button of this.element.children) {
      button.setAttribute("aria-pressed", String(button.textContent === picked));
    }
  }

  _build(titles) {
    this.element.replaceChildren(...titles.map((title) =>
      create("button", { type: "button", onclick: () => this._onPick(title) }, title)));
  }
}
