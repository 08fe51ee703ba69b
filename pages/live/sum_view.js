/** Sum view: how one cell of a network was computed, on the page. */

import { create, write } from "./elements.js";
import { findWindow, formatNumber, listTerms, nameCell, writeFormula } from "./sum_text.js";
import { sumCell } from "./terms.js";

const WINDOW_DECIMALS = 2;
const FULL_TINT = 40; // per cent of the colour behind the number with the largest magnitude

export class SumView {
  constructor() {
    this._title = create("p", { class: "cell" });
    this._formula = create("p", { class: "formula" });
    this._spoken = create("div", {}, this._title, this._formula);
    this._windows = create("div", { class: "windows" });
    this._table = create("table", { class: "terms" });
    this.element = create("div", { class: "sum" }, this._spoken, this._windows, this._table);
  }

  /**
   * Shows how a cell was computed.
   * @param {import("./trace.js").Stage[]} stages
   * @param {Object<string, Float32Array>} tensors
   * @param {Float32Array[]} values of each stage
   * @param {{stage: number, cell: number}} picked
   * @param {string[]} colours of the lowest value, of 0 and of the highest value
   * @param {boolean} isSpoken whether screen readers speak what changes
   */
  show(stages, tensors, values, { stage: place, cell }, colours, isSpoken) {
    const stage = stages[place], before = stages[stage.source], { layer } = stage;
    const sum = sumCell(layer, tensors, values[stage.source], cell);
    this._spoken.setAttribute("aria-live", isSpoken ? "polite" : "off");
    write(this._title, `${stage.name}, ${nameCell(stage, cell)}: ${formatNumber(values[place][cell])}`);
    write(this._formula, writeFormula(layer, sum, cell));
    const window = sum && findWindow(layer, sum, before, cell);
    this._windows.replaceChildren(...(window ? drawWindow(window, colours) : []));
    const terms = sum && listTerms(layer, sum, before);
    this._table.hidden = !terms;
    if (terms) this._table.replaceChildren(...drawTable(terms));
  }

  /** Whether the name of the cell and its formula can be seen without scrolling. */
  isInSight() {
    const { top, bottom } = this._spoken.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }
}

function drawWindow({ name, rows, hasWeights }, colours) {
  const draw = (caption, part) => {
    const numbers = rows.map((row) => row.map((term) => term?.[part] ?? null)); // null outside of the image
    return create("table", { class: "window" }, create("caption", {}, caption), drawNumbers(numbers, colours));
  };
  const values = draw(name, "value");
  return hasWeights ? [values, "×", draw("Kernel", "weight"), "=", draw("Products", "product")] : [values];
}

function drawNumbers(numbers, [negative, , positive]) {
  const limit = Math.max(...numbers.flat().map(Math.abs)) || 1;
  return create("tbody", {}, ...numbers.map((row) => create("tr", {}, ...row.map((number) => {
    const cell = create("td", {}, number === null ? "" : formatNumber(number, WINDOW_DECIMALS));
    const tint = (FULL_TINT * Math.abs(number)) / limit;
    cell.style.background = `color-mix(in srgb, ${number < 0 ? negative : positive} ${tint}%, transparent)`;
    return cell;
  }))));
}

function drawTable({ head, rows }) {
  return [
    create("thead", {}, create("tr", {}, ...head.map((text) => create("th", { scope: "col" }, text)))),
    create("tbody", {}, ...rows.map(([name, ...cells]) => create("tr", {},
      create("th", { scope: "row" }, name), ...cells.map((text) => create("td", {}, text))))),
  ];
}
