/**
 * Sum text: how one cell of a network was computed, in words and numbers. This module does not know
 * the page.
 *
 * @typedef {import("./trace.js").Stage} Stage
 * @typedef {import("./network.js").Layer} Layer
 * @typedef {import("./terms.js").Sum} Sum
 *
 * @typedef {object} Table
 * @property {string[]} head
 * @property {string[][]} rows the first cell of each is its name
 */

import { locateCell } from "./maps.js";
import { addProducts } from "./terms.js";
import { listWindow } from "./windows.js";

const MAX_ROWS = 10; // of terms; the others are one row
const DECIMALS = 3, MAX_DECIMALS = 8;
const FUNCTIONS = { relu: "ReLU", logistic: "logistic function" };
const NO_SUMS = {
  normalise: "A step before the weights: strokes of one width, upright, in the middle.",
  templates: "A weight that was learned, of one pixel for one digit.",
};
const FRAME = "The ink of one pixel, from 0 for paper to 1.";

/**
 * A number with a minus sign.
 * @param {number} value
 * @param {number} decimals
 */
export function formatNumber(value, decimals = DECIMALS) {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) ? `−${text}` : text;
}

/** A number that follows a sign, so in brackets if it has one of its own. */
function bracketNumber(value, decimals) {
  const text = formatNumber(value, decimals);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The fewest decimals with which two numbers and their sum add up once they are rounded. */
function findDecimals(one, other) {
  let decimals = DECIMALS;
  const round = (value) => Number(value.toFixed(decimals));
  while (decimals < MAX_DECIMALS && round(round(one) + round(other)) !== round(one + other)) decimals += 1;
  return decimals;
}

/**
 * The name of a cell within its stage.
 * @param {Stage} stage
 * @param {number} cell
 */
export function nameCell({ shape, ofDigits }, cell) {
  const { map, row, column } = locateCell(shape, cell);
  const isUnit = shape[0] * shape[1] === 1;
  const own = ofDigits ? `digit ${map}` : `${isUnit ? "unit" : "map"} ${map + 1}`;
  if (isUnit) return own;
  const place = `row ${row + 1}, column ${column + 1}`;
  return shape[2] === 1 ? place : `${own}, ${place}`;
}

/**
 * How the value of a cell follows from its sum.
 * @param {Layer | null} layer
 * @param {Sum | null} sum
 * @param {number} cell
 */
export function writeFormula(layer, sum, cell) {
  if (!sum) return NO_SUMS[layer?.kind] ?? FRAME;
  const { terms, bias, total, activation } = sum;
  const [{ value, weight }] = terms;
  const result = formatNumber(sum.result);
  switch (layer.kind) {
    case "softmax": {
      const power = formatNumber(terms[cell].product), rest = formatNumber(bias / terms.length);
      const share = activation === "softmax" ? "" : `, plus a tenth of that of no digit, ${rest}`;
      return `Softmax turns the logits into probabilities: exp(logit − highest logit) of this digit is ${power}${share}. `
        + `Divided by the sum over all digits, ${formatNumber(total)}, that is a probability of ${result}.`;
    }
    case "max_pooling": return `The highest of ${terms.length} values: ${result}`;
    case "average_pooling": return `The mean of ${terms.length} values: ${result}`;
    case "products": return `Pixel ${formatNumber(value)} × weight ${bracketNumber(weight)} = ${result}`;
  }
  const added = addProducts(terms), decimals = findDecimals(added, bias);
  const formula = `Sum ${formatNumber(added, decimals)} + bias ${bracketNumber(bias, decimals)} = ${formatNumber(total, decimals)}`;
  return activation === "none" ? formula
    : `${formula} → ${FUNCTIONS[activation]} → ${formatNumber(sum.result, decimals)}`;
}

/**
 * The terms of a sum as a table: the largest ones, the others in one row. For a convolution of
 * several maps, the sums over each of them.
 * @param {Layer} layer
 * @param {Sum} sum
 * @param {Stage} before the stage of the inputs
 * @returns {Table | null} null where a formula or a window says it all
 */
export function listTerms(layer, sum, before) {
  if (layer.kind === "softmax") return listPowers(sum);
  if (layer.kind === "convolution") return before.shape[2] > 1 ? listMaps(sum, before) : null;
  if (!["dense", "sums"].includes(layer.kind)) return null;
  const parts = sum.terms.map(({ input, value, weight, product }) => ({
    product,
    cells: [nameCell(before, input), `${formatNumber(value)} × ${bracketNumber(weight)}`],
  }));
  return listParts(parts, sum, [before.name, "Value × weight"]);
}

function listMaps(sum, before) {
  const parts = sumMaps(sum.terms, before.shape[2]).map((product, map) => ({ product, cells: [`map ${map + 1}`] }));
  return listParts(parts, sum, [before.name]);
}

function listParts(parts, { bias, total }, head) {
  const sorted = parts.toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const rest = sorted.slice(MAX_ROWS);
  const fill = (name, value) => [name, ...head.slice(1).map(() => ""), formatNumber(value)];
  return {
    head: [...head, "Adds"],
    rows: [
      ...sorted.slice(0, MAX_ROWS).map(({ cells, product }) => [...cells, formatNumber(product)]),
      ...(rest.length ? [fill(`${rest.length} others`, addProducts(rest))] : []),
      fill("Bias", bias),
      fill("Sum", total),
    ],
  };
}

function listPowers({ terms, bias, total, activation }) {
  const rows = terms.map(({ input, value, product }) =>
    [`digit ${input}`, formatNumber(value), formatNumber(product)]);
  if (activation !== "softmax") rows.push(["No digit", formatNumber(0), formatNumber(bias)]);
  return { head: ["", "Logit", "exp(logit − highest)"], rows: [...rows, ["Sum", "", formatNumber(total)]] };
}

/**
 * The window of a convolution or a pooling in one map: that of the pooling, or the one that adds
 * most.
 * @param {Layer} layer
 * @param {Sum} sum
 * @param {Stage} before the stage of the inputs
 * @param {number} cell
 * @returns {{name: string, rows: (import("./terms.js").Term | null)[][], hasWeights: boolean} | null}
 *   null outside of the image; no window for other layers
 */
export function findWindow(layer, { terms }, before, cell) {
  const size = layer.kernel ?? (layer.size ? [layer.size, layer.size] : null);
  if (!size) return null;
  const count = before.shape[2];
  const totals = sumMaps(terms, count).map(Math.abs);
  const map = layer.kernel ? totals.indexOf(Math.max(...totals)) : cell % count;
  const found = new Map(terms.map((term) => [term.input, term]));
  const rows = Array.from({ length: size[0] }, () => Array(size[1]).fill(null));
  for (const { y, x, position } of listWindow(layer, cell, size)) {
    rows[y][x] = found.get(position * count + map);
  }
  const name = count > 1 ? `${before.title}, map ${map + 1}` : before.title;
  return { name, rows, hasWeights: Boolean(layer.kernel) };
}

/** The sum of the products of each map of the input. */
function sumMaps(terms, count) {
  const sums = Array(count).fill(0);
  for (const { input, product } of terms) sums[input % count] += product;
  return sums;
}
