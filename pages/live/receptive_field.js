/**
 * Receptive field: the part of each earlier stage on which a cell of a network depends.
 *
 * This module does not know the page.
 *
 * @typedef {import("./trace.js").Stage} Stage
 *
 * @typedef {object} Field a rectangle of some maps of a stage
 * @property {number[]} maps their numbers, from 0
 * @property {number} top the first row
 * @property {number} left the first column
 * @property {number} bottom the row after the last one
 * @property {number} right the column after the last one
 */

import { locateCell } from "./maps.js";

/**
 * The receptive field of a cell in each stage.
 * @param {Stage[]} stages
 * @param {number} place of the stage
 * @param {number} cell its place among the values
 * @returns {(Field | null)[]} of each stage; null for those that the cell does not depend on
 */
export function findFields(stages, place, cell) {
  const fields = stages.map(() => null);
  fields[place] = coverCell(stages[place].shape, cell);
  for (let at = place; stages[at].source >= 0; at = stages[at].source) {
    const { layer, source } = stages[at];
    fields[source] = findInput(layer, fields[at], stages[source].shape);
    if (layer.kind === "products") fields[at - 1] = fields[at]; // the weights
  }
  return fields;
}

/**
 * A cell as a field.
 * @param {import("./maps.js").Shape} shape
 * @param {number} cell
 * @returns {Field}
 */
export function coverCell(shape, cell) {
  const { map, row, column } = locateCell(shape, cell);
  return { maps: [map], top: row, left: column, bottom: row + 1, right: column + 1 };
}

/** The part of a layer's input on which a part of its output depends. */
function findInput(layer, field, [height, width, count]) {
  const maps = Array.from({ length: count }, (_, map) => map);
  const all = { maps, top: 0, left: 0, bottom: height, right: width };
  switch (layer.kind) {
    case "convolution": return { ...findWindow(layer, field, layer.kernel), maps };
    case "max_pooling":
    case "average_pooling": return findWindow(layer, field, [layer.size, layer.size]);
    case "scale": return field;
    case "products": return { ...field, maps };
    case "sums": return { ...all, maps: field.maps };
    default: return all;
  }
}

function findWindow({ input: [height, width], stride, padding: [above, before] = [0, 0] }, field, size) {
  return {
    ...field,
    top: Math.max(0, field.top * stride - above),
    left: Math.max(0, field.left * stride - before),
    bottom: Math.min(height, (field.bottom - 1) * stride - above + size[0]),
    right: Math.min(width, (field.right - 1) * stride - before + size[1]),
  };
}
