/**
 * Bars: every model's ten probabilities of one digit, as a chart and as a table: the twin of
 * pages/widgets/probabilities.py.
 */

import { create, write } from "./elements.js";
import { formatPercent } from "./sentences.js";

const DIGITS = [...Array(10).keys()];
const SHARES = [1, 0.5, 0]; // beside the lines of the chart
const PLACES = ["First", "Second", "Third"];
const DESCRIPTION = "Bar chart of the probability each model gives each digit. The table below has the values.";

/**
 * @typedef {{title: string, colour: string}} Model
 */

export class Bars {
  /** @param {Element} area filled with the chart and the table */
  constructor(area) {
    this._area = area;
    this._models = "";
  }

  /**
   * Shows probabilities; bars without any are flat.
   * @param {Model[]} models
   * @param {Float32Array[]} probabilities ten of each model; none for an empty pad
   */
  show(models, probabilities) {
    const described = JSON.stringify(models.map(({ title, colour }) => [title, colour]));
    if (described !== this._models) this._build(models);
    this._models = described;
    models.forEach((_, i) => {
      const own = probabilities[i];
      DIGITS.forEach((digit) => {
        this._bars[i][digit].style.transform = `scaleY(${own?.[digit] ?? 0})`;
      });
      const order = own ? DIGITS.toSorted((one, other) => own[other] - own[one]) : [];
      this._cells[i].forEach(([digit, percent], place) => {
        write(digit, own ? String(order[place]) : "–");
        write(percent, own ? ` ${formatPercent(own[order[place]])}` : "");
      });
    });
  }

  _build(models) {
    this._bars = models.map(({ colour }) => DIGITS.map(() => {
      const bar = create("i", { class: "bar" });
      bar.style.background = colour;
      return bar;
    }));
    this._cells = models.map(() => PLACES.map(() => [create("b"), create("span")]));
    const chart = create("div", { class: "chart", role: "img", "aria-label": DESCRIPTION },
      create("div", { class: "axis" }, ...SHARES.map((share) => create("span", {}, formatPercent(share, 0)))),
      ...DIGITS.map((digit) => create("div", { class: "group" },
        create("div", { class: "bars" }, ...this._bars.map((own) => own[digit])),
        create("span", {}, String(digit)))));
    const head = create("tr", {}, ...["Model", ...PLACES].map((text) => create("th", { scope: "col" }, text)));
    const rows = models.map(({ title, colour }, i) => {
      const swatch = create("i", { class: "swatch" });
      swatch.style.background = colour;
      return create("tr", {},
        create("th", { scope: "row" }, swatch, title),
        ...this._cells[i].map((cell) => create("td", {}, ...cell)));
    });
    this._area.replaceChildren(chart, create("table", {},
      create("caption", {}, "The three most probable digits of each model"),
      create("thead", {}, head), create("tbody", {}, ...rows)));
  }
}
