/** The outcome of a lesson: how many digits a model predicts correctly, before and now. */

import { create } from "./elements.js";
import { formatPercent } from "./sentences.js";
import { estimateShare } from "./shares.js";

/**
 * @typedef {object} Row
 * @property {string} title
 * @property {number} total
 * @property {number[]} right how many of them are correct: before, and now where something was learned
 */

export class Outcome {
  constructor() {
    this._rows = create("tbody");
    const titles = ["Correct predictions", "Before", "Now"];
    this.element = create("div", { class: "probabilities" }, create("table", {},
      create("caption", {}, "Correct predictions before learning and now"),
      create("thead", {}, create("tr", {}, ...titles.map((title) => create("th", { scope: "col" }, title)))),
      this._rows));
  }

  /** @param {Row[]} rows */
  show(rows) {
    this._rows.replaceChildren(...rows.map(({ title, total, right }) =>
      create("tr", {}, create("th", { scope: "row" }, title),
        ...[0, 1].map((i) => create("td", {}, ...(i < right.length ? describe(right[i], total) : ["–"]))))));
  }
}

/** A count in large, and its share with an interval where there are enough digits for one. */
function describe(right, total) {
  const count = create("b", {}, `${format(right)} of ${format(total)}`);
  if (total < 100) return [count];
  const { value, low, high } = estimateShare(right, total);
  return [count, ` ${formatPercent(value)} (${formatPercent(low)} to ${formatPercent(high)})`];
}

const format = (count) => count.toLocaleString("en");
