/** Sliders: the amount of each perturbation, and the one whose curve is shown. */

import { create, write } from "./elements.js";
import { formatAmount, STEPS } from "./sensitivity.js";

/**
 * @typedef {import("./sensitivity.js").Perturbation} Perturbation
 *
 * @typedef {object} Choice
 * @property {string} change the id of the perturbation whose curve is shown
 * @property {import("./perturbation.js").Amounts} amounts
 */

export class Sliders {
  /**
   * @param {Perturbation[]} changes
   * @param {Choice} choice
   * @param {(isFinal: boolean) => void} onChange called at each move, and once it has ended
   */
  constructor(changes, choice, onChange) {
    this.choice = { change: choice.change, amounts: { ...choice.amounts } };
    this._changes = changes;
    this._onChange = onChange;
    this._rows = new Map(changes.map((change) => [change.id, this._createRow(change)]));
    this._reset = create("button", { type: "button", onclick: () => this._setNeutral() }, "Reset");
    const rows = [...this._rows.values()].map(({ row }) => row);
    this.element = create("div", { class: "sliders", role: "group", "aria-label": "Change the frame" },
      create("div", { class: "head" }, create("span", {}, "Change the frame"), this._reset), ...rows);
    this._show();
  }

  /** The perturbation whose curve is shown. */
  get change() {
    return this._changes.find(({ id }) => id === this.choice.change);
  }

  _createRow(change) {
    const { id, title, unit, minimum, maximum } = change;
    const slider = create("input", {
      type: "range", min: minimum, max: maximum, step: (maximum - minimum) / STEPS,
      "aria-label": `${title}, ${unit}`,
    });
    const amount = create("output");
    slider.oninput = () => {
      this.choice.amounts[id] = Number(slider.value);
      this.choice.change = id;
      this._changed(false);
    };
    slider.onchange = () => this._onChange(true);
    const pick = create("button", {
      type: "button", class: "pick", title: `Show the curve, in ${unit}`,
      onclick: () => {
        this.choice.change = id;
        this._changed(true);
      },
    }, title);
    return { row: create("div", { class: "slider" }, pick, slider, amount), slider, amount, pick };
  }

  _setNeutral() {
    for (const { id, neutral } of this._changes) this.choice.amounts[id] = neutral;
    this._changed(true);
  }

  _changed(isFinal) {
    this._show();
    this._onChange(isFinal);
  }

  _show() {
    const { change, amounts } = this.choice;
    for (const [id, { slider, amount, pick }] of this._rows) {
      slider.value = amounts[id];
      write(amount, formatAmount(amounts[id]).replace("-", "−"));
      pick.setAttribute("aria-pressed", String(id === change));
    }
    this._reset.disabled = this._changes.every(({ id, neutral }) => amounts[id] === neutral);
  }
}
