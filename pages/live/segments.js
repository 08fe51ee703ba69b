/** Segments: a choice of one among a few, side by side. */

import { create } from "./elements.js";

let count = 0; // of the choices on the page, which must not share a name

export class Segments {
  /**
   * @param {string} label of the choice
   * @param {(option: string) => void} onChoose called when another one is chosen
   */
  constructor(label, onChoose) {
    this.element = create("div", { class: "segments", role: "radiogroup", "aria-label": label });
    this._name = `segments-${count++}`;
    this._onChoose = onChoose;
    this._options = [];
  }

  /**
   * Shows the options; none where there is nothing to choose.
   * @param {string[]} options
   * @param {string} chosen
   */
  show(options, chosen) {
    if (String(options) !== String(this._options)) this._build(options);
    this.element.hidden = options.length < 2;
    options.forEach((option, i) => {
      this._inputs[i].checked = option === chosen;
    });
  }

  _build(options) {
    this._options = options;
    this._inputs = options.map((option) => create("input", {
      type: "radio", name: this._name, value: option, onchange: () => this._onChoose(option),
    }));
    this.element.replaceChildren(...options.map((option, i) =>
      create("label", {}, this._inputs[i], create("span", {}, option))));
  }
}
