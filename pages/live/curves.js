/** Curves: the probability of a digit for each model against the amount of a perturbation. */

import { create, createShape } from "./elements.js";
import { describeCurve, formatAmount } from "./sensitivity.js";
import { formatPercent } from "./sentences.js";

const SHARES = [1, 0.5, 0]; // beside the lines of the chart
const PLACES = [0, 0.25, 0.5, 0.75, 1]; // of the amounts below it

/**
 * @typedef {object} Curve
 * @property {import("./sensitivity.js").Perturbation} change
 * @property {number} digit whose probability is drawn
 * @property {number[]} amounts ascending
 * @property {number} amount the present one
 * @property {{title: string, colour: string}[]} models
 * @property {number[][]} lines the probabilities of each model
 * @property {import("./sensitivity.js").Flip[][]} flips of each model
 */

export class Curves {
  constructor() {
    this.element = create("div", { class: "curves", role: "img" });
  }

  /** @param {Curve} curve */
  show({ change, digit, amounts, amount, models, lines, flips }) {
    const { title, unit, minimum, maximum, neutral } = change;
    const place = (value) => (value - minimum) / (maximum - minimum);
    const find = (line, value) => { // between two amounts, which a flip is in the middle of
      const before = amounts.findLastIndex((one) => one <= value);
      return (line[before] + line[before + 1]) / 2;
    };
    const marks = models.flatMap(({ colour }, i) => flips[i].map((flip) =>
      createFlip(flip, colour, place(flip.amount), find(lines[i], flip.amount))));
    const plot = create("div", { class: "plot" },
      createRule("neutral", place(neutral)), createRule("present", place(amount)),
      drawLines(lines, models), ...marks);
    const ticks = PLACES.map((share) => formatAmount(minimum + share * (maximum - minimum)));
    this.element.setAttribute("aria-label", describeCurve(change, digit, models.map((one) => one.title), flips));
    this.element.replaceChildren(
      create("div", { class: "caption" }, `Probability of ${digit}`),
      create("div", { class: "axis" }, ...SHARES.map((share) => create("span", {}, formatPercent(share, 0)))),
      plot,
      create("div", { class: "ticks" }, ...ticks.map((tick) => create("span", {}, tick.replace("-", "−")))),
      create("div", { class: "caption" }, `${title}, ${unit}`));
  }
}

function drawLines(lines, models) {
  const picture = createShape("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none" });
  picture.append(...lines.map((line, i) => {
    const points = line.map((share, at) => `${at / (line.length - 1)},${1 - share}`).join(" ");
    const path = createShape("polyline", { points });
    path.style.stroke = models[i].colour;
    return path;
  }));
  return picture;
}

function createRule(name, place) {
  const rule = create("i", { class: `rule ${name}` });
  rule.style.left = `${100 * place}%`;
  return rule;
}

function createFlip({ digit }, colour, place, share) {
  const diamond = create("i");
  diamond.style.background = colour;
  const flip = create("span", { class: "flip" }, diamond, String(digit));
  Object.assign(flip.style, { left: `${100 * place}%`, bottom: `${100 * share}%` });
  return flip;
}
