/**
 * Windows: the inputs of a cell of a convolution or a pooling. This module does not know the page.
 *
 * @typedef {import("./network.js").Layer} Layer
 */

/**
 * The positions of the image in the window of a cell.
 * @param {Layer} layer
 * @param {number} cell its place in the output
 * @param {number[]} size height and width of the window
 * @returns {{y: number, x: number, position: number}[]} row and column in the window, and the place
 *   among the positions of the image
 */
export function listWindow({ input: [height, width], output, stride, padding = [0, 0] }, cell, size) {
  const [, columns, maps] = output;
  const place = Math.floor(cell / maps);
  const top = Math.floor(place / columns) * stride - padding[0];
  const left = (place % columns) * stride - padding[1];
  const window = [];
  for (let y = Math.max(0, -top); y < Math.min(size[0], height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(size[1], width - left); x++) {
      window.push({ y, x, position: (top + y) * width + left + x });
    }
  }
  return window;
}

/**
 * The places of the inputs of a cell of a pooling, which are in its own map.
 * @param {Layer} layer
 * @param {number} cell its place in the output
 */
export function listPool(layer, cell) {
  const channels = layer.input[2];
  return listWindow(layer, cell, [layer.size, layer.size])
    .map(({ position }) => position * channels + (cell % channels));
}

/**
 * The first place with the highest value.
 * @param {number[]} places
 * @param {Float32Array} values
 */
export function findHighest(places, values) {
  return places.reduce((best, place) => (values[place] > values[best] ? place : best));
}
